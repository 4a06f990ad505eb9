// Two tabs of the alarm page: shelved alarms, past alarms.

import { showDetail } from "./alarm_detail.js";
import { putBack, unshelve } from "./alarm_orders.js";
import { fullTime, mark, own, priorityCell, stateWord, when } from "./alarm_words.js";
import { getJson, h } from "./dom.js";
import { endless } from "./endless.js";
import { may } from "./session.js";
import { age, language, t } from "./texts.js";

function table(heads, rows) {
  return h("div.card.wide", {}, h("table.plain", {}, h("thead", {}, h("tr", {}, ...heads.map((head) => h("th", { scope: "col" }, head)))), h("tbody", {}, ...rows)));
}

/** Shelved and out of service, by whom; and what the design keeps quiet, raised or not. */
export function showShelved(panel, told, places, changed) {
  const { shelves, suppressed } = told;
  const rows = shelves.map((shelf) => h("tr", {},
    h("td", {}, shelf.priority ? priorityCell(shelf.priority, true) : ""),
    h("th.wrap", { scope: "row" }, own(shelf.label, shelf.key), " ", shelf.code ? h("span.mono.code", {}, shelf.code) : null),
    h("td", {}, places.device(shelf.device, shelf.site)), h("td", {}, stateWord(shelf.state)),
    h("td.wrap", {}, shelf.reason), h("td", {}, shelf.who), h("td", {}, when(shelf.since)),
    h("td", {}, shelf.until ? `${when(shelf.until)} (${t("alarms.left", { time: age((Date.parse(shelf.until) - Date.now()) / 1000) })})` : t("alarms.until.never")),
    h("td", {}, backButton(shelf, changed))));
  const heads = [t("alarms.priority"), t("alarms.alarm"), t("alarms.device"), t("alarms.state"), t("alarms.reason"), t("alarms.by"), t("alarms.since"), t("alarms.until"), ""];
  panel.replaceChildren(rows.length ? table(heads, rows) : h("p.card.empty", {}, t("alarms.shelved.none")));
  if (suppressed.length) panel.append(h("h2.section-head", {}, t("alarms.suppressed")), h("p.hint", {}, t("alarms.suppressed.hint")), suppressedTable(suppressed, told.alarms, places));
}

/** Who put an alarm out of service may put it back; a shelved one any operator takes back. */
function backButton(shelf, changed) {
  const out = shelf.state === "out-of-service";
  if (!may(out ? "out-of-service" : "alarms")) return null;
  const back = out ? putBack : unshelve;
  return h("button.button.small", { type: "button", onclick: async () => { if (await back(shelf.key)) changed(); } }, t(out ? "alarms.put_back" : "alarms.unshelve"));
}

/** A row for each cause; an alarm that is raised all the same leads to its occurrence. */
function suppressedTable(rows, open, places) {
  const raised = new Map(open.map((alarm) => [alarm.key, alarm]));
  const body = rows.map((row) => h("tr", {}, h("td", {}, places.device(row.device, row.site)), h("td.wrap", {}, own(row.reason, row.cause)),
    h("td.wrap", {}, h("ul.suppressed", {}, ...row.alarms.map((alarm) => suppressedAlarm(alarm, raised.get(alarm.key)))))));
  return table([t("alarms.device"), t("alarms.reason"), t("alarms.suppressed.alarms")], body);
}

function suppressedAlarm(alarm, occurrence) {
  const name = own(alarm.label, alarm.key);
  return h("li", { title: alarm.key }, mark(alarm.priority, !occurrence),
    occurrence ? h("a", { href: `/alarms?alarm=${occurrence.id}` }, `${name}, ${t("alarms.suppressed.raised", { time: when(occurrence.raised_at) })}`) : name,
    alarm.code ? h("span.mono.code", {}, alarm.code) : null);
}

export function showPast(panel, key, places) {
  const list = table([t("alarms.priority"), t("alarms.alarm"), t("alarms.device"), t("alarms.state"), t("alarms.raised"), t("alarms.lasted"), t("alarms.acknowledged"), t("alarms.by")], []);
  const search = h("input", { type: "search", placeholder: t("journal.search"), "aria-label": t("journal.search"), autocomplete: "off" });
  const only = h("a.chip", { href: "/alarms?tab=past", hidden: !key, title: t("alarms.past.all") }, `${key} ✕`);
  const dialog = h("dialog.detail", {});
  panel.replaceChildren(h("div.filters", {}, h("label.search", {}, search), only), list, dialog);
  const open = (alarm) => showDetail(dialog, alarm.id, places, { close: () => dialog.close() }, () => true).then(() => dialog.showModal());
  const scroll = endless(list.querySelector("tbody"), 8, async (before) => {
    const ask = new URLSearchParams({ limit: 100, lang: language });
    if (key) ask.set("key", key);
    if (search.value.trim()) ask.set("q", search.value.trim());
    if (before) ask.set("before", before);
    const page = await getJson(`/api/alarms/history?${ask}`);
    return { rows: page.alarms.map((alarm) => pastRow(alarm, places, open)), next: page.next };
  });
  search.addEventListener("input", () => scroll.restartSoon());
  scroll.restart();
}

function pastRow(alarm, places, open) {
  const end = alarm.returned_at ?? alarm.cleared_at;
  const title = h("a.alarm-open", { href: `/alarms?alarm=${alarm.id}`, onclick: (event) => { event.preventDefault(); open(alarm); } }, own(alarm.label, alarm.key));
  return h("tr", {}, h("td", {}, priorityCell(alarm.priority, true)),
    h("th.wrap", { scope: "row" }, title, " ", alarm.code ? h("span.mono.code", {}, alarm.code) : null, " ", alarm.first_out ? h("span.chip.first", { title: t("alarms.first.hint") }, t("alarms.first")) : null),
    h("td", {}, places.device(alarm.device, alarm.site)), h("td", {}, stateWord(alarm.state)), h("td", {}, fullTime(alarm.raised_at)),
    h("td", {}, end ? age((Date.parse(end) - Date.parse(alarm.raised_at)) / 1000) : t("alarms.lasts")),
    h("td", {}, alarm.acknowledged_at ? fullTime(alarm.acknowledged_at) : "—"), h("td.wrap", {}, [alarm.who, alarm.comment].filter(Boolean).join(": ")));
}
