// The alarm page: tabs, the live list of open alarms, what is selected, and the keys.

import { showHealth } from "./alarm_health.js";
import { connectAlarmKeys } from "./alarm_keys.js";
import { showDetail } from "./alarm_detail.js";
import { acknowledge, acknowledgeAsked, reset, shelve, takeOut } from "./alarm_orders.js";
import { showPast, showShelved } from "./alarm_tabs.js";
import { Places, own } from "./alarm_words.js";
import { Rows, passes, quiet } from "./alarm_rows.js";
import { getJson, h, setText } from "./dom.js";
import { startShell } from "./shell.js";
import { language, number, t } from "./texts.js";

const $ = (id) => document.getElementById(id);
const TABS = ["open", "shelved", "past", "health"];
const filter = { q: "", place: "", priority: "", state: "" };
let tab, selected, pastKey, last = null; // last: the keyboard goes on from there
readUrl();
let places = new Places(null), told = null, revision = null, asking = false, again = false;

const rows = new Rows($("alarms"), places, {
  open: (alarm) => select(alarm.id === selected ? null : alarm.id),
  acknowledge: (alarm) => give(acknowledge({ items: [alarm.id] })),
  picked: () => showOrders(),
  fold: () => showOpen(),
});
const feed = startShell();

/** After an order the list is asked for at once; the revision may come a scan later. */
async function give(order) {
  if (await order) await load();
}

async function load() {
  if (asking) { again = true; return; }
  asking = true;
  try {
    told = await getJson(`/api/alarms?lang=${language}`);
    $("trouble").hidden = true;
    show();
  } catch (error) {
    setText($("trouble"), t("alarms.trouble", { message: error.message }));
    $("trouble").hidden = false;
  } finally {
    asking = false;
    if (again) { again = false; setTimeout(load, 300); } // in a burst the list changes with every scan
  }
}

function show() {
  const loud = told.alarms.filter((alarm) => !quiet(alarm));
  setText(document.querySelector('[data-count="open"]'), number(loud.length));
  setText(document.querySelector('[data-count="shelved"]'), told.shelves.length ? number(told.shelves.length) : "");
  if (tab === "open") showOpen();
  if (tab === "shelved") showShelved($("panel-shelved"), told, places, () => load());
}

function showOpen() {
  if (!told) return;
  const shown = told.alarms.filter((alarm) => passes(alarm, filter));
  rows.show(shown, selected);
  const loud = told.alarms.filter((alarm) => !quiet(alarm)).length;
  const filtered = Object.values(filter).some(Boolean);
  setText($("shown"), filtered ? t("alarms.shown", { n: number(shown.length), all: number(loud) }) : "");
  $("alarms").hidden = !shown.length;
  $("empty").hidden = shown.length > 0;
  setText($("empty"), filtered ? t("alarms.none.filtered") : t("alarms.none"));
  showOrders();
  showSelected();
}

function unseenShown() { return rows.alarms.filter((alarm) => !alarm.acknowledged && !quiet(alarm)); }
function unseenPicked() { return unseenShown().filter((alarm) => rows.picked.has(alarm.id)); }

function showOrders() {
  const unseen = unseenShown().length, picked = unseenPicked().length;
  $("orders").hidden = !unseen && !rows.picked.size;
  $("orders").classList.toggle("picking", picked > 0);
  setText($("picked"), t("alarms.picked", { n: rows.picked.size }));
  $("ack-picked").disabled = !picked;
  setText($("ack-shown"), t("alarms.ack.shown", { n: unseen }));
  $("ack-shown").disabled = !unseen;
  const all = $("pick-all");
  all.checked = rows.alarms.length > 0 && rows.alarms.every((alarm) => rows.picked.has(alarm.id));
  all.indeterminate = !all.checked && rows.picked.size > 0;
}

async function acknowledgePicked() {
  const items = unseenPicked().map((alarm) => alarm.id);
  const one = unseenShown().find((alarm) => alarm.id === selected);
  if (!items.length && one) items.push(one.id);
  if (!items.length) return;
  const comment = $("comment").value.trim();
  if (await acknowledge({ items }, comment)) {
    rows.picked.clear();
    $("comment").value = "";
    await load();
  }
}

async function acknowledgeShown() {
  const items = unseenShown().map((alarm) => alarm.id);
  await give(acknowledgeAsked({ items }, t("alarms.ack.shown.ask", { n: items.length })));
}

const orders = {
  acknowledge: (alarm, comment) => give(acknowledge({ items: [alarm.id] }, comment)),
  device: (alarm) => give(acknowledgeAsked({ device: alarm.device }, t("alarms.ack.device.ask", { device: places.device(alarm.device) }))),
  shelve: (alarm) => give(shelve(alarm, own(alarm.label, alarm.key))),
  takeOut: (alarm) => give(takeOut(alarm, own(alarm.label, alarm.key))),
  reset: (alarm) => give(reset(alarm)),
  close: () => select(null),
};

function select(id) {
  const opens = !selected && id;
  selected = id;
  last = id ?? last;
  writeUrl(opens); // of all alarms that are looked at one after the other, back leads to the list
  showOpen();
  if (id) $("detail").focus({ preventScroll: true });
  else $("detail").replaceChildren();
}

