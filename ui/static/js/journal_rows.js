// Rows of the journal, with a line for each day between them: so a time of day is enough in each row.

import { fullTime, mark, own, tagHref } from "./alarm_words.js";
import { h } from "./dom.js";
import { places as locale, t, word } from "./texts.js";

export const COLUMNS = 6;
const day = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });

export class JournalRows {
  constructor(body) {
    this.body = body;
    this.places = null;
    this.clear();
  }

  clear() { this.lowest = null; }

  /** Rows for the end of the table, older than all that are there. */
  below(entries) {
    return entries.flatMap((entry) => {
      const of = day.format(new Date(entry.time)), line = of === this.lowest ? [] : [dayRow(of)];
      this.lowest = of;
      return [...line, this.row(entry)];
    });
  }

  /** Put newer rows on top, under the line of their day. */
  above(entries) {
    for (const entry of entries.toReversed()) {
      const of = day.format(new Date(entry.time)), first = this.body.firstElementChild;
      const row = this.row(entry);
      if (first?.dataset.day === of) first.after(row);
      else this.body.prepend(dayRow(of), row);
      this.lowest ??= of;
      row.classList.add("new");
    }
  }

  row(entry) {
    const changed = [entry.before, entry.after].filter(Boolean).map((state) => word(`astate.${state}`, state)).join(" → ");
    const priority = entry.category === "alarm" ? entry.data?.priority : null;
    const times = [fullTime(entry.time), entry.source_time ? `${t("alarms.source")}: ${fullTime(entry.source_time)}` : ""].filter(Boolean).join("\n");
    return h(`tr.entry.of-${entry.category}`, {}, h("td.c-time", { title: times }, clock.format(new Date(entry.time))),
      h("td.c-category", {}, word(`category.${entry.category}`, entry.category)),
      h("td.c-device", {}, this.places.device(entry.device, entry.site)),
      h("td.wrap.c-what", {}, priority ? mark(priority, !["raise", "raise-again"].includes(entry.event)) : null, entry.category === "login" ? null : h("span.event", {}, word(`event.${entry.event}`, entry.event)), " ", subject(entry), entry.data?.alarms ? several(entry.data.alarms) : null),
      h("td.wrap.c-change", {}, changed),
      h("td.wrap.c-who", {}, entry.who ? h("strong", {}, word(`journal.by.${entry.who}`, entry.who)) : null, said(entry)));
  }
}

/** What somebody said, or why it happened; what made a value unusable is told in the words of all pages. */
function said(entry) {
  const text = ["unsafe", "unsafe-several"].includes(entry.event) ? word(`reason.${entry.comment}`, entry.comment) : entry.comment;
  return text ? `${entry.who ? ": " : ""}${text}` : null;
}

/** The alarms of a line that tells of several. */
function several(alarms) {
  return h("details.several", {}, h("summary", {}, t("journal.several")),
    h("ul", {}, ...alarms.map((alarm) => h("li", { title: alarm.key }, mark(alarm.priority, true),
      alarm.occurrence ? h("a", { href: `/alarms?alarm=${alarm.occurrence}` }, own(alarm.label, alarm.key)) : own(alarm.label, alarm.key)))));
}

/** An alarm leads to its occurrence, anything else to its tag. */
function subject(entry) {
  const text = own(entry.text, entry.key), occurrence = entry.category === "alarm" ? entry.data?.occurrence : null;
  if (occurrence) return h("a", { href: `/alarms?alarm=${occurrence}`, title: entry.key }, text);
  if (entry.key.includes(":") || !entry.key.includes(".")) return text;
  return h("a", { href: tagHref(entry.key), title: entry.key }, text);
}

function dayRow(of) { return h("tr.day", { "data-day": of }, h("th", { colspan: COLUMNS, scope: "rowgroup" }, of)); }
