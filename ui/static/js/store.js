// All tags in the browser: the directory joined with the live values. Stage: feed -> rows -> tree and table.

import { getJson } from "./dom.js";
import { language, shown, unitWord } from "./texts.js";

const POINTS = 150; // of a sparkline: five minutes at two seconds
const STEP_MS = 2000;
const LEVELS = ["good", "uncertain", "bad"];

const now = () => performance.now() / 1000;

export class TagStore {
  constructor() {
    this.rows = [];
    this.byTag = new Map();
    this.directory = null;
    this.waiting = null;
    this.counts = { good: 0, uncertain: 0, bad: 0 };
    setInterval(() => this.tick(), STEP_MS);
  }

  async load() {
    const directory = await getJson("/api/directory");
    const before = this.byTag;
    this.directory = directory;
    const place = (tag) => (tag.device ? 0 : tag.tag.startsWith("links.") ? 1 : 2); // the plant first
    const devices = new Map(directory.devices.map((device, i) => [device.name, i]));
    const groups = new Map(Object.keys(directory.groups).map((group, i) => [group, i]));
    const device = (tag) => devices.get(tag.device) ?? -1;
    const group = (tag) => (tag.group === "comm" ? Infinity : groups.get(tag.group) ?? 0); // how it is read comes last
    const tags = directory.tags.toSorted((a, b) => place(a) - place(b) || device(a) - device(b)
      || (a.device && group(a) !== group(b) ? group(a) - group(b) : 0));
    this.rows = tags.map((tag, order) => makeRow(tag, order, before.get(tag.tag)));
    this.byTag = new Map(this.rows.map((row) => [row.tag, row]));
  }

  /** Take a whole snapshot; loads the directory again when it is of another generation. */
  async takeSnapshot(message) {
    if (!this.directory || this.directory.generation !== message.generation || this.directory.epoch !== message.epoch) {
      this.waiting ??= []; // changes that come meanwhile are newer than this snapshot
      await this.load();
    }
    const at = now();
    message.snapshot.forEach((item, index) => {
      const row = this.byTag.get(item.tag);
      if (!row) return;
      assign(row, item);
      const ago = message.ages_s?.[index];
      row.changedAt = ago === null || ago === undefined ? null : at - ago;
    });
    const late = this.waiting ?? [];
    this.waiting = null;
    late.forEach((items) => this.takeChanges(items));
    this.recount();
  }

  takeChanges(items) {
    if (this.waiting) { this.waiting.push(items); return []; }
    const at = now();
    const changed = [];
    for (const item of items) {
      const row = this.byTag.get(item.tag);
      if (!row) continue;
      assign(row, item);
      row.changedAt = at;
      row.version += 1;
      changed.push(row);
    }
    return changed;
  }

  recount() {
    const counts = { good: 0, uncertain: 0, bad: 0 };
    for (const row of this.rows) counts[row.quality] += 1;
    this.counts = counts;
  }

  /** Keep one more point of every sparkline that is known. */
  tick() {
    for (const row of this.rows) {
      if (!row.points) continue;
      row.points.copyWithin(0, 1);
      row.points[POINTS - 1] = pointOf(row);
    }
  }

  /** Fetch the last minutes of these rows where they are not known yet. */
  async seed(rows) {
    const wanted = rows.filter((row) => !row.points && row.kind !== "text").slice(0, 200);
    if (!wanted.length) return false;
    for (const row of wanted) row.points = new Float32Array(POINTS).fill(NaN);
    const names = wanted.map((row) => row.tag).join(",");
    try {
      const answer = await getJson(`/api/recent?seconds=${(POINTS * STEP_MS) / 1000}&tags=${encodeURIComponent(names)}`);
      for (const row of wanted) {
        const values = (answer.tags[row.tag] ?? []).slice(-(POINTS - 1));
        values.forEach((value, i) => { row.points[POINTS - 1 - values.length + i] = value ?? NaN; });
        row.points[POINTS - 1] = pointOf(row);
      }
    } catch { /* the sparkline begins now instead */ }
    return true;
  }
}

function pointOf(row) {
  if (row.quality === "bad" || row.value === null) return NaN;
  return typeof row.value === "string" ? NaN : Number(row.value);
}

function makeRow(tag, order, before) {
  const label = tag.label[language] ?? tag.tag;
  return {
    ...tag,
    order,
    title: label,
    unitText: unitWord(tag.unit),
    search: [tag.tag, ...Object.values(tag.label), tag.code ?? ""].join(" ").toLowerCase(),
    steps: tag.kind === "bool" || tag.kind === "enum",
    value: null, text: "", show: "—", quality: "uncertain", reason: "not read yet", time: null,
    changedAt: null,
    version: 0,
    points: before?.points ?? null,
  };
}

function assign(row, item) {
  row.value = item.value;
  row.text = item.text;
  row.quality = item.quality;
  row.reason = item.reason;
  row.time = item.time;
  row.show = shown(row.kind, item.value, item.text, row.decimals, row.hex);
}

/** An alarm that is set; what is known to be bad does not count. */
export function alarmSet(row) { return Boolean(row.alarm) && row.value === true && row.quality !== "bad"; }

export function ageOf(row) { return row.changedAt === null ? null : now() - row.changedAt; }

export { LEVELS };
