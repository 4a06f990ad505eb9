// The trend page: view, source, chart, lanes, table, picker and markers joined.

import { colors } from "../colors.js";
import { getJson, setText } from "../dom.js";
import { Places } from "../alarm_words.js";
import { startShell } from "../shell.js";
import { language, moment, number, shown, t, unitWord } from "../texts.js";
import { Chart } from "./chart.js";
import { connectControls } from "./controls.js";
import { gestures } from "./gestures.js";
import { Lanes } from "./lanes.js";
import { Markers } from "./markers.js";
import { Picker } from "./picker.js";
import { Source } from "./source.js";
import { TagTable } from "./table.js";
import { MOST_TAGS, clamp, namesIn, readView, writeView } from "./view.js";

const $ = (id) => document.getElementById(id);
const RELOAD_MS = 60_000, TICK_MS = 250;
let view = readView(location.search), directory = null, byTag = new Map(), lines = [], pointed = null, dirty = true, wantedLoad = 0, loadedAt = 0, drawn = 0;

const feed = startShell(view.tags);
const recorded = $("trends").dataset.history === "yes";
const source = new Source(() => { attach(); redraw(); }, recorded);
const chart = new Chart($("chart"), { moved: (time) => { pointed = time; tip(); redraw(); }, draws: (plot) => { if (view.marks) markers.draw(plot); } });
const EMPTY = source.empty();
const lanes = new Lanes($("lanes"));
const markers = new Markers(() => { redraw(); notice(); requestAnimationFrame(() => requestAnimationFrame(() => tip())); });
const table = new TagTable($("lines").tBodies[0], { toggle, remove, move });
const picker = new Picker($("picker"), { add: (tag) => add([tag]), remove, preset }, (tag) => view.tags.includes(tag));

/** The window in Unix seconds; at the live edge it ends now. */
function windowOf() { const from = view.from ?? Date.now() / 1000 - view.span; return [from, from + view.span]; }

function redraw() { dirty = true; }

function change(part, { load = true, replace = true } = {}) {
  view = { ...view, ...part };
  const url = `/trends${writeView(view)}`;
  if (url !== location.pathname + location.search) history[replace ? "replaceState" : "pushState"](null, "", url);
  controls.show(view);
  if (load) loadSoon(0);
  redraw();
}

function loadSoon(wait) {
  clearTimeout(wantedLoad);
  wantedLoad = setTimeout(async () => {
    const [from, to] = windowOf();
    loadedAt = performance.now();
    $("chart").setAttribute("aria-busy", "true");
    await source.load(view.tags, from, to, chart.columns, view.compare);
    $("chart").removeAttribute("aria-busy");
    loadMarkers(from, to);
  }, wait);
}

function loadMarkers(from, to) {
  if (!view.marks || !view.tags.length || !recorded) { markers.clear(); return; }
  const tags = view.tags.map((tag) => byTag.get(tag)).filter(Boolean);
  markers.load(from, to, [...new Set(tags.map((tag) => tag.device).filter(Boolean))], [...new Set(tags.map((tag) => tag.site).filter(Boolean))]);
}

/** The lines of the view: what each tag is called, its colour, its unit, how its values are written. */
function build() {
  const palette = colors().lines;
  lines = view.tags.map((name, i) => {
    const tag = byTag.get(name), bit = tag?.kind === "bool", states = bit || tag?.kind === "enum", decimals = tag?.decimals ?? 1;
    const words = states ? (value) => (Number.isNaN(value) ? "—" : stateWord(tag, value)) : (value) => (Number.isNaN(value) ? "—" : shown(tag?.kind ?? "float", value, String(value), decimals, tag?.hex));
    return { tag: name, title: tag?.label[language] ?? name, place: placeOf(tag, name), unit: tag?.unit ?? "", unitText: unitWord(tag?.unit), decimals: tag?.kind === "int" ? 0 : decimals,
      color: palette[i % palette.length], states, bit, words, word: words, quiet: (value) => value === 0, hidden: view.hidden.has(name), shift: view.compare };
  });
  attach();
  table.show(lines);
  picker.mark();
  setText($("count"), lines.length ? String(lines.length) : "");
  $("nothing").hidden = lines.length > 0;
}

