// Service worker of the checklists: opens one without a network. It stands at /maintenance/services/ and sees nothing else.
//
// The network always comes first, also for scripts: what is kept is given only when nothing answers. Requests of the API
// are none of its business: what the plant does is never told from memory.

const NAME = "checklists-1";
const CHECKLIST = /^\/maintenance\/services\/[0-9a-zA-Z-]{8,64}$/;
/** A network that is there and carries nothing is none. */
const PATIENCE_MS = 5000;

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith("checklists-") && name !== NAME) await caches.delete(name);
  await self.clients.claim();
})()));

self.addEventListener("message", (event) => event.waitUntil((async () => {
  const cache = await caches.open(NAME), { keep, forget } = event.data ?? {};
  if (forget) await cache.delete(forget);
  if (!keep) return;
  await Promise.all(keep.map(async (url) => store(cache, url, await fetch(url))));
  event.ports[0]?.postMessage("kept");
})().catch(() => {}))); // without a network what was kept before stays

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  const page = event.request.mode === "navigate" && CHECKLIST.test(url.pathname);
  if (page || url.pathname.startsWith("/static/")) event.respondWith(answer(event, page ? url.pathname : url.pathname + url.search));
});

async function answer(event, key) {
  const cache = await caches.open(NAME), kept = await cache.match(key);
  const asked = fetch(event.request).then(async (response) => {
    if (response.status >= 500 && kept) return kept; // a proxy is there, the server is not
    if (kept) await store(cache, key, response.clone());
    return response;
  });
  if (!kept) return asked;
  event.waitUntil(asked.catch(() => {}));
  return Promise.race([asked.catch(() => kept), new Promise((resolve) => { setTimeout(() => resolve(kept), PATIENCE_MS); })]);
}

/** Only what was really answered: no refusal, no log-in page. */
async function store(cache, key, response) {
  if (response.status === 200 && !response.redirected) await cache.put(key, response);
}
