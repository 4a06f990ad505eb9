// What the tag browser shows: its state in the URL, and the rows that pass it, in order.

import { ageOf, alarmSet } from "./store.js";
import { language } from "./texts.js";

const EMPTY = { prefix: "", q: "", quality: "", group: "", changed: "", alarms: "", sort: "", dir: "" };

export function readState() {
  const query = new URLSearchParams(location.search);
  return Object.fromEntries(Object.keys(EMPTY).map((key) => [key, query.get(key) ?? ""]));
}

/** Put the state into the URL: a new entry of the history, or (while typing) the same one. */
export function writeState(state, replace) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(state)) if (value) query.set(key, value);
  const text = query.toString().replaceAll("%40", "@").replaceAll("%2C", ",");
  const url = text ? `/?${text}` : "/";
  if (url === location.pathname + location.search) return;
  history[replace ? "replaceState" : "pushState"](null, "", url);
}

export function isFiltered(state) { return ["q", "quality", "group", "changed", "alarms"].some((key) => state[key]); }

/** The rows of the state's place in the tree. */
export function inPlace(rows, state) {
  return rows.filter((row) => row.tag.startsWith(state.prefix) && (!state.group || row.group === state.group));
}

/** The rows that pass everything but quality: what the quality buttons count. */
export function beforeQuality(rows, state) {
  const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
  const seconds = Number(state.changed) || 0;
  return inPlace(rows, state).filter((row) => {
    if (state.alarms && !alarmSet(row)) return false;
    if (seconds && !(row.changedAt !== null && ageOf(row) <= seconds)) return false;
    return words.every((word) => (word.startsWith("@") ? `@${row.address}` === word : row.search.includes(word)));
  });
}

export function byQuality(rows, state) {
  if (!state.quality) return rows;
  const levels = state.quality.split(",");
  return rows.filter((row) => levels.includes(row.quality));
}

const collator = new Intl.Collator(language, { numeric: true });
const WORST = { bad: 0, uncertain: 1, good: 2 };
const KEYS = {
  tag: (a, b) => collator.compare(a.tag, b.tag),
  label: (a, b) => collator.compare(a.title, b.title),
  quality: (a, b) => WORST[a.quality] - WORST[b.quality],
  value: (a, b) => weight(a) - weight(b) || collator.compare(a.text, b.text),
  changed: (a, b) => (b.changedAt ?? -Infinity) - (a.changedAt ?? -Infinity),
};

function weight(row) {
  if (row.value === null) return -Infinity;
  return typeof row.value === "string" ? 0 : Number(row.value);
}

/** Sorted by a column; without one in the order of the plant. */
export function sorted(rows, state) {
  const compare = KEYS[state.sort];
  if (!compare) return rows;
  const sign = state.dir === "desc" ? -1 : 1;
  return rows.slice().sort((a, b) => sign * compare(a, b) || a.order - b.order);
}

/** Whether rows come, go or move while values change. */
export function isMoving(state) {
  return Boolean(state.quality || state.changed || state.alarms || ["value", "quality", "changed"].includes(state.sort));
}