/** Give the lines their tracks; chart and lanes take what is not hidden. */
function attach() {
  for (const line of lines) {
    line.track = source.tracks.get(line.tag) ?? source.live.get(line.tag) ?? EMPTY;
    line.other = view.compare ? source.others.get(line.tag) : undefined;
    line.shift = view.compare;
  }
  const visible = lines.filter((line) => !line.hidden), curves = visible.filter((line) => !line.states);
  const shape = JSON.stringify([curves.map((line) => [line.tag, line.unit, line.color, Boolean(line.other)])]);
  if (shape !== attach.shape || !chart.plot) { attach.shape = shape; chart.show(curves); connectGestures(); } else chart.lines = chart.lines.map((line) => lines.find((other) => other.tag === line.tag));
  if (chart.plot) chart.compared = chart.lines.filter((line) => line.other);
  lanes.show(visible.filter((line) => line.states));
  notice();
}

/** What the picture does not show: no values, or not all events. */
function notice() {
  const cut = view.marks && markers.cut ? t("trends.marks.cut", { from: moment(new Date(markers.cut * 1000).toISOString()) }) : "";
  setText($("notice"), source.trouble ? t("error.load", { message: source.trouble }) : source.withoutHistory && view.tags.length ? t("trends.memory") : cut);
}

function stateWord(tag, value) {
  if (tag.kind === "bool") return t(`${tag.alarm ? "alarm" : "bool"}.${value ? "on" : "off"}`);
  return directory.enums?.[tag.enum]?.[String(Math.round(value))]?.[language] ?? number(value);
}

function placeOf(tag, name) {
  const device = directory?.devices.find((known) => known.name === tag?.device), site = directory?.sites.find((known) => known.name === tag?.site);
  return [site?.title[language], device?.title[language]].filter(Boolean).join(" · ") || name.split(".").slice(0, 2).join(".");
}

function add(tags) {
  const fresh = tags.filter((tag) => byTag.has(tag) && !view.tags.includes(tag) && !["text", "u64"].includes(byTag.get(tag).kind));
  const room = MOST_TAGS - view.tags.length;
  if (fresh.length > room) controls.say(t("trends.full", { n: MOST_TAGS }));
  if (fresh.length && room > 0) choose([...view.tags, ...fresh.slice(0, room)]);
}

function choose(tags, part = {}) {
  for (const tag of view.tags) if (!tags.includes(tag)) source.forget(tag);
  change({ tags, hidden: new Set([...view.hidden].filter((tag) => tags.includes(tag))), ...part }, { replace: false });
  feed.subscribe([...tags, "scada.alarms.*"]);
  build();
}

function remove(tag) { choose(view.tags.filter((other) => other !== tag)); }
function preset(tags, span) { choose(tags.slice(0, MOST_TAGS), view.from === null ? { span } : {}); controls.closePicker(); }
function toggle(tag) { const hidden = new Set(view.hidden); if (!hidden.delete(tag)) hidden.add(tag); change({ hidden }, { load: false }); build(); }
function move(tag, before) { if (tag === before) return; const tags = view.tags.filter((other) => other !== tag); tags.splice(tags.indexOf(before), 0, tag); choose(tags); }

/** Another window. At the live edge it follows; a window that was moved away stays. */
function setWindow(from, to, done) {
  const span = clamp(to - from), now = Date.now() / 1000, edge = from + span;
  const live = edge >= now && (view.from === null || edge > now - span * 0.02);
  view = { ...view, span, from: live ? null : from };
  redraw();
  const known = source.loaded, outside = !known || from < known.from || (!live && edge > known.to) || span > known.span * 1.5 || span < known.span / 1.5;
  if (outside) loadSoon(done ? 0 : 120);
  if (done) change({}, { load: false });
}

