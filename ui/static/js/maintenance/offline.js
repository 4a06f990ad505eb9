// The checklist without a network: the browser keeps this page and its scripts, and opens it from there when nothing answers.
//
// Only where browsers allow it: over TLS, or on this machine.

/** Keep this page; ready() when it can be opened without a network. */
export async function keepPage(ready) {
  const worker = await workerOf();
  if (!worker) return;
  const parts = performance.getEntriesByType("resource").map((entry) => new URL(entry.name)).filter((url) => url.origin === location.origin && url.pathname.startsWith("/static/"));
  const channel = new MessageChannel();
  channel.port1.onmessage = () => ready();
  worker.postMessage({ keep: [location.pathname, ...new Set(parts.map((url) => url.pathname + url.search))] }, [channel.port2]);
}

/** A service that is signed is not opened without a network any more. */
export async function forgetPage() {
  (await workerOf())?.postMessage({ forget: location.pathname });
}

async function workerOf() {
  if (!("serviceWorker" in navigator)) return null;
  try {
    await navigator.serviceWorker.register("/maintenance/services/worker.js");
    return (await navigator.serviceWorker.ready).active;
  } catch {
    return null; // the page works as ever, it only cannot be opened anew
  }
}
