// One tag over time: what the history gave, with the live edge behind it. Pure; times are Unix seconds.
//
// A row holds from its time until the next one (or, for lines, goes straight to it). A row of a bucket stands for all that
// happened in it: lowest, highest, mean. NaN is a gap: nothing was known, or what was known was bad.

export const BAD = 512, UNSURE = 256; // quality codes from here on (tagdb/quality.py)
const NOTHING = -1; // nothing was recorded: the program did not run

export class Track {
  constructor({ line = false } = {}) {
    this.line = line;
    this.size = 0;
    this.until = -Infinity; // up to when the last row holds
    this.grow(1024);
  }

  grow(room) {
    for (const [name, kind] of [["t", Float64Array], ["v", Float64Array], ["low", Float64Array], ["high", Float64Array], ["good", Float32Array], ["q", Uint16Array]]) {
      const before = this[name];
      this[name] = new kind(room);
      if (before) this[name].set(before.subarray(0, this.size));
    }
  }

  /** From one of the series of /api/history. until: seconds. */
  static of(series, until) {
    const track = new Track({ line: series.shape === "line" });
    const count = series.t.length;
    track.grow(Math.max(1024, count + 512));
    const samples = series.form === "samples", stepped = series.kind === "enum" || series.kind === "bool";
    const values = samples ? series.v : stepped ? series.last : series.mean; // the mean of two states is none
    for (let i = 0; i < count; i += 1) {
      const value = values[i] === null ? NaN : Number(values[i]);
      track.t[i] = series.t[i] / 1000;
      track.v[i] = value;
      track.low[i] = samples ? value : series.low[i] ?? NaN;
      track.high[i] = samples ? value : series.high[i] ?? NaN;
      track.good[i] = samples ? (Number.isNaN(value) ? 0 : 1) : series.good[i];
      track.q[i] = series.q[i];
    }
    track.size = count;
    // a bucket says nothing beyond its end, and the last one may reach beyond what is recorded
    const end = samples || !count ? until : Math.min(until, track.t[count - 1] + series.step_ms / 1000);
    track.until = Math.max(end, count ? track.t[count - 1] : -Infinity);
    return track;
  }

  /** One more value of the feed; null is a gap. What is not newer than the last row takes its place or is left out. */
  add(time, value, quality) {
    const last = this.size - 1;
    if (last >= 0 && time < this.t[last]) return;
    if (last >= 0 && time === this.t[last]) this.size -= 1;
    if (this.size === this.t.length) this.grow(2 * this.size);
    const i = this.size;
    this.t[i] = time;
    this.v[i] = this.low[i] = this.high[i] = value === null ? NaN : value;
    this.good[i] = value === null ? 0 : 1;
    this.q[i] = quality;
    this.size += 1;
    this.until = Math.max(this.until, time);
  }

  /** Go on with the rows of an older track that are newer than what this one knows. */
  continueWith(other) {
    const last = this.size ? this.t[this.size - 1] : -Infinity, from = Math.max(last, this.until);
    for (let i = other.after(last); i < other.size; i += 1) {
      if (other.t[i] > last && (other.t[i] > from || this.size === 0 || !same(other, i, this))) this.add(other.t[i], Number.isNaN(other.v[i]) ? null : other.v[i], other.q[i]);
    }
    this.until = Math.max(this.until, other.until);
  }

  /** Forget rows that ended before a time; the last one stays. */
  dropBefore(time) {
    const first = Math.min(this.size - 1, this.after(time) - 1);
    if (first < 1) return;
    for (const name of ["t", "v", "low", "high", "good", "q"]) this[name].copyWithin(0, first, this.size);
    this.size -= first;
  }

  /** Index of the first row after a time. */
  after(time) {
    let low = 0, high = this.size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.t[middle] > time) high = middle; else low = middle + 1;
    }
    return low;
  }

  /** Value in force at a moment; NaN where there is none. */
  at(time) {
    const i = this.after(time) - 1;
    if (i < 0 || time > this.until) return NaN;
    return this.between(i, time);
  }

  /** The newest moment that is known, where it is hardly older than now. */
  newest(now) { return now > this.until && now - this.until < 5 ? this.until : now; }

  /** Quality in force at a moment; null where nothing is known. */
  qualityAt(time) {
    const i = this.after(time) - 1;
    return i < 0 || time > this.until ? null : this.q[i];
  }

  between(i, time) {
    const here = this.v[i];
    if (!this.line || i + 1 >= this.size || time <= this.t[i] || Number.isNaN(this.v[i + 1])) return here;
    return here + ((time - this.t[i]) / (this.t[i + 1] - this.t[i])) * (this.v[i + 1] - here);
  }
}

function same(other, i, track) {
  const last = track.size - 1;
  return track.v[last] === other.v[i] || (Number.isNaN(track.v[last]) && Number.isNaN(other.v[i]));
}

/** Times of a grid of columns, four to each: what every track of a chart is drawn on. */
export function gridOf(from, to, columns) {
  const grid = new Float64Array(4 * columns), step = (to - from) / (4 * columns);
  for (let i = 0; i < grid.length; i += 1) grid[i] = from + i * step;
  return grid;
}

