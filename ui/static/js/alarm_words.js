// How an alarm is shown anywhere: priority as shape, colour and word; state, times, places in words.

import { h } from "./dom.js";
import { age, language, places, t, word } from "./texts.js";

export const own = (words, fallback = "") => words?.[language] || words?.en || fallback;
export const tagHref = (tag) => `/tags/${encodeURIComponent(tag)}`;

/** A shape with the number in it: the colour is the third thing that tells, never the only one. */
export function mark(priority, hollow = false) {
  return h(`span.prio.p${priority}${hollow ? ".hollow" : ""}`, { "aria-hidden": "true" }, String(priority));
}

export function priorityCell(priority, hollow) {
  return h("span.prio-cell", {}, mark(priority, hollow), h("span.prio-word", {}, t(`priority.${priority}`)));
}

export function stateWord(state) { return word(`astate.${state}`, state); }

const day = new Intl.DateTimeFormat(places, { day: "2-digit", month: "2-digit" });
const clock = new Intl.DateTimeFormat(places, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const whole = new Intl.DateTimeFormat(places, { day: "2-digit", month: "2-digit", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** The time of day; with the day where it was not today. */
export function when(iso) {
  if (!iso) return "—";
  const at = new Date(iso);
  return at.toDateString() === new Date().toDateString() ? clock.format(at) : `${day.format(at)} ${clock.format(at)}`;
}

export function fullTime(iso) {
  if (!iso) return "—";
  const at = new Date(iso);
  return `${whole.format(at)}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}

/** When it came last: an alarm that was not acknowledged and is raised again is no old one. */
export function lastRaise(alarm) { return alarm.last_raised_at ?? alarm.raised_at; }

export function ageOf(iso) { return age((Date.now() - Date.parse(iso)) / 1000); }

/** What devices and sites are called; filled from the directory. */
export class Places {
  constructor(directory) {
    this.devices = new Map((directory?.devices ?? []).map((device) => [device.name, device]));
    this.sites = new Map((directory?.sites ?? []).map((site) => [site.name, site]));
  }

  site(name) { return own(this.sites.get(name)?.title, name); }

  device(name, site) {
    if (!name) return site ? this.site(site) : t("alarms.runtime");
    const known = this.devices.get(name);
    return known ? `${this.site(known.site)} · ${own(known.title, name)}` : name;
  }
}
