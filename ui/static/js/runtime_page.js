// The runtime: scan statistics, its processes and its configuration, brought up to date every second.

import { bar, getJson, h, repeat, setText } from "./dom.js";
import { startShell } from "./shell.js";
import { age, moment, number, t, word } from "./texts.js";
import { Trend } from "./trend.js";

const $ = (id) => document.getElementById(id);
startShell();

const MEASURES = ["period", "latency", "exec", "latch", "logic", "outputs", "housekeeping"];
const TREND_TAGS = ["scada.scan.exec_ms_p99", "scada.scan.latency_ms_p99"];
let trend = null;

async function update() {
  const state = await getJson("/api/runtime");
  showRefused(state);
  showFigures(state);
  showMeasures(state);
  showDetails(state);
  showFailed(state.failed_rules);
  showOverruns(state.overruns);
  await showTrend(state);
}

function showRefused(state) {
  const error = state.config.error;
  const faults = state.faults.length ? state.faults : error ? [error] : [];
  $("refused").hidden = faults.length === 0;
  if (faults.length) $("refused").replaceChildren(h("strong", {}, t("runtime.refused.title")), h("ul", {}, ...faults.map((fault) => h("li.mono", {}, fault))));
}

/** Rules that raised an exception are out of work until the next reload; a traceback that is open stays open. */
function showFailed(rules) {
  $("failed").hidden = rules.length === 0;
  const told = JSON.stringify(rules);
  if (!rules.length || $("failed").dataset.told === told) return;
  $("failed").dataset.told = told;
  $("failed").replaceChildren(h("strong", {}, t("runtime.failed.title")), ...rules.map((rule) => h("details", {},
    h("summary", {}, h("a.mono", { href: `/rules?rule=${encodeURIComponent(rule.name)}` }, rule.name), ` ${rule.fault.trim().split("\n").at(-1)}`), h("pre", {}, rule.fault))));
}

/** When, how long, and in which phase of the scan the time went. */
function overrunText(row) {
  return `${moment(row.time)} · ${number(row.ms, 1)} ${t("unit.ms")}, ${[phaseOf(row), causeOf(row)].filter(Boolean).join(": ")}`;
}

function phaseOf(row) { return word(`measure.${row.phase}`, word(`phase.${row.phase}`, row.phase)); }

function causeOf(row) { return row.phase === "start" ? t("runtime.cause.machine") : row.cause; }

function showOverruns(overruns) {
  $("overruns").hidden = overruns.length === 0;
  $("overruns").querySelector("tbody").replaceChildren(...overruns.map((row) => h("tr", {},
    h("td", {}, moment(row.time)), h("td.num", {}, number(row.scan)), h("td.num", {}, `${number(row.ms, 1)} ${t("unit.ms")}`),
    h("td", {}, phaseOf(row)), h("td", {}, causeOf(row)))));
}

function figure(title, value, unit, odd) {
  return h(odd ? "div.card.figure.odd-figure" : "div.card.figure", {}, h("span.figure-title", {}, title), h("span.figure-value", {}, value, unit ? h("span.unit", {}, ` ${unit}`) : null));
}

function showFigures(state) {
  const { statistics, process, measures } = state, ms = t("unit.ms");
  $("figures").replaceChildren(
    figure(t("runtime.scan"), number(state.scan)),
    figure(t("runtime.latency"), number(measures.latency.p99, 2), ms, measures.latency.p99 > state.period_ms / 10),
    figure(t("runtime.exec"), number(measures.exec.p99, 2), ms, measures.exec.p99 > state.period_ms / 2),
    figure(t("runtime.overruns"), number(statistics.overruns), "", statistics.overruns > 0),
    figure(t("runtime.skipped"), number(statistics.skipped), "", statistics.skipped > 0),
    figure(t("runtime.tags"), number(statistics.tags ?? state.ui.tags)),
    figure(t("runtime.cpu"), number(process.cpu_pct, 1), "%"),
    figure(t("runtime.rss"), number(process.rss_mb, 0), t("unit.MB")));
}