function goLive() { change({ from: null, at: null }); chart.at = null; }

function step(by) {
  const [from, to] = windowOf(), at = pointed ?? (from + to) / 2;
  chart.point(at + (by * (to - from)) / 100);
}

let hands = null;
function connectGestures() {
  hands = gestures(chart.plot.over, { window: windowOf, set: setWindow, live: goLive, step, tap: (time) => { chart.point(time); tip(true); } });
}

/** What stands under the pointer at the top of the plot. */
function tip(tapped) {
  const sign = pointed !== null && view.marks && chart.plot ? markers.near(chart.plot.cursor.left) : null, box = $("tip");
  box.hidden = !sign || (!tapped && chart.plot.cursor.top > 60);
  if (box.hidden) return;
  box.replaceChildren(...markers.words(sign));
  const left = chart.box.left + sign.x;
  box.style.left = `${Math.max(4, Math.min($("chart").clientWidth - box.offsetWidth - 4, left - box.offsetWidth / 2))}px`;
}

/** Once a frame, where something has changed; at the live edge as often as a column of the plot passes. */
function frame() {
  requestAnimationFrame(frame);
  if (!dirty || document.hidden || !chart.plot) return;
  dirty = false;
  const [from, to] = windowOf(), now = Date.now() / 1000;
  if (feed.connected && !feed.trouble) source.reach(now - Math.min(1, feed.liveSeconds ?? 1));
  chart.draw(from, to);
  lanes.draw(chart.box, from, to);
  const time = pointed ?? Math.min(now, to);
  table.values(time, pointed === null);
  if (performance.now() - drawn > TICK_MS) { drawn = performance.now(); table.window(from, to); } else if (!dirty) setTimeout(redraw, TICK_MS);
  setText($("when"), pointed === null && view.from === null ? t("trends.now") : moment(new Date(time * 1000).toISOString()));
  controls.span([from, to]);
}

setInterval(() => {
  if (view.from !== null || document.hidden) return;
  redraw();
  if (performance.now() - loadedAt > RELOAD_MS) loadSoon(0);
}, TICK_MS);

const controls = connectControls({
  view: () => view, change, lines: () => lines, chart, lanes, windowOf, goLive, add,
  open: (address) => { const tags = readView(address).tags; for (const tag of view.tags) if (!tags.includes(tag)) source.forget(tag); view = readView(address); chart.at = view.at; change({}, { replace: false }); feed.subscribe([...view.tags, "scada.alarms.*"]); build(); },
  hands: () => hands,
});

feed.addEventListener("snapshot", (event) => takeAll(event.detail.snapshot));
feed.addEventListener("changes", (event) => takeAll(event.detail));
function takeAll(items) {
  for (const item of items) if (view.tags.includes(item.tag)) source.take(item, byTag.get(item.tag)?.kind);
  if (view.from === null) redraw();
}

addEventListener("popstate", () => controls.open(location.search));
addEventListener("themechange", () => setTimeout(() => { attach.shape = ""; build(); redraw(); }));
for (const zone of [$("stage"), $("lines")]) {
  zone.addEventListener("dragover", (event) => { if (event.dataTransfer.types.includes("text/plain")) { event.preventDefault(); $("stage").classList.add("drop"); } });
  zone.addEventListener("dragleave", () => $("stage").classList.remove("drop"));
  zone.addEventListener("drop", (event) => { event.preventDefault(); $("stage").classList.remove("drop"); add(namesIn(event.dataTransfer.getData("text/plain"))); });
}

async function start() {
  directory = await getJson("/api/directory");
  byTag = new Map(directory.tags.map((tag) => [tag.tag, tag]));
  markers.places = new Places(directory);
  chart.at = view.at;
  picker.at(new URLSearchParams(location.search).get("place") ?? view.tags[0]);
  picker.build(directory);
  build();
  controls.show(view);
  loadSoon(0);
  frame();
}

start().catch((error) => setText($("notice"), t("error.load", { message: error.message })));
