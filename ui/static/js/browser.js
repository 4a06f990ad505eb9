// The tag browser's page: feed, store, tree, filters and table joined.

import { beforeQuality, byQuality, inPlace, isFiltered, isMoving, readState, sorted, writeState } from "./filters.js";
import { h, setText } from "./dom.js";
import { startShell } from "./shell.js";
import { LEVELS, TagStore } from "./store.js";
import { TagTable } from "./table.js";
import { TagTree } from "./tree.js";
import { language, number, t } from "./texts.js";

const $ = (id) => document.getElementById(id);
const store = new TagStore();
let state = readState();
let dirty = false;

const tree = new TagTree($("tree"), (prefix, group) => {
  closeTree();
  if (prefix !== null) change({ prefix, group: group ?? "" });
});
const table = new TagTable($("scroller"), $("rows"), {
  open: (row) => location.assign(`/tags/${encodeURIComponent(row.tag)}`),
  seed: (rows) => store.seed(rows),
});
const feed = startShell(["*"], { ages: true });

feed.addEventListener("snapshot", async (event) => {
  const before = store.directory;
  await store.takeSnapshot(event.detail);
  if (store.directory !== before) build();
  show(true);
});
feed.addEventListener("changes", (event) => {
  store.takeChanges(event.detail);
  if (!dirty) { dirty = true; requestAnimationFrame(() => { dirty = false; table.refresh(); }); }
});
setInterval(() => {
  if (!store.directory || document.hidden) return;
  store.recount();
  tree.update();
  if (isMoving(state)) show(true); else showCounts();
}, 1000);

/** A new directory: tree, groups, words of the alarm classes. */
function build() {
  const { directory, rows } = store;
  for (const row of rows) if (row.alarm) row.className = directory.alarm_classes[row.alarm]?.[language] ?? row.alarm;
  tree.build(directory, rows);
  const restored = sessionStorage.getItem(`scroll:${location.search}`);
  showControls();
  show(false);
  if (restored) $("scroller").scrollTop = Number(restored);
}

function change(part, replace = false) {
  rememberPlace();
  state = { ...state, ...part };
  writeState(state, replace);
  showControls();
  show(false);
}

function rememberPlace() { sessionStorage.setItem(`scroll:${location.search}`, String($("scroller").scrollTop)); }

/** The rows of the state, with a heading before each device and group in the plant's own order. */
function show(keepPlace) {
  if (!store.directory) return;
  const rows = sorted(byQuality(beforeQuality(store.rows, state), state), state);
  table.show(state.sort ? rows : withHeadings(rows), keepPlace);
  const empty = $("empty");
  empty.hidden = rows.length > 0;
  if (!rows.length) setText(empty, t(state.alarms && !state.q ? "filter.no-alarms" : "filter.none"));
  setText($("shown"), t("filter.shown", { n: number(rows.length), all: number(store.rows.length) }));
  showCounts();
}

function withHeadings(rows) {
  const items = [];
  let last = null;
  for (const row of rows) {
    const key = row.device ? `${row.device}|${row.group}` : row.tag.slice(0, row.tag.lastIndexOf("."));
    if (key !== last) items.push({ heading: headingOf(row, key) });
    last = key;
    items.push(row);
  }
  return items;
}

function headingOf(row, key) {
  if (!row.device) return key.startsWith("links.") ? `${t("tree.links")} · ${key.slice(6)}` : `${t("tree.scada")} · ${key.slice(6)}`;
  const { sites, devices, groups } = store.directory;
  const site = sites.find((known) => known.name === row.site), device = devices.find((known) => known.name === row.device);
  return [site?.title[language] ?? row.site, device?.title[language] ?? row.device, groups[row.group]?.[language] ?? row.group].join(" · ");
}

function showCounts() {
  const counts = Object.fromEntries(LEVELS.map((level) => [level, 0]));
  for (const row of beforeQuality(store.rows, state)) counts[row.quality] += 1;
  for (const level of LEVELS) setText(document.querySelector(`[data-count="${level}"]`), number(counts[level]));
}

