// What stands beside an open alarm: how its device's values went around the moment, and when it came before.

import { lastRaise } from "./alarm_words.js";
import { getJson } from "./dom.js";

/** Seconds before and after the raise. */
export const AROUND_S = 300;
const KEEP_MS = 8000;
const POINTS = 120;
const REMEMBERED_S = 900; // what the pages keep of every tag
const kept = new Map();

/** The same question within some seconds is answered once: the panel is drawn anew with every change of the list. */
function once(key, ask) {
  const now = Date.now(), known = kept.get(key);
  if (known && now - known.at < KEEP_MS) return known.answer;
  const answer = ask().catch(() => null);
  kept.set(key, { at: now, answer });
  if (kept.size > 50) kept.delete(kept.keys().next().value);
  return answer;
}

/** Earlier occurrences of the alarm, the last first; null where there is no history. */
export function earlier(alarm) {
  return once(`past ${alarm.id}`, async () => {
    const page = await getJson(`/api/alarms/history?key=${encodeURIComponent(alarm.key)}&limit=6`);
    return page.alarms.filter((one) => one.id !== alarm.id).slice(0, 5);
  });
}

/** Tag -> values around the raise, NaN where there was none; with where in them the raise is (0-1). Null: nothing is kept. */
export function around(alarm, tags) {
  if (!tags.length) return Promise.resolve(null);
  return once(`around ${alarm.id} ${alarm.again}`, async () => {
    const raised = Date.parse(lastRaise(alarm)) / 1000, now = Date.now() / 1000;
    const from = raised - AROUND_S, to = Math.min(now, raised + AROUND_S);
    const series = now - raised < REMEMBERED_S ? await lately(tags, from, to, now) : await recorded(tags, from, to);
    return series.size ? { series, raise: (raised - from) / (to - from) } : null;
  });
}

/** The pages remember little after they were started anew; what came before that is in the history, where there is one. */
async function lately(tags, from, to, now) {
  const series = await remembered(tags, from, to, now);
  if (tags.every((tag) => !Number.isNaN(series.get(tag)?.[0] ?? NaN))) return series;
  for (const [tag, points] of await recorded(tags, from, to).catch(() => [])) {
    series.set(tag, series.get(tag)?.map((value, i) => (Number.isNaN(value) ? points[i] : value)) ?? points);
  }
  return series;
}

/** Out of the pages' own memory: what is not yet in the history, and all there is without one. */
async function remembered(tags, from, to, now) {
  const recent = await getJson(`/api/recent?seconds=${Math.ceil(now - from)}&tags=${encodeURIComponent(tags.join(","))}`);
  return sampled(Object.entries(recent.tags), from, to, (values, seconds) => values[values.length - 1 - Math.round((now - seconds) / recent.step_s)]);
}

async function recorded(tags, from, to) {
  const span = `from=${from.toFixed(3)}&to=${to.toFixed(3)}&points=${POINTS}`;
  const { series } = await getJson(`/api/history?${span}&tags=${encodeURIComponent(tags.join(","))}`);
  return sampled(series.map((one) => [one.tag, one]), from, to, (one, seconds) => {
    const values = one.v ?? one.last, at = upTo(one.t, seconds * 1000);
    return at < 0 ? null : values[at];
  });
}

/** Index of the last time that is not after the moment; -1 = none. */
function upTo(times, moment) {
  let low = 0, high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= moment) low = middle + 1; else high = middle;
  }
  return low - 1;
}

function sampled(entries, from, to, valueAt) {
  const series = new Map();
  for (const [tag, of] of entries) {
    const points = Array.from({ length: POINTS }, (_, i) => valueAt(of, from + ((to - from) * i) / (POINTS - 1)) ?? NaN);
    if (points.some((value) => !Number.isNaN(value))) series.set(tag, points);
  }
  return series;
}
