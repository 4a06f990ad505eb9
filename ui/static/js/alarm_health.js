// Alarm health: the figures of ISA-18.2 and EEMUA 191 beside what these call good.

import { fullTime, mark, own, when } from "./alarm_words.js";
import { getJson, h } from "./dom.js";
import { RateChart } from "./rate_chart.js";
import { age, number, t } from "./texts.js";

/** Share of raises that ISA-18.2 (16.6) and EEMUA 191 call a good prioritisation; 1 = less than. */
const TARGETS = { 1: 0.01, 2: 0.05, 3: 0.15, 4: 0.8 };
let chart = null;

export async function showHealth(panel) {
  let figures;
  try { figures = await getJson("/api/alarms/health"); } catch (error) {
    chart = null;
    panel.replaceChildren(h("p.card.empty", {}, t("alarms.trouble", { message: error.message })));
    return;
  }
  if (!chart) build(panel);
  const { tiles, lists, period } = panel.parts;
  period.textContent = figures.period_s ? t("health.period", { age: age(figures.period_s) }) : "";
  tiles.replaceChildren(...tilesOf(figures));
  chart.show(figures.rates.length ? Date.parse(figures.rates_from) / 1000 : 0, figures.rates);
  lists.replaceChildren(ranking("frequent", figures.frequent, figures.raised),
    h("div.stack", {}, shares(figures.by_priority, figures.raised), floods(figures.floods)),
    h("div.stack", {}, ranking("chattering", figures.chattering), ranking("stale", figures.stale)));
}

/** The chart stays as it is while figures come and go. */
function build(panel) {
  const plot = h("div.trend", { role: "img", "aria-label": t("health.chart") }), period = h("span.muted", {});
  panel.parts = { tiles: h("div.figures", {}), lists: h("div.columns", {}), period };
  panel.replaceChildren(panel.parts.tiles, h("section.card.health-chart", {}, h("header.card-head", {}, h("h2", {}, t("health.chart")), period), plot, h("p.hint", {}, t("health.chart.hint"))), panel.parts.lists);
  chart = new RateChart(plot);
}

const known = (value, decimals = 0) => (value === null || value === undefined ? "—" : number(value, decimals));
const percent = (share, decimals = 0) => (share === null || share === undefined ? "—" : `${number(share * 100, decimals)} %`);

function tilesOf(figures) {
  const tile = (key, value, odd) => h(`div.card.figure${odd ? ".odd-figure" : ""}`, {}, h("span.figure-title", {}, t(`health.${key}`)),
    h("span.figure-value", {}, value, odd ? h("span.sign", { title: t("health.odd") }, "!") : null), h("span.figure-note", {}, t(`health.${key}.hint`)));
  return [
    tile("rate", known(figures.rate_10min), figures.rate_10min > 10), tile("mean", known(figures.mean_10min, 1), figures.mean_10min > 2),
    tile("peak", known(figures.peak_10min), figures.peak_10min > 10), tile("flood", figures.flood ? t("health.flood.now") : percent(figures.flood_share, 1), figures.flood || figures.flood_share > 0.01),
    tile("standing", known(figures.standing), figures.standing > 10), tile("raised", known(figures.raised), figures.raised > 288),
  ];
}

function card(key, body, note) {
  return h("section.card", {}, h("header.card-head", {}, h("h2", {}, t(`health.${key}`)), note ? h("span.muted", {}, note) : null), body, h("p.hint", {}, t(`health.${key}.hint`)));
}

function meter(share, target) {
  const fill = h("span.fill", {}), element = h("span.bar", { role: "meter", "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": Math.round(share * 100) }, fill);
  fill.style.width = `${Math.min(100, share * 100)}%`;
  if (target !== undefined) {
    const tick = h("span.target", { "aria-hidden": "true" });
    tick.style.left = `${target * 100}%`;
    element.append(tick);
  }
  return element;
}

function ranking(key, rows, raised) {
  if (!rows.length) return card(key, h("p.hint", {}, t("health.none")));
  const most = Math.max(1, ...rows.map((row) => row.count ?? 0)), sum = rows.reduce((total, row) => total + (row.count ?? 0), 0);
  const items = rows.map((row) => h("li", {}, h("a", { href: `/alarms?tab=past&key=${encodeURIComponent(row.key)}`, title: row.key }, own(row.label, row.key)),
    h("span.key", {}, row.key), row.count === null ? null : meter(row.count / most), row.count === null ? null : h("span.figure-count", {}, number(row.count))));
  return card(key, h("ol.ranking", {}, ...items), raised ? t("health.of-all", { share: percent(sum / raised) }) : "");
}

/** Each priority with its share, and where the standards would have it. */
function shares(given, raised) {
  const rows = Object.keys(TARGETS).map((n) => h("li", {}, mark(Number(n), true), h("span", {}, t(`priority.${n}`)), meter(given[n] ?? 0, TARGETS[n]),
    h("span.figure-count", {}, raised ? percent(given[n] ?? 0) : "—"), h("span.target-word", {}, n === "1" ? t("health.target.less", { share: percent(TARGETS[n]) }) : t("health.target", { share: percent(TARGETS[n]) }))));
  return card("priority", h("ul.ranking.shares", {}, ...rows));
}

function floods(rows) {
  if (!rows.length) return card("floods", h("p.hint", {}, t("health.none")));
  const items = rows.slice(-8).reverse().map((flood) => h("li", {}, h("a", { href: `/journal?category=alarm&from=${local(flood.began)}${flood.ended ? `&to=${local(flood.ended)}` : ""}`, title: fullTime(flood.began) }, when(flood.began)),
    h("span", {}, flood.ended ? age((Date.parse(flood.ended) - Date.parse(flood.began)) / 1000) : t("alarms.lasts")), h("span.figure-count", {}, t("health.floods.count", { n: number(flood.alarms), peak: number(flood.peak) }))));
  return card("floods", h("ol.floods", {}, ...items));
}

/** As a field for date and time takes it. */
function local(iso) {
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}
