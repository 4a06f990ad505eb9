// One engine: its levels with what is due, services to start and to go on with, its log, its meter and its programme.

import { getJson, h, repeat } from "../dom.js";
import { may } from "../session.js";
import { startShell } from "../shell.js";
import { language, number, t } from "../texts.js";
import { ask, newId, numberOf, send, tell, tried } from "./api.js";
import { initialForm } from "./initial_form.js";
import { date, dateTime, expected, hours, interval, left, progress, servicePage, stateMark } from "./words.js";

const root = document.getElementById("device"), name = root.dataset.device;
const url = `/api/maintenance/devices/${encodeURIComponent(name)}`;
startShell();
let device = null, shown = "", entering = false;

async function update() {
  let fresh;
  try {
    fresh = await getJson(`${url}?lang=${language}`);
  } catch (error) {
    shown = "";
    root.replaceChildren(h("p.notice.bad", {}, t("maint.gone", { message: error.message })));
    return;
  }
  const now = JSON.stringify(fresh);
  if (now === shown || (entering && shown)) return;
  device = fresh;
  shown = now;
  show();
}

function show() {
  const missing = device.programme && device.unknown.length;
  root.replaceChildren(head(), ...device.open.map(openLine), missing ? unknownCard() : null, device.levels.length ? levels() : null,
    h("div.columns", {}, meter(), programme()), log());
  for (const empty of [...root.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE)) empty.remove();
}

function head() {
  return h("header.maint-device-head", {}, h("div", {}, h("h1", {}, device.title, " ", h("span.mono.muted", {}, device.device)), stateMark(device.state)),
    h("div.maint-hours", {}, h("strong", {}, hours(device.hours, 1)), h("span.unit", {}, t("unit.h")), h("span.muted", {}, device.per_day === null ? t("maint.perday.none") : t("maint.perday", { n: number(device.per_day, 1) }))),
    h("nav.maint-links", { "aria-label": t("maint.links") }, ...[[`/devices/${encodeURIComponent(name)}`, "alarms.to.device"], [`/alarms?device=${encodeURIComponent(name)}`, "nav.alarms"], [`/journal?device=${encodeURIComponent(name)}&category=maintenance`, "nav.journal"], [`/trends?tags=${name}.maint_hours`, "nav.trends"]].map(([href, key]) => h("a.button.small", { href }, t(key)))),
    device.meter === "good" ? null : h("p.notice", {}, t(`maint.meter.${device.meter}`)));
}

function openLine(service) {
  return h("p.notice.maint-open", {}, t("maint.open.by", { level: service.title, who: service.started_by, n: service.answered }), h("a.button.primary", { href: servicePage(service.id) }, t("maint.continue", { level: service.title })));
}

function unknownCard() {
  const titles = device.levels.filter((level) => device.unknown.includes(level.level)).map((level) => level.title).join(", ");
  const place = h("section.card.maint-unknown", {}, h("h2", {}, t("maint.unknown.title")), h("p", {}, t("maint.unknown.text", { levels: titles })));
  if (may("maintain")) place.append(initialForm(device, { onfocus: () => { entering = true; }, done: () => { entering = false; shown = ""; update(); } }));
  return place;
}

function levels() {
  const row = (level) => h("tr", { class: level.absorbed_by ? "absorbed" : "" },
    h("th", { scope: "row" }, level.title, h("span.sub", {}, interval(level))),
    h("td", {}, level.absorbed_by ? h("span.muted", {}, t("maint.in", { level: titleOf(level.absorbed_by) })) : stateMark(level.state)),
    h("td.maint-cell", { "data-head": t("maint.remains") }, level.progress === null ? null : progress(level), h("span", {}, left(level).join(", "))),
    h("td", { "data-head": t("maint.due") }, [level.due_h !== null ? t("maint.at", { n: hours(level.due_h) }) : null, level.due_time ? date(level.due_time) : null].filter(Boolean).join(", ") || "—", h("span.sub", {}, expected(level))),
    h("td", { "data-head": t("maint.last") }, level.last ? h("a", { href: servicePage(level.last.entry) }, t(level.last.hours === null ? "maint.last.at.unknown" : "maint.last.at", { title: level.last.title, n: hours(level.last.hours), date: date(level.last.time) })) : "—"),
    h("td.c-start", {}, startButton(level)));
  return h("section.card", {}, h("header.card-head", {}, h("h2", {}, t("maint.levels"))),
    h("div.wide", {}, h("table.plain.maint-levels", {}, h("thead", {}, h("tr", {}, ...["maint.level", "maint.status", "maint.remains", "maint.due", "maint.last", "maint.action"].map((key) => h("th", { scope: "col" }, t(key))))),
      h("tbody", {}, ...device.levels.map(row)))));
}

function titleOf(level) { return device.levels.find((one) => one.level === level)?.title ?? level; }

function startButton(level) {
  const open = device.open.find((service) => service.level === level.level);
  if (open) return h("a.button.small.primary", { href: servicePage(open.id) }, t("maint.go.on"));
  if (!may("maintain")) return null;
  const urgent = ["warning", "critical", "overdue"].includes(level.state) && !level.absorbed_by;
  return h(urgent ? "button.button.small.primary" : "button.button.small", { type: "button", onclick: () => start(level) }, t("maint.begin"));
}

