// Where the tracks come from: the history for the past, the feed for the live edge, the pages' memory where there is no history.

import { getJson } from "../dom.js";
import { Track } from "./track.js";

const CODES = { good: 192, uncertain: 257, bad: 512 };
const MEMORY_S = 900, KEPT_S = 120, AHEAD_S = 90;

export class Source {
  /** changed(): something came that is worth drawing. */
  constructor(changed, recorded) {
    this.changed = changed;
    this.recorded = recorded; // whether there is a history to ask
    this.tracks = new Map(); // tag -> Track
    this.others = new Map(); // tag -> Track of the period it is compared with
    this.live = new Map(); // tag -> Track of what the feed brought since it was subscribed
    this.loaded = null; // {from, to, points} of the tracks
    this.turn = 0;
    this.withoutHistory = false;
    this.trouble = "";
  }

  /** One item of the feed. Its source time is where it belongs; it is not older than the one before. */
  take(item, kind) {
    if (kind === "text" || kind === "u64" || item.time === null) return;
    const at = Date.parse(item.time) / 1000, value = item.quality === "bad" || item.value === null ? null : Number(item.value);
    let live = this.live.get(item.tag);
    if (!live) this.live.set(item.tag, live = new Track());
    // a value that turns bad keeps the time at which it was read; the gap begins when that is told
    const last = live.size ? live.t[live.size - 1] : -Infinity;
    const when = at > last ? at : value === null || live.q[live.size - 1] !== CODES[item.quality] ? Math.max(this.now(), last + 0.001) : at;
    live.add(when, value, CODES[item.quality] ?? CODES.bad);
    this.tracks.get(item.tag)?.add(when, value, CODES[item.quality] ?? CODES.bad);
  }

  now() { return Date.now() / 1000; }
  empty() { return new Track(); }

  /** Up to when the feed has told everything: values that did not change since hold until then. */
  reach(time) {
    for (const [tag, track] of this.tracks) if (this.live.has(tag)) track.until = Math.max(track.until, time);
  }

  forget(tag) { this.tracks.delete(tag); this.others.delete(tag); this.live.delete(tag); }

  /** Fetch what a window needs, with half of it on either side, so that panning finds something. */
  async load(tags, from, to, points, compare) {
    const turn = (this.turn += 1), now = this.now();
    const begin = from - (to - from) / 2, end = Math.min(to + (to - from) / 2, Math.max(now, to) + 1);
    const wanted = Math.round(points * ((end - begin) / (to - from)));
    const beyond = Math.max(to + (to - from) / 2, to + AHEAD_S); // an earlier period goes on where this one has its live edge
    if (!tags.length) { this.tracks.clear(); this.others.clear(); this.loaded = { from: begin, to: end, span: to - from }; this.changed(); return; }
    try {
      if (!this.recorded) throw Object.assign(new Error(), { code: "no-history" });
      const [answer, other] = await Promise.all([history(tags, begin, end, wanted), compare ? history(tags, begin - compare, beyond - compare, wanted) : null]);
      if (turn !== this.turn) return;
      this.withoutHistory = false;
      this.trouble = "";
      this.replace(tags, answer, other);
    } catch (error) {
      if (turn !== this.turn) return;
      this.withoutHistory = error.code === "no-history" || error.code === "history-gone";
      this.trouble = this.withoutHistory ? "" : error.message;
      if (this.withoutHistory) await this.remember(tags);
      if (turn !== this.turn) return;
    }
    this.loaded = { from: begin, to: end, span: to - from };
    this.changed();
  }

  replace(tags, answer, other) {
    const until = answer.until ? Date.parse(answer.until) / 1000 : -Infinity;
    this.tracks.clear();
    this.others.clear();
    for (const series of answer.series) this.tracks.set(series.tag, Track.of(series, Math.min(until, Date.parse(answer.to) / 1000)));
    for (const series of other?.series ?? []) this.others.set(series.tag, Track.of(series, Math.min(Date.parse(other.until ?? other.to), Date.parse(other.to)) / 1000));
    for (const tag of tags) if (!this.tracks.has(tag)) this.tracks.set(tag, new Track());
    if (Date.parse(answer.to) / 1000 >= until) this.join();
  }

  /** The live edge goes on where the recorded values end. */
  join() {
    for (const [tag, track] of this.tracks) {
      const live = this.live.get(tag);
      if (!live) continue;
      const recorded = track.until;
      track.continueWith(live);
      live.dropBefore(recorded - KEPT_S);
    }
  }

  async remember(tags) {
    const answer = await getJson(`/api/recent?seconds=${MEMORY_S}&tags=${encodeURIComponent(tags.join(","))}`).catch(() => ({ tags: {} }));
    const newest = this.now();
    this.tracks.clear();
    for (const tag of tags) {
      const track = new Track(), values = answer.tags[tag] ?? [];
      values.forEach((value, i) => track.add(newest - (values.length - 1 - i) * answer.step_s, value, value === null ? CODES.bad : CODES.good));
      this.tracks.set(tag, track);
    }
    this.join();
  }
}

async function history(tags, from, to, points) {
  const query = new URLSearchParams({ from: from.toFixed(3), to: to.toFixed(3), points: String(Math.max(2, Math.min(20000, points))) });
  const response = await fetch(`/api/history?tags=${encodeURIComponent(tags.join(","))}&${query}`);
  const body = await response.json();
  if (!response.ok) throw Object.assign(new Error(body.error?.message ?? response.statusText), { code: body.error?.code });
  return body;
}