function showMeasures(state) {
  setText($("period"), t("runtime.period", { ms: number(state.period_ms) }));
  const rows = MEASURES.map((name) => {
    const measure = state.measures[name];
    const share = measure.p99 === null || name === "period" ? null : Math.min(100, (measure.p99 / state.period_ms) * 100);
    const cell = share === null ? "" : h("span.share", {}, bar(share, 50), h("span", {}, `${number(share, 1)} %`));
    return h(["latch", "logic", "outputs", "housekeeping"].includes(name) ? "tr.phase" : "tr", {}, h("th", { scope: "row" }, t(`measure.${name}`)),
      ...["p50", "p95", "p99", "max"].map((quantile) => h("td.num", {}, number(measure[quantile], 2))), h("td", {}, cell));
  });
  $("measures").tBodies[0].replaceChildren(...rows);
}

function card(title, facts) {
  const rows = facts.flatMap(([key, value, odd]) => [h("dt", {}, key), h(odd ? "dd.odd" : "dd", {}, value ?? "—")]);
  return h("section.card", {}, h("header.card-head", {}, h("h2", {}, title)), h("dl.facts", {}, ...rows));
}

function showDetails(state) {
  const { statistics, inbox, watchdog, process, config, ui } = state;
  const yes = (value) => (value === null ? "—" : t(`bool.${value ? "on" : "off"}`));
  const milliseconds = (value) => (value === null ? "—" : `${number(value)} ${t("unit.ms")}`);
  $("details").replaceChildren(
    card(t("runtime.section.scan"), [
      [t("runtime.scan"), `${number(state.scan)} · ${moment(state.time)}`], [t("runtime.overruns"), number(statistics.overruns), statistics.overruns > 0],
      [t("runtime.last_overrun"), state.overruns.length ? overrunText(state.overruns[0]) : t("runtime.none")], [t("runtime.skipped"), number(statistics.skipped), statistics.skipped > 0], [t("runtime.items"), number(statistics.items)]]),
    card(t("runtime.section.watchdog"), [
      [t("runtime.stuck"), yes(watchdog.stuck), watchdog.stuck], [t("runtime.alive"), watchdog.age_ms === null ? "—" : t("age.ago", { age: milliseconds(watchdog.age_ms) })],
      [t("runtime.dropped"), number(inbox.dropped), inbox.dropped > 0], [t("runtime.depth"), number(inbox.depth)]]),
    card(t("runtime.section.process"), [
      [t("runtime.uptime"), age(process.uptime_s)], [t("runtime.cpu"), `${number(process.cpu_pct, 1)} %`], [t("runtime.rss"), `${number(process.rss_mb, 1)} ${t("unit.MB")}`], [t("runtime.clients"), number(ui.clients)]]),
    card(t("runtime.section.config"), [
      [t("runtime.generation"), number(state.generation)], [t("runtime.reloads"), number(config.reloads)], [t("runtime.refused"), number(config.refused), config.refused > 0], [t("runtime.demo"), yes(state.demo)]]));
}

async function showTrend(state) {
  const values = [state.measures.exec.p99, state.measures.latency.p99];
  if (!trend) {
    const recent = await getJson(`/api/recent?seconds=900&tags=${TREND_TAGS.join(",")}`);
    trend = new Trend($("trend"), [{ label: t("measure.exec"), decimals: 2 }, { label: t("measure.latency"), decimals: 2 }], { window: 600, height: 236, zero: true });
    trend.add(Date.now() / 1000, values);
    trend.seed(Date.now() / 1000, recent.step_s, TREND_TAGS.map((name) => recent.tags[name] ?? []));
  } else {
    trend.add(Date.now() / 1000, values);
  }
}

repeat(1, update);
