// Controllers as cards, links as a table, brought up to date every second.

import { bar, getJson, h, repeat, setText } from "./dom.js";
import { maintenanceBadge } from "./maintenance/badge.js";
import { may, post } from "./session.js";
import { startShell } from "./shell.js";
import { age, bytes, language, number, shown, t, unitWord, word } from "./texts.js";

const $ = (id) => document.getElementById(id);
startShell();
let siteTitles = null;

const SYMBOL = { online: "good", disturbed: "uncertain", connecting: "uncertain", offline: "bad", unknown: "uncertain" };
const HERO = ["gen_status", "genset_status", "mains_status"];
const href = (tag) => `/tags/${encodeURIComponent(tag)}`;

async function update() {
  if (!siteTitles) {
    const directory = await getJson("/api/directory");
    siteTitles = new Map(directory.sites.map((site) => [site.name, site.title[language] ?? site.name]));
  }
  const [{ devices }, { links }] = await Promise.all([getJson(`/api/devices?lang=${language}`), getJson(`/api/links?lang=${language}`)]);
  showDevices(devices);
  $("links").tBodies[0].replaceChildren(...links.map(linkRow));
}

function showDevices(devices) {
  const sites = [...new Set(devices.map((device) => device.site))];
  const blocks = sites.map((site) => h("section.site", {}, h("h2", {}, siteTitles.get(site) ?? site),
    h("div.cards", {}, ...devices.filter((device) => device.site === site).map(deviceCard))));
  if (!blocks.length) blocks.push(h("p.muted", {}, t("device.none")));
  keepFocus(() => $("devices").replaceChildren(...blocks));
}

/** Replacing elements must not take the keyboard's place away. */
function keepFocus(work) {
  const href_ = document.activeElement?.getAttribute?.("href");
  work();
  if (href_ && document.activeElement === document.body) document.querySelector(`main a[href="${CSS.escape(href_)}"]`)?.focus({ preventScroll: true });
}

function deviceCard(device) {
  const states = device.key.filter((item) => HERO.includes(pointName(item)));
  const figures = device.key.filter((item) => !HERO.includes(pointName(item))).slice(0, 9);
  return h(`article.card.device.${device.state}`, {},
    h("header.device-head", {},
      h("div.device-title", {}, h("h3", {}, h("a", { href: `/devices/${device.device}` }, device.title), h("span.mono.muted", {}, device.device)), h("span.model", { title: device.model }, device.model)),
      h("span.device-state", {}, h(`span.q.${SYMBOL[device.state]}`, { "aria-hidden": "true" }), t(`device.state.${device.state}`))),
    h("div.device-states", {}, ...states.map(stateLine), device.mode ? h("span.chip", { title: t("device.mode") }, device.mode) : null, maintenanceBadge(device.device, device.maintenance)),
    lockLine(device),
    alarmList(device),
    h("dl.figures", {}, ...figures.map(figure)),
    commLine(device));
}

/** Who has locked it, and why: whoever is about to touch it must not have to look for it. */
function lockLine(device) {
  if (!device.tag_out && !device.forced) return null;
  return h("p.device-lock", {}, h("span", { "aria-hidden": "true" }, "⚠ "),
    device.tag_out ? h("span", {}, h("strong", {}, t("control.locked")), ` ${device.tag_out}`) : null,
    device.forced ? h("a", { href: `/devices/${device.device}` }, `${device.tag_out ? " · " : ""}${t("control.forced")}: ${number(device.forced)}`) : null);
}

function pointName(item) { return item.tag.slice(item.tag.lastIndexOf(".") + 1); }

function itemText(item) {
  const match = /^-?\d+(\.\d+)?$/.exec(item.text);
  return match ? number(Number(item.text), match[1] ? match[1].length - 1 : 0) : shown("enum", item.value, item.text);
}

/** The first is the controller's state; the next ones need to say of what. */
function stateLine(item, index) {
  const of = index ? `${word(`short.${pointName(item)}`, item.label)}: ` : "";
  return h(`a.state-word.${item.quality}`, { href: href(item.tag), title: item.label }, of + itemText(item));
}

function figure(item) {
  return h(`div.figure.${item.quality}`, {}, h("dt", { title: item.label }, word(`short.${pointName(item)}`, item.label)),
    h("dd", {}, h("a", { href: href(item.tag), title: item.reason ? word(`reason.${item.reason}`, item.reason) : item.tag }, item.quality === "bad" ? "—" : itemText(item)), h("span.unit", {}, unitWord(item.unit))));
}