function showSelected() {
  $("detail").hidden = !selected;
  document.documentElement.toggleAttribute("data-detail", Boolean(selected));
  if (!selected) return;
  const id = selected;
  showDetail($("detail"), id, places, orders, () => selected === id)
    .catch((error) => { if (selected === id) $("detail").replaceChildren(h("p.hint", {}, error.message)); });
}

function readUrl() {
  const query = new URLSearchParams(location.search);
  tab = TABS.includes(query.get("tab")) ? query.get("tab") : "open";
  selected = Number(query.get("alarm")) || null;
  pastKey = query.get("key") ?? "";
  filter.place = query.get("device") ?? query.get("site") ?? "";
  for (const key of ["q", "priority", "state"]) filter[key] = query.get(key) ?? "";
}

/** push: the back button comes back here. */
function writeUrl(push = false) {
  const to = new URLSearchParams();
  if (tab !== "open") to.set("tab", tab);
  if (filter.place) to.set(filter.place.includes(".") ? "device" : "site", filter.place);
  for (const key of ["q", "priority", "state"]) if (filter[key]) to.set(key, filter[key]);
  if (pastKey && tab === "past") to.set("key", pastKey);
  if (selected && tab === "open") to.set("alarm", selected);
  const url = `/alarms${to.size ? `?${to}` : ""}`;
  if (url !== location.pathname + location.search) history[push ? "pushState" : "replaceState"](null, "", url);
}

function openTab(name, write = true) {
  tab = name;
  for (const button of document.querySelectorAll("[data-tab]")) button.setAttribute("aria-selected", String(button.dataset.tab === name));
  for (const each of TABS) $(`panel-${each}`).hidden = each !== name;
  if (write) writeUrl(true);
  if (name === "past") showPast($("panel-past"), pastKey, places);
  if (name === "health") showHealth($("panel-health"));
  if (told) show();
}

function fillPlaces(directory) {
  places = rows.places = new Places(directory);
  const options = directory.sites.map((site) => h("optgroup", { label: places.site(site.name) },
    h("option", { value: site.name }, t("alarms.site.whole", { site: places.site(site.name) })),
    ...directory.devices.filter((device) => device.site === site.name).map((device) => h("option", { value: device.name }, places.device(device.name)))));
  $("place").append(...options);
  $("place").value = filter.place;
}

for (const button of document.querySelectorAll("[data-tab]")) button.addEventListener("click", () => openTab(button.dataset.tab));
for (const key of Object.keys(filter)) {
  $(key).value = filter[key];
  $(key).addEventListener(key === "q" ? "input" : "change", () => { filter[key] = $(key).value.trim(); rows.picked.clear(); writeUrl(); showOpen(); });
}
$("pick-all").addEventListener("change", (event) => {
  rows.picked.clear();
  if (event.target.checked) for (const alarm of rows.alarms) rows.picked.add(alarm.id);
  showOpen();
});
$("ack-picked").addEventListener("click", acknowledgePicked);
$("ack-shown").addEventListener("click", acknowledgeShown);
$("comment").addEventListener("keydown", (event) => { if (event.key === "Enter") acknowledgePicked(); });

function step(by) {
  const at = rows.alarms.findIndex((alarm) => alarm.id === (selected ?? last));
  const next = rows.alarms[Math.max(0, Math.min(rows.alarms.length - 1, at + by))];
  if (!next) return;
  select(next.id);
  document.querySelector(`tr[data-id="${next.id}"]`)?.scrollIntoView({ block: "nearest" });
}

const current = () => rows.alarms.find((alarm) => alarm.id === selected);
connectAlarmKeys(() => tab === "open", {
  a: acknowledgePicked,
  A: () => { if (unseenShown().length) acknowledgeShown(); },
  j: () => step(1),
  k: () => step(-1),
  x: () => { if (current()) { rows.pick(selected, !rows.picked.has(selected)); showOpen(); } },
  c: () => (current() && !current().acknowledged ? $("detail").querySelector("input") : $("comment"))?.focus(),
  s: () => { if (current()) orders.shelve(current()); },
  "/": () => $("q").focus(),
  Escape: () => { if (!selected) return false; select(null); return true; },
});
addEventListener("popstate", () => {
  readUrl();
  for (const key of Object.keys(filter)) $(key).value = filter[key];
  openTab(tab, false);
  if (!selected) $("detail").replaceChildren();
});

function noteRevision(items) {
  const found = items.find((item) => item.tag === "scada.alarms.revision");
  if (!found || found.value === revision) return;
  revision = found.value;
  load();
}
feed.addEventListener("snapshot", (event) => noteRevision(event.detail.snapshot));
feed.addEventListener("changes", (event) => noteRevision(event.detail));
setInterval(() => rows.tick(), 1000);
// a revision that was missed, a runtime without the tag: the list is never older than this
setInterval(() => {
  if (document.hidden) return;
  load();
  if (tab === "health") showHealth($("panel-health"));
}, 10000);

getJson("/api/directory").then(fillPlaces, () => {}).then(() => { openTab(tab, false); return load(); });
