// The other tabs of the alarm page: shelved alarms, past alarms, alarm health.

import { showDetail } from "./alarm_detail.js";
import { unshelve } from "./alarm_orders.js";
import { fullTime, mark, own, priorityCell, stateWord, when } from "./alarm_words.js";
import { bar, getJson, h } from "./dom.js";
import { endless } from "./endless.js";
import { age, language, number, t } from "./texts.js";

function table(heads, rows) {
  return h("div.card.wide", {}, h("table.plain", {}, h("thead", {}, h("tr", {}, ...heads.map((head) => h("th", { scope: "col" }, head)))), h("tbody", {}, ...rows)));
}

export function showShelved(panel, shelves, places, changed) {
  const rows = shelves.map((shelf) => h("tr", {},
    h("td", {}, shelf.priority ? priorityCell(shelf.priority, true) : ""),
    h("th.wrap", { scope: "row" }, own(shelf.label, shelf.key), " ", shelf.code ? h("span.mono.code", {}, shelf.code) : null),
    h("td", {}, places.device(shelf.device, shelf.site)), h("td", {}, stateWord(shelf.state)),
    h("td.wrap", {}, shelf.reason), h("td", {}, shelf.who), h("td", {}, when(shelf.since)),
    h("td", {}, shelf.until ? `${when(shelf.until)} (${t("alarms.left", { time: age((Date.parse(shelf.until) - Date.now()) / 1000) })})` : t("alarms.until.never")),
    h("td", {}, h("button.button.small", { type: "button", onclick: async () => { if (await unshelve(shelf.key)) changed(); } }, t("alarms.unshelve")))));
  const heads = [t("alarms.priority"), t("alarms.alarm"), t("alarms.device"), t("alarms.state"), t("alarms.reason"), t("alarms.by"), t("alarms.since"), t("alarms.until"), ""];
  panel.replaceChildren(rows.length ? table(heads, rows) : h("p.card.empty", {}, t("alarms.shelved.none")));
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
    h("th.wrap", { scope: "row" }, title, " ", alarm.code ? h("span.mono.code", {}, alarm.code) : null, alarm.first_out ? h("span.chip.first", { title: t("alarms.first.hint") }, t("alarms.first")) : null),
    h("td", {}, places.device(alarm.device, alarm.site)), h("td", {}, stateWord(alarm.state)), h("td", {}, fullTime(alarm.raised_at)),
    h("td", {}, end ? age((Date.parse(end) - Date.parse(alarm.raised_at)) / 1000) : t("alarms.lasts")),
    h("td", {}, alarm.acknowledged_at ? fullTime(alarm.acknowledged_at) : "—"), h("td.wrap", {}, [alarm.who, alarm.comment].filter(Boolean).join(": ")));
}

export async function showHealth(panel) {
  let figures;
  try { figures = await getJson("/api/alarms/health"); } catch (error) {
    panel.replaceChildren(h("p.card.empty", {}, t("alarms.trouble", { message: error.message })));
    return;
  }
  const known = (value, decimals = 0) => (value === null || value === undefined ? "—" : number(value, decimals));
  const tile = (key, value, odd) => h(`div.card.figure${odd ? ".odd-figure" : ""}`, {}, h("span.figure-title", {}, t(`health.${key}`)), h("span.figure-value", {}, value), h("span.figure-note", {}, t(`health.${key}.hint`)));
  panel.replaceChildren(
    h("div.figures", {}, tile("rate", known(figures.rate_10min), figures.rate_10min > 10), tile("mean", known(figures.mean_10min, 1), figures.mean_10min > 2),
      tile("peak", known(figures.peak_10min), figures.peak_10min > 10), tile("flood", figures.flood ? t("health.flood.now") : known(figures.flood_share === null ? null : figures.flood_share * 100, 1) + (figures.flood_share === null ? "" : " %"), figures.flood),
      tile("standing", known(figures.standing), figures.standing > 10), tile("raised", known(figures.raised))),
    h("div.columns", {}, keys("frequent", figures.frequent), h("div.stack", {}, keys("chattering", figures.chattering), keys("stale", figures.stale)), shares(figures.by_priority)));
}

function keys(name, rows) {
  const most = Math.max(1, ...rows.map((row) => row.count ?? 0));
  const items = rows.map((row) => h("li", {}, h("a", { href: `/alarms?tab=past&key=${encodeURIComponent(row.key)}`, title: row.key }, own(row.label, row.key)),
    h("span.key", {}, row.key), row.count === null ? null : bar((row.count / most) * 100), row.count === null ? null : h("span.figure-count", {}, number(row.count))));
  return h("section.card", {}, h("header.card-head", {}, h("h2", {}, t(`health.${name}`))),
    items.length ? h("ol.ranking", {}, ...items) : h("p.hint", {}, t("health.none")), h("p.hint", {}, t(`health.${name}.hint`)));
}

function shares(given) {
  const rows = [1, 2, 3, 4, 5].filter((n) => String(n) in given).map((n) => h("li", {}, mark(n, true), h("span", {}, t(`priority.${n}`)), bar(given[n] * 100), h("span.figure-count", {}, `${number(given[n] * 100)} %`)));
  return h("section.card", {}, h("header.card-head", {}, h("h2", {}, t("health.priority"))), h("ul.ranking", {}, ...rows), h("p.hint", {}, t("health.priority.hint")));
}
