// The journal: filters in the URL, pages as one scrolls, new entries on top as they come, the download.

import { Places, fullTime, mark, own, tagHref } from "./alarm_words.js";
import { getJson, h } from "./dom.js";
import { endless } from "./endless.js";
import { startShell } from "./shell.js";
import { language, t, word } from "./texts.js";

const $ = (id) => document.getElementById(id);
const NAMES = ["q", "category", "place", "from", "to"];
const form = $("filters"), body = $("journal").tBodies[0];
const query = new URLSearchParams(location.search);
const key = query.get("key") ?? "";
let places = new Places(null), newest = null, tailing = false;

startShell();

/** What the filters mean for the API; local times become UTC. */
function asked() {
  const ask = new URLSearchParams({ lang: language });
  if (key) ask.set("key", key);
  for (const name of NAMES) {
    const value = form.elements[name].value.trim();
    if (!value) continue;
    if (name === "place") ask.set(value.includes(".") ? "device" : "site", value);
    else ask.set(name, name === "from" || name === "to" ? new Date(value).toISOString() : value);
  }
  return ask;
}

async function fetchPage(before) {
  const ask = asked();
  ask.set("limit", 100);
  if (before) ask.set("before", before);
  const page = await getJson(`/api/journal?${ask}`);
  if (!before) newest = Math.max(0, ...page.entries.map((entry) => entry.id));
  return { rows: page.entries.map(row), next: page.next };
}

function row(entry) {
  const changed = entry.before || entry.after ? [entry.before, entry.after].filter(Boolean).map((state) => word(`astate.${state}`, state)).join(" → ") : "";
  const text = own(entry.text, entry.key);
  const priority = entry.category === "alarm" ? entry.data?.priority : null;
  const tag = entry.key.includes(":") || !entry.key.includes(".") ? text : h("a", { href: tagHref(entry.key), title: entry.key }, text);
  return h("tr", {}, h("td.c-time", { title: entry.source_time ? `${t("alarms.source")}: ${fullTime(entry.source_time)}` : null }, fullTime(entry.time)),
    h("td.c-category", {}, word(`category.${entry.category}`, entry.category)),
    h("td.c-device", {}, places.device(entry.device, entry.site)),
    h("td.wrap.c-what", {}, priority ? mark(priority, true) : null, h("span.event", {}, word(`event.${entry.event}`, entry.event)), " ", tag),
    h("td.c-change", {}, changed),
    h("td.wrap.c-who", {}, [entry.who, entry.comment].filter(Boolean).join(": ")));
}

const scroll = endless(body, 6, fetchPage);

function changed(soon) {
  const to = new URLSearchParams();
  if (key) to.set("key", key);
  for (const name of NAMES) if (form.elements[name].value) to.set(name, form.elements[name].value);
  history.replaceState(null, "", `/journal${to.size ? `?${to}` : ""}`);
  $("csv").href = `/api/journal.csv?${asked()}`;
  $("reset").hidden = !to.size;
  if (soon) scroll.restartSoon(); else scroll.restart();
}

/** What was recorded since; not while a filter ends the time. */
async function tail() {
  if (newest === null || tailing || document.hidden || form.elements.to.value) return;
  tailing = true;
  try {
    const ask = asked();
    ask.set("after", newest);
    ask.set("limit", 1000);
    const since = newest;
    const { entries } = await getJson(`/api/journal?${ask}`);
    if (!entries.length || newest !== since) return;
    newest = Math.max(...entries.map((entry) => entry.id));
    body.prepend(...entries.map(row));
  } catch { /* the page says it when it is asked for more */ } finally { tailing = false; }
}

for (const name of NAMES) {
  if (query.get(name)) form.elements[name].value = query.get(name);
  form.elements[name].addEventListener(name === "q" ? "input" : "change", () => changed(name === "q"));
}
form.addEventListener("submit", (event) => { event.preventDefault(); changed(); });
$("reset").addEventListener("click", () => location.assign("/journal"));
setInterval(tail, 2000);

function fillPlaces(directory) {
  places = new Places(directory);
  $("place").append(...directory.sites.map((site) => h("optgroup", { label: places.site(site.name) },
    h("option", { value: site.name }, t("alarms.site.whole", { site: places.site(site.name) })),
    ...directory.devices.filter((device) => device.site === site.name).map((device) => h("option", { value: device.name }, places.device(device.name))))));
  $("place").value = query.get("place") ?? "";
}

getJson("/api/directory").then(fillPlaces, () => {}).then(() => changed());
