// Alarms and events over the curves: fetched for a window, drawn as signs at its top, told in words where one points at.

import { Places, fullTime, own } from "../alarm_words.js";
import { getJson, h } from "../dom.js";
import { colors } from "../colors.js";
import { language, t, word } from "../texts.js";

const MOST = 500, NEAR_PX = 9;
const CATEGORIES = "alarm,device,breaker,mode,mains,command,config,runtime";
const RAISED = new Set(["raise", "raise-again", "present-at-start"]);

export class Markers {
  constructor(changed) {
    this.changed = changed;
    this.entries = [];
    /** From when on all events are here, Unix seconds; null: all of the window are. */
    this.cut = null;
    this.places = new Places(null);
    this.turn = 0;
  }

  /** devices, sites: those of the tags; an event elsewhere is none of theirs. */
  async load(from, to, devices, sites) {
    const turn = (this.turn += 1);
    const query = new URLSearchParams({ lang: language, category: CATEGORIES, limit: String(MOST), from: new Date(from * 1000).toISOString(), to: new Date(to * 1000).toISOString() });
    if (sites.length === 1) query.set("site", sites[0]);
    let entries = [], next = null;
    try {
      if (devices.length || sites.length) ({ entries, next } = await getJson(`/api/journal?${query}`));
    } catch { /* there is no journal: the curves do without */ }
    if (turn !== this.turn) return;
    this.entries = entries.filter((entry) => keeps(entry, devices, sites)).map((entry) => ({ ...entry, at: Date.parse(entry.time) / 1000 })).sort((a, b) => a.at - b.at);
    this.cut = next === null || !entries.length ? null : Math.min(...entries.map((entry) => Date.parse(entry.time))) / 1000;
    this.changed();
  }

  clear() { this.turn += 1; this.entries = []; this.cut = null; this.changed(); }

  draw(plot) {
    const { ctx, bbox } = plot, ratio = devicePixelRatio, palette = colors();
    this.signs = [];
    for (const entry of this.entries) {
      const x = plot.valToPos(entry.at, "x", true);
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      const before = this.signs[this.signs.length - 1], place = (x - bbox.left) / ratio;
      if (before && place - before.x < NEAR_PX) { before.entries.push(entry); continue; }
      this.signs.push({ x: place, entries: [entry] });
    }
    for (const sign of this.signs) this.sign(ctx, bbox, sign, palette, ratio);
  }

  sign(ctx, bbox, { x, entries }, palette, ratio) {
    const alarms = entries.filter((entry) => entry.category === "alarm"), most = Math.min(9, ...alarms.map((entry) => entry.data?.priority ?? 5));
    const color = alarms.length ? palette[`p${Math.min(5, most)}`] : palette.axis, at = Math.round(bbox.left + x * ratio) + 0.5, top = bbox.top;
    ctx.save();
    ctx.setLineDash([]);
    ctx.strokeStyle = ctx.fillStyle = color;
    ctx.globalAlpha = 0.35;
    ctx.lineWidth = ratio;
    ctx.beginPath();
    ctx.moveTo(at, top);
    ctx.lineTo(at, top + bbox.height);
    ctx.stroke();
    ctx.globalAlpha = 1;
    ctx.beginPath();
    if (alarms.length) { ctx.moveTo(at, top + 9 * ratio); ctx.lineTo(at - 6 * ratio, top - 2 * ratio); ctx.lineTo(at + 6 * ratio, top - 2 * ratio); } else ctx.arc(at, top + 3 * ratio, 3.5 * ratio, 0, 7);
    ctx.fill();
    ctx.restore();
  }

  /** What stands at a place of the plot, CSS pixels. */
  near(x) {
    let best = null;
    for (const sign of this.signs ?? []) if (Math.abs(sign.x - x) <= NEAR_PX && (!best || Math.abs(sign.x - x) < Math.abs(best.x - x))) best = sign;
    return best;
  }

  /** The sign in words. */
  words(sign) {
    const shown = sign.entries.slice(0, 6), rest = sign.entries.length - shown.length;
    return [...shown.map((entry) => h("p", {}, h("span.when", {}, fullTime(entry.time)), " ", h("strong", {}, this.places.device(entry.device, entry.site)), " ",
      h("span.muted", {}, word(`event.${entry.event}`, entry.event)), " ", own(entry.text, entry.key))),
    rest > 0 ? h("p.muted", {}, t("trends.marks.more", { n: rest })) : null].filter(Boolean);
  }
}

function keeps(entry, devices, sites) {
  if (entry.category === "alarm" && !RAISED.has(entry.event)) return false;
  if (entry.device) return devices.includes(entry.device);
  return !entry.site || sites.includes(entry.site);
}