/** A track on that grid: entry, extremes and exit of every column, so that no peak is lost; null is a gap. */
export function resample(track, from, to, columns, shift = 0) {
  const out = new Array(4 * columns), width = (to - from) / columns, { t, v, low, high, size } = track;
  let i = track.after(from + shift) - 1;
  for (let c = 0; c < columns; c += 1) {
    const begin = from + shift + c * width, end = begin + width, at = 4 * c;
    while (i + 1 < size && t[i + 1] <= begin) i += 1;
    const entry = i >= 0 && (begin < track.until || begin === t[i]) ? (track.line ? track.between(i, begin) : v[i]) : NaN;
    let least = Infinity, most = -Infinity, exit = entry;
    if (entry === entry) { least = entry; most = entry; }
    if (i >= 0 && t[i] === begin) { least = Math.min(least, low[i] === low[i] ? low[i] : least); most = Math.max(most, high[i] === high[i] ? high[i] : most); }
    while (i + 1 < size && t[i + 1] < end) {
      i += 1;
      if (low[i] < least) least = low[i];
      if (high[i] > most) most = high[i];
      exit = v[i];
    }
    if (track.line && i >= 0 && i + 1 < size && exit === exit && end <= track.until) {
      exit = track.between(i, end);
      least = Math.min(least, exit);
      most = Math.max(most, exit);
    }
    if (end > track.until && begin > track.until) exit = NaN;
    if (least > most) { out[at] = out[at + 1] = out[at + 2] = out[at + 3] = null; continue; }
    const up = exit >= entry || exit !== exit;
    out[at] = entry === entry ? entry : null;
    out[at + 1] = up ? least : most;
    out[at + 2] = up ? most : least;
    out[at + 3] = exit === exit ? exit : null;
  }
  return out;
}

/** What a window holds: {low, high, mean (by time), last, good (share of it, 0-1)}; null where there is nothing. */
export function statistics(track, from, to, shift = 0) {
  const begin = from + shift, end = to + shift, { t, v, low, high, good, size } = track;
  let least = Infinity, most = -Infinity, sum = 0, known = 0, last = null;
  for (let i = Math.max(0, track.after(begin) - 1); i < size && t[i] < end; i += 1) {
    const start = Math.max(begin, t[i]), stop = Math.min(end, i + 1 < size ? t[i + 1] : track.until);
    if (v[i] !== v[i] || stop < start) continue;
    const took = (stop - start) * good[i];
    const first = track.line ? track.between(i, start) : v[i], final = track.line ? track.between(i, stop) : v[i];
    const ends = track.line ? [first, final] : [first];
    least = Math.min(least, t[i] >= begin ? low[i] : first, ...ends);
    most = Math.max(most, t[i] >= begin ? high[i] : first, ...ends);
    sum += ((first + final) / 2) * took;
    known += took;
    last = final;
  }
  if (last === null) return null;
  return { low: least, high: most, mean: known > 0 ? sum / known : last, last, good: Math.min(1, known / (end - begin)) };
}

/** Spans [from, to, quality] of a window in which a track was not good. */
export function troubles(track, from, to) {
  const spans = [], { t, q, v, size } = track;
  let i = Math.max(0, track.after(from) - 1);
  if (size && t[0] > from) spans.push([from, Math.min(t[0], to), NOTHING]);
  for (; i < size && t[i] < to; i += 1) {
    const stop = i + 1 < size ? t[i + 1] : Math.min(to, track.until);
    const grade = v[i] === v[i] || q[i] >= BAD ? q[i] : NOTHING;
    if (grade !== NOTHING && grade < UNSURE || stop <= from) continue;
    const before = spans[spans.length - 1];
    if (before && before[1] >= t[i] && level(before[2]) === level(grade)) before[1] = stop;
    else spans.push([Math.max(from, t[i]), stop, grade]);
  }
  return spans;
}

/** "good", "uncertain", "bad", or "none" where nothing was recorded. */
export function level(quality) { return quality < 0 ? "none" : quality >= BAD ? "bad" : quality >= UNSURE ? "uncertain" : "good"; }

/** States of a window as [from, to, value]; NaN where none is known. */
export function states(track, from, to, shift = 0) {
  const runs = [], begin = from + shift, end = to + shift, { t, v, size } = track;
  if (size && t[0] > begin) runs.push([from, Math.min(t[0], end) - shift, NaN]);
  for (let i = Math.max(0, track.after(begin) - 1); i < size && t[i] < end; i += 1) {
    const start = Math.max(begin, t[i]) - shift, stop = Math.min(end, i + 1 < size ? t[i + 1] : track.until) - shift;
    if (stop <= start) continue;
    const before = runs[runs.length - 1], value = v[i];
    if (before && (before[2] === value || (before[2] !== before[2] && value !== value))) before[1] = stop;
    else runs.push([start, stop, value]);
  }
  return runs;
}