function showControls() {
  if ($("q").value !== state.q) $("q").value = state.q;
  $("changed").value = state.changed;
  $("alarms").checked = state.alarms !== "";
  showGroups();
  const levels = state.quality.split(",");
  for (const button of document.querySelectorAll("[data-quality]")) button.setAttribute("aria-pressed", String(levels.includes(button.dataset.quality)));
  for (const head of document.querySelectorAll("[data-sort]")) {
    if (head.dataset.sort === state.sort) head.setAttribute("aria-sort", state.dir === "desc" ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  }
  $("reset").hidden = !isFiltered(state);
  const here = tree.mark(state.prefix, state.group);
  setText($("tree-where"), here ? here.title : state.prefix || t("tree.all"));
}

function showGroups() {
  const used = new Set(inPlace(store.rows, { ...state, group: "" }).map((row) => row.group));
  const groups = Object.entries(store.directory?.groups ?? {}).filter(([group]) => used.has(group));
  const options = groups.map(([group, title]) => h("option", { value: group }, title[language] ?? group));
  $("group").replaceChildren(h("option", { value: "" }, t("filter.group.all")), ...options);
  $("group").value = state.group;
}

function toggleSort(key) {
  if (state.sort !== key) change({ sort: key, dir: "" });
  else if (!state.dir) change({ dir: "desc" });
  else change({ sort: "", dir: "" });
}

function toggleQuality(level) {
  const levels = new Set(state.quality.split(",").filter(Boolean));
  if (!levels.delete(level)) levels.add(level);
  change({ quality: LEVELS.filter((known) => levels.has(known)).join(",") });
}

function openTree() { $("tree").classList.add("open"); $("tree-open").setAttribute("aria-expanded", "true"); }
function closeTree() { $("tree").classList.remove("open"); $("tree-open").setAttribute("aria-expanded", "false"); }

$("q").addEventListener("input", () => change({ q: $("q").value }, true));
$("q").addEventListener("keydown", (event) => {
  if (event.key === "Escape") { change({ q: "" }, true); $("scroller").focus(); event.preventDefault(); }
  if (event.key === "Enter" || event.key === "ArrowDown") { $("scroller").focus(); table.move(1); event.preventDefault(); }
});
$("group").addEventListener("change", () => change({ group: $("group").value }));
$("changed").addEventListener("change", () => change({ changed: $("changed").value }));
$("alarms").addEventListener("change", () => change({ alarms: $("alarms").checked ? "1" : "" }));
$("reset").addEventListener("click", () => change({ q: "", quality: "", group: "", changed: "", alarms: "" }));
$("tree-open").addEventListener("click", () => ($("tree").classList.contains("open") ? closeTree() : openTree()));
for (const button of document.querySelectorAll("[data-quality]")) button.addEventListener("click", () => toggleQuality(button.dataset.quality));
for (const head of document.querySelectorAll("[data-sort]")) head.firstElementChild.addEventListener("click", () => toggleSort(head.dataset.sort));
addEventListener("popstate", () => { state = readState(); showControls(); show(false); restorePlace(); });
addEventListener("pagehide", rememberPlace);
addEventListener("keydown", (event) => {
  if (event.target.matches("input, select") || $("help").open) return;
  if (event.key === "/") { $("q").focus(); $("q").select(); event.preventDefault(); }
  if (event.key === "Escape") { if ($("tree").classList.contains("open")) closeTree(); else if (isFiltered(state)) change({ q: "", quality: "", changed: "", alarms: "" }); }
  if (event.key.startsWith("Arrow") && event.target === document.body) { $("scroller").focus(); table.key(event); }
});

function restorePlace() {
  const place = sessionStorage.getItem(`scroll:${location.search}`);
  if (place) $("scroller").scrollTop = Number(place);
}
