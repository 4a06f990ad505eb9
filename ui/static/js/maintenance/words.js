// How maintenance speaks: hours left, dates, states; shared by its pages.

import { h } from "../dom.js";
import { language, number, places, t } from "../texts.js";

/** Worst first; the order in which states are counted and coloured. */
export const STATES = ["overdue", "critical", "warning", "unknown", "ok", "none"];

const day = new Intl.DateTimeFormat(places, { day: "numeric", month: "short", year: "numeric" });
const stamp = new Intl.DateTimeFormat(places, { dateStyle: "short", timeStyle: "short" });

export function date(iso) { return iso ? day.format(new Date(iso)) : "—"; }
export function dateTime(iso) { return iso ? stamp.format(new Date(iso)) : "—"; }

export function hours(value, digits = 0) { return value === null || value === undefined ? "—" : number(value, digits); }

/** What is left of an interval, in hours and days: ["14 h left", "3 days over"]. */
export function left(row) {
  const parts = [];
  if (row.left_h !== null) parts.push(t(row.left_h > 0 ? "maint.left" : "maint.over", { n: hours(Math.abs(row.left_h), Math.abs(row.left_h) < 10 ? 1 : 0) }));
  if (row.left_days !== null) parts.push(t(row.left_days > 0 ? "maint.left.days" : "maint.over.days", { n: hours(Math.abs(row.left_days)) }));
  return parts;
}

export function interval(row) {
  return [row.every_h ? t("maint.every", { n: hours(row.every_h) }) : null, row.every_days ? t("maint.every.days", { n: hours(row.every_days) }) : null].filter(Boolean).join(" · ");
}

/** When it is expected, in words; overdue is now. */
export function expected(row) {
  if (row.state === "overdue") return t("maint.now");
  return row.expected ? t("maint.about", { date: date(row.expected) }) : "";
}

/** The share of the interval that has passed, as a bar in the colour of the state. */
export function progress(row) {
  const share = row.progress === null ? 0 : Math.max(0, Math.min(1, row.progress));
  const fill = h(`span.maint-fill.${row.state}`);
  fill.style.width = `${share * 100}%`;
  const words = t("maint.progress", { n: Math.round((row.progress ?? 0) * 100) });
  return h("span.maint-bar", { role: "meter", "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": Math.round(share * 100), "aria-label": words, title: words }, fill);
}

/** A state as a mark and a word: colour is never alone. */
export function stateMark(state) {
  return h(`span.maint-state.${state}`, {}, h("span.maint-mark", { "aria-hidden": "true" }), t(`maint.state.${state}`));
}

export const devicePage = (device) => `/maintenance/devices/${encodeURIComponent(device)}`;
export const servicePage = (id) => `/maintenance/services/${encodeURIComponent(id)}`;
export { language };
