// The journal: filters in the URL, pages as one scrolls, new entries on top as they come, the download.

import { Places } from "./alarm_words.js";
import { getJson, h, setText } from "./dom.js";
import { endless } from "./endless.js";
import { COLUMNS, JournalRows } from "./journal_rows.js";
import { startShell } from "./shell.js";
import { language, number, t } from "./texts.js";

const $ = (id) => document.getElementById(id);
const NAMES = ["q", "category", "place", "span", "from", "to"];
const FAR_PX = 260; // further down nothing is put in above what is being read
const form = $("filters"), body = $("journal").tBodies[0];
const query = new URLSearchParams(location.search);
const key = query.get("key") ?? "";
const rows = new JournalRows(body);
let newest = null, tailing = false, live = true, waiting = [];

startShell();

/** What the filters mean for the API; local times become UTC. */
function asked() {
  const ask = new URLSearchParams({ lang: language });
  if (key) ask.set("key", key);
  for (const name of NAMES) {
    const value = form.elements[name].value.trim();
    if (!value || (form.elements.span.value !== "own" && (name === "from" || name === "to"))) continue;
    if (name === "span") { if (value !== "own") ask.set("from", new Date(Date.now() - Number(value) * 1000).toISOString()); } else if (name === "place") ask.set(value.includes(".") ? "device" : "site", value);
    else ask.set(name, name === "from" || name === "to" ? new Date(value).toISOString() : value);
  }
  return ask;
}

async function fetchPage(before) {
  const ask = asked();
  ask.set("limit", 100);
  if (before) ask.set("before", before);
  const page = await getJson(`/api/journal?${ask}`);
  if (!before) { rows.clear(); waiting = []; showWaiting(); }
  if (!before) newest = Math.max(0, ...page.entries.map((entry) => entry.id));
  return { rows: rows.below(page.entries), next: page.next };
}

const scroll = endless(body, COLUMNS, fetchPage);

function changed(soon) {
  const to = new URLSearchParams();
  if (key) to.set("key", key);
  const own = form.elements.span.value === "own";
  for (const name of NAMES) if (form.elements[name].value && (own || (name !== "from" && name !== "to"))) to.set(name, form.elements[name].value);
  for (const label of form.querySelectorAll(".date")) label.hidden = !own;
  history.replaceState(null, "", `/journal${to.size ? `?${to}` : ""}`);
  $("csv").href = `/api/journal.csv?${asked()}`;
  $("reset").hidden = !to.size;
  if (soon) scroll.restartSoon(); else scroll.restart();
}

/** What was recorded since; not while a filter ends the time, or the reader has stopped it. */
async function tail() {
  if (newest === null || tailing || !live || document.hidden || asked().has("to")) return;
  tailing = true;
  try {
    const ask = asked();
    ask.set("after", newest);
    ask.set("limit", 1000);
    const since = newest;
    const { entries } = await getJson(`/api/journal?${ask}`);
    if (!entries.length || newest !== since) return;
    newest = Math.max(...entries.map((entry) => entry.id));
    if (scrollY > FAR_PX) waiting = [...entries, ...waiting];
    else rows.above(entries);
    showWaiting();
  } catch { /* the page says it when it is asked for more */ } finally { tailing = false; }
}

function showWaiting() {
  $("waiting").hidden = !waiting.length;
  setText($("waiting"), t("journal.waiting", { n: number(waiting.length) }));
}

function takeWaiting() {
  rows.above(waiting);
  waiting = [];
  showWaiting();
}

$("waiting").addEventListener("click", () => { scrollTo({ top: 0 }); takeWaiting(); });
addEventListener("scroll", () => { if (waiting.length && scrollY <= FAR_PX) takeWaiting(); }, { passive: true });
$("live").addEventListener("click", () => {
  live = !live;
  $("live").setAttribute("aria-pressed", String(live));
  if (live) tail();
});
addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.target.matches("input, select")) { event.preventDefault(); form.elements.q.focus(); }
});

if (query.has("from") || query.has("to")) query.set("span", "own");
for (const name of NAMES) {
  if (query.get(name)) form.elements[name].value = query.get(name);
  form.elements[name].addEventListener(name === "q" ? "input" : "change", () => changed(name === "q"));
}
form.addEventListener("submit", (event) => { event.preventDefault(); changed(); });
$("reset").addEventListener("click", () => location.assign("/journal"));
setInterval(tail, 2000);

function fillPlaces(directory) {
  const places = rows.places = new Places(directory);
  $("place").append(...directory.sites.map((site) => h("optgroup", { label: places.site(site.name) },
    h("option", { value: site.name }, t("alarms.site.whole", { site: places.site(site.name) })),
    ...directory.devices.filter((device) => device.site === site.name).map((device) => h("option", { value: device.name }, places.device(device.name))))));
  $("place").value = query.get("place") ?? "";
}

getJson("/api/directory").then(fillPlaces, () => { rows.places = new Places(null); }).then(() => changed());