async function start(level) {
  const id = newId();
  try {
    await send("POST", `/api/maintenance/services?lang=${language}`, { id, device: device.device, level: level.level });
    location.assign(servicePage(id));
  } catch (error) {
    if (error.code === "service-open" && error.current?.id) location.assign(servicePage(error.current.id));
    else tell(error.message, true);
  }
}

function meter() {
  const facts = [[t("maint.hours"), `${hours(device.hours, 2)} ${t("unit.h")}`], [t("maint.meter"), device.meter === "good" ? t("maint.meter.runs") : t(`maint.meter.${device.meter}`)],
    [t("maint.counted"), device.counted_h === null ? "—" : `${number(device.counted_h, 1)} ${t("unit.h")}`],
    [t("maint.difference"), device.difference_h === null ? "—" : `${number(device.difference_h, 2)} ${t("unit.h")}`],
    [t("maint.offset"), `${number(device.offset_h, 2)} ${t("unit.h")}`]];
  return h("section.card", {}, h("header.card-head", {}, h("h2", {}, t("maint.meter"))),
    h("dl.facts", {}, ...facts.flatMap(([key, value]) => [h("dt", {}, key), h("dd", {}, value)])),
    device.offsets.length ? h("ul.maint-offsets", {}, ...device.offsets.map((one) => h("li", {}, `${dateTime(one.time)}: ${one.hours > 0 ? "+" : ""}${number(one.hours, 1)} ${t("unit.h")}, ${one.who}: ${one.reason}`))) : null,
    h("div.maint-actions.pad", {}, may("maintain") ? h("button.button", { type: "button", onclick: setHours }, t("maint.offset.set")) : null,
      device.meter === "check" && may("maintain") ? h("button.button", { type: "button", onclick: confirmMeter }, t("maint.meter.confirm")) : null));
}

async function setHours() {
  const seen = device.offsets.length;
  const answer = await ask({ title: t("maint.offset.set"), text: t("maint.offset.hint"), go: t("maint.save"), fields: [{ name: "hours", label: t("maint.offset.now"), value: device.hours === null ? "" : device.hours.toFixed(1), inputmode: "decimal", required: true }, { name: "reason", label: t("maint.reason"), rows: 2, required: true }] });
  if (answer && (await tried(() => send("POST", `${url}/offset`, { hours: numberOf(answer.hours), reason: answer.reason, revision: seen })))) { tell(t("maint.saved")); update(); }
}

async function confirmMeter() {
  if (await tried(() => send("POST", `${url}/meter/confirm`))) { tell(t("maint.saved")); update(); }
}

function programme() {
  const one = device.programme;
  return h("section.card", {}, h("header.card-head", {}, h("h2", {}, t("maint.programme"))),
    h("p.pad", {}, one ? h("a", { href: `/maintenance/programmes/${one.code}` }, one.title) : t("maint.state.none"), one ? h("span.muted", {}, ` · ${t("maint.version", { n: one.version })}`) : null),
    !may("engineer") ? null : h("div.maint-actions.pad", {}, h("button.button", { type: "button", onclick: assign }, t(one ? "maint.assign.other" : "maint.assign"))));
}

async function assign() {
  const found = await tried(() => getJson(`/api/maintenance/programmes?lang=${language}`));
  if (!found) return;
  const options = [["", t("maint.state.none")], ...found.programmes.map((one) => [one.code, one.title])];
  const answer = await ask({ title: t("maint.assign"), text: t("maint.assign.hint"), go: t("maint.save"), fields: [{ name: "programme", label: t("maint.programme"), options, value: device.programme?.code ?? "" }] });
  if (answer && (await tried(() => send("PUT", url, { programme: answer.programme || null, revision: device.revision })))) { tell(t("maint.saved")); shown = ""; update(); }
}

function log() {
  const rows = device.log.map((entry) => h("tr", { class: entry.void ? "void" : "" },
    h("td", {}, dateTime(entry.done_at)), h("th", { scope: "row" }, h("a", { href: servicePage(entry.id) }, entry.title), h("span.sub", {}, t(`maint.kind.${entry.void ? "void" : entry.kind}`))),
    h("td.num", {}, hours(entry.done_hours, 1)), h("td", {}, entry.signed_by), h("td.wrap", {}, entry.note)));
  const head = ["maint.act.done", "maint.level", "maint.act.hours", "maint.by", "maint.note"].map((key, place) => h(place === 2 ? "th.num" : "th", { scope: "col" }, t(key)));
  const query = new URLSearchParams({ device: device.device, lang: language });
  return h("section.card", {}, h("header.card-head", {}, h("h2", {}, t("maint.log")), h("span.maint-actions", {}, h("a.button.small", { href: `/api/maintenance/log.csv?${query}`, download: "" }, "CSV"), h("a.button.small", { href: `/api/maintenance/log.yaml?${query}`, download: "" }, "YAML"))),
    rows.length ? h("div.wide", {}, h("table.plain", {}, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...rows))) : h("p.pad.muted", {}, t("maint.log.empty")));
}

repeat(4, update);