function alarmList(device) {
  if (device.online === false) return h("p.device-alarms.none", {}, device.error || t("device.state.offline"));
  if (!device.alarms.length) return h("p.device-alarms.none", {}, t("device.no-alarms"));
  const shownAlarms = device.alarms.slice(0, 4), more = device.alarms.length - shownAlarms.length;
  return h("ul.device-alarms", { "aria-label": t("device.alarms", { n: device.alarms.length }) },
    ...shownAlarms.map((item) => h(`li.class-${item.alarm}`, {}, h("span.alarm-class", {}, item.class), h("a", { href: href(item.tag) }, item.label))),
    more > 0 ? h("li", {}, h("a", { href: `/alarms?device=${device.device}` }, t("device.more", { n: more }))) : null);
}

function commLine(device) {
  const ms = (value) => (value === null ? "—" : `${number(value, value < 100 ? 1 : 0)} ${unitWord("ms")}`);
  const seconds = (value) => (value === null ? "—" : `${number(value, value % 1 ? 1 : 0)} ${unitWord("s")}`);
  const fact = (key, value, odd) => h("div", {}, h("dt", {}, t(`device.${key}`)), h(odd ? "dd.odd" : "dd", {}, value));
  return h("footer.comm", {},
    h("dl", {}, fact("response", ms(device.response_ms)), fact("period", seconds(device.period_s)), fact("polls", number(device.polls)),
      fact("errors", number(device.errors), device.errors > 0), fact("missed", number(device.missed), device.missed > 0),
      device.silent_blocks ? fact("silent", number(device.silent_blocks), true) : null),
    h("p", {}, h("a", { href: `/devices/${device.device}` }, t("control.open")), " · ", h("a", { href: `/?prefix=links.${device.link}.` }, device.link), ` · ${t("device.unit", { n: device.unit })} · `,
      h("a", { href: `/?prefix=${device.device}.` }, t("device.tags", { n: number(device.tags) })),
      device.bad ? h("a.odd", { href: `/?prefix=${device.device}.&quality=bad` }, `, ${t("device.bad", { n: number(device.bad) })}`) : null,
      " · ", h("a", { href: `/alarms?device=${device.device}` }, t("nav.alarms")), " · ", h("a", { href: `/trends?place=${device.device}` }, t("nav.trends"))),
    device.error && device.online !== false ? h("p.last-error", { title: t("device.error") }, device.error) : null);
}

function linkRow(link) {
  const up = link.connected;
  const count = (key, odd) => h(odd && link.counters[key] > 0 ? "td.num.odd" : "td.num", {}, number(link.counters[key]));
  const state = up === null ? "unknown" : up ? "up" : "down";
  return h("tr", { title: `${t("links.traffic.hint")}: ${bytes(link.counters.bytes_in)}, ${bytes(link.counters.bytes_out)}` },
    h("th", { scope: "row" }, h("a", { href: `/?prefix=links.${link.link}.` }, link.link), h("span.sub", {}, `${link.kind} · ${link.address}${link.line ? ` · ${link.line}` : ""}`)),
    h("td", {}, h("span.link-state", {}, h(`span.q.${up ? "good" : up === null ? "uncertain" : "bad"}`, { "aria-hidden": "true" }), state === "unknown" ? t("device.state.unknown") : t(`links.${state}`)),
      link.error ? h("span.sub.odd", { title: link.error }, link.error) : null),
    count("requests"), count("answers"), count("timeouts", true), count("late", true), count("foreign", true), count("crc_errors", true), count("garbage_bytes", true), count("refused", true), count("reconnects"),
    h("td.num", {}, link.response_ms === null ? "—" : number(link.response_ms, 1)),
    h("td.num", {}, busyBar(link.utilisation_pct)),
    h("td.num", {}, number(link.max_registers)),
    h("td", {}, frameActions(link)));
}

function busyBar(percent) {
  if (percent === null) return "—";
  return h("span.busy-cell", {}, bar(percent, 95), `${number(percent)} %`);
}

function frameActions(link) {
  const note = link.ring_frozen ? h("span.sub.odd", {}, t("links.frozen")) : null;
  if (!may("engineer")) return h("span.frames", {}, note ?? "—");
  const release = link.ring_frozen ? h("button.button.small", { type: "button", onclick: (event) => releaseRing(link.link, event.target) }, t("links.release")) : null;
  return h("span.frames", {}, h("a.button.small", { href: `/api/links/${link.link}/frames`, download: `frames-${link.link}.txt` }, t("links.download")), release, note);
}

async function releaseRing(link, button) {
  button.disabled = true;
  try { await post(`/api/links/${link}/frames/release`); } catch (error) { setText(button, t("links.failed", { message: error.message })); }
}

repeat(1, update);
