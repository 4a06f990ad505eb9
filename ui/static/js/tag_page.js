// One tag: its value, its trend, everything known about it, and the way to its neighbours.

import { getJson, h, repeat, setClass, setText } from "./dom.js";
import { startShell } from "./shell.js";
import { age, language, moment, number, shown, t, unitWord, word } from "./texts.js";
import { setTitle } from "./title_badge.js";
import { Trend } from "./trend.js";

const $ = (id) => document.getElementById(id);
const name = $("tag").dataset.tag;
const feed = startShell([name]);
let tag = null, trend = null, enumWords = new Map();

const own = (words) => words?.[language] ?? "";

async function load() {
  const url = `/api/tags/${encodeURIComponent(name)}`;
  const [details, directory] = await Promise.all([getJson(`${url}?lang=${language}`), getJson("/api/directory")]);
  tag = details;
  setText($("label"), own(tag.label));
  setTitle(`${own(tag.label)} · ${name}`);
  setText($("unit"), unitWord(tag.unit));
  showCrumbs(directory);
  showValue(tag);
  showAttributes(directory);
  if (tag.kind === "text" || tag.kind === "u64") { setText($("trend"), t("trend.none")); return; }
  const recent = await getJson(`${url}/recent?seconds=900`);
  startTrend(recent);
}

function startTrend(recent) {
  const states = tag.kind === "bool" || tag.kind === "enum";
  const labels = tag.kind === "bool" ? (value) => t(`${tag.alarm ? "alarm" : "bool"}.${value ? "on" : "off"}`)
    : tag.kind === "enum" ? (value) => enumWords.get(value) ?? String(value) : null;
  trend = new Trend($("trend"), [{ label: own(tag.label), decimals: tag.decimals }], { step: states, labels });
  trend.add(Date.now() / 1000, [pointOf(tag)]);
  trend.seed(Date.parse(recent.newest) / 1000, recent.step_s, [recent.values]);
}

function pointOf(item) { return item.quality === "bad" || item.value === null ? null : Number(item.value); }

function showValue(item) {
  if (tag.kind === "enum" && item.value !== null) enumWords.set(item.value, item.text);
  const value = $("value");
  setText(value, shown(tag.kind, item.value, item.text, tag.decimals, tag.hex));
  const alarm = tag.alarm && item.value === true && item.quality !== "bad";
  setClass(value, `value ${item.quality}${tag.kind === "float" || tag.kind === "int" ? "" : " words"}${alarm ? " alarm" : ""}`);
}

function showQuality() {
  const reason = tag.reason ? ` · ${word(`reason.${tag.reason}`, tag.reason)}` : "";
  $("quality").replaceChildren(h(`span.q.${tag.quality}`, { "aria-hidden": "true" }),
    h(`strong.${tag.quality}`, {}, t(`quality.${tag.quality}`) + reason),
    h("span.muted", {}, word(`explain.${tag.code}`, "")));
}

function showCrumbs(directory) {
  const site = directory.sites.find((known) => known.name === tag.site);
  const device = directory.devices.find((known) => known.name === tag.device);
  const steps = [[t("tree.all"), "/"]];
  if (site) steps.push([own(site.title), `/?prefix=${site.name}.`]);
  if (device) {
    steps.push([own(device.title), `/?prefix=${device.name}.`]);
    steps.push([own(directory.groups[tag.group]) || tag.group, `/?prefix=${device.name}.&group=${tag.group}`]);
  } else if (!site) {
    const first = name.slice(0, name.indexOf(".") + 1);
    steps.push([t(first === "links." ? "tree.links" : "tree.scada"), `/?prefix=${first}`]);
  }
  $("crumbs").replaceChildren(...steps.flatMap(([title, href], i) => [i ? h("span.muted", { "aria-hidden": "true" }, " / ") : null, h("a", { href }, title)]).filter(Boolean));
  const around = directory.tags.filter((known) => (tag.device ? known.device === tag.device : known.tag.split(".", 2).join() === name.split(".", 2).join()));
  const at = around.findIndex((known) => known.tag === name);
  showStep($("previous"), around[at - 1], "←", "tag.previous");
  showStep($("next"), around[at + 1], "→", "tag.next");
}

function showStep(link, target, arrow, key) {
  link.hidden = !target;
  if (!target) return;
  const title = h("span.step-title", {}, own(target.label));
  link.href = `/tags/${encodeURIComponent(target.tag)}`;
  link.title = `${t(key)}: ${target.tag}`;
  link.replaceChildren(...(arrow === "←" ? [arrow, title] : [title, arrow]));
}

function card(title, facts) {
  const rows = facts.filter((fact) => fact && fact[1] !== null && fact[1] !== undefined && fact[1] !== "");
  if (!rows.length) return null;
  return h("section.card", {}, h("header.card-head", {}, h("h2", {}, title)),
    h("dl.facts", {}, ...rows.flatMap(([key, value, mono]) => [h("dt", {}, key), h(mono ? "dd.mono" : "dd", {}, value)])));
}

function showAttributes(directory) {
  const device = directory.devices.find((known) => known.name === tag.device);
  const link = device && directory.links.find((known) => known.name === device.link);
  const alarm = tag.alarm ? card(t("tag.section.alarm"), [
    [t("tag.class"), own(directory.alarm_classes[tag.alarm]) || tag.alarm], [t("tag.alarm_code"), tag.alarm_code, true]]) : null;
  const register = card(t("tag.section.register"), registerFacts()) ?? h("section.card", {}, h("header.card-head", {}, h("h2", {}, t("tag.section.register"))), h("p.hint", {}, t("tag.internal")));
  const about = card(t("tag.section.tag"), [
    [t("column.tag"), tag.tag, true],
    [t("tag.device"), device ? `${own(device.title)} (${device.name}), ${own(device.model)}` : null],
    [t("tag.link"), link ? `${link.name}, ${link.address}` : null],
    [t("tag.group"), own(directory.groups[tag.group]) || tag.group],
    [t("tag.kind"), word(`kind.${tag.kind}`, tag.kind)],
    [t("tag.unit"), unitWord(tag.unit)],
    [t("tag.range"), rangeText()],
    [t("tag.poll"), tag.poll, true],
    [t("tag.stale_after"), tag.stale_after_s === null ? null : age(tag.stale_after_s)],
    [t("tag.deadband"), tag.deadband ? number(tag.deadband, tag.decimals) : null],
    [t("tag.note"), [tag.confirmed ? "" : t("tag.unconfirmed"), tag.note].filter(Boolean).join("; ")]]);
  $("attributes").replaceChildren(...[h("div.stack", {}, h("div", { id: "live" }), alarm), register, about].filter(Boolean));
  showLive();
}

function rangeText() {
  if (tag.low === null && tag.high === null) return null;
  const bound = (value) => (value === null ? "…" : number(value, tag.decimals));
  return `${bound(tag.low)} … ${bound(tag.high)} ${unitWord(tag.unit)}`.trim();
}

function registerFacts() {
  const { file, line, map, ...origin } = tag.origin;
  const known = ["function", "address", "count", "type", "bit", "width", "mask", "scale", "offset", "word_order", "byte_order", "no_data", "wrap"];
  const keys = [...known.filter((key) => key in origin), ...Object.keys(origin).filter((key) => !known.includes(key))];
  const facts = keys.map((key) => [word(`origin.${key}`, key), originText(key, origin[key]), key === "type"]);
  return [...facts, [t("origin.map"), map, true], [t("origin.file"), file ? `${file}${line ? `:${line}` : ""}` : null, true]];
}

function originText(key, value) {
  if (value === null || value === undefined || value === "") return null;
  if (key === "function") return word(`function.${value}`, String(value));
  if (key === "address") return `@${value} (0x${Number(value).toString(16).toUpperCase().padStart(4, "0")})`;
  return Array.isArray(value) ? value.join(", ") : typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** What moves with every reading. */
function showLive() {
  showQuality();
  const raw = tag.raw && [[t("tag.raw"), `${tag.raw.dec} · ${tag.raw.hex}`, true], [t("tag.bits"), tag.raw.bits.replace(/(.{4})(?=.)/g, "$1 "), true]];
  const live = card(t("tag.section.value"), [
    [t("tag.source_time"), moment(tag.time)], [t("tag.changed"), tag.changed ? `${moment(tag.changed)} (${t("age.ago", { age: age((Date.now() - Date.parse(tag.changed)) / 1000) })})` : t("age.never")],
    [t("tag.code"), `${tag.code}`], ...(raw || []), [t("tag.scan"), number(tag.scan)]]);
  live.id = "live";
  $("live").replaceWith(live);
}

function takeItem(item) {
  if (!tag || item.tag !== name) return;
  Object.assign(tag, item);
  showValue(item);
  trend?.add(Date.now() / 1000, [pointOf(item)]);
}

feed.addEventListener("snapshot", (event) => event.detail.snapshot.forEach(takeItem));
feed.addEventListener("changes", (event) => event.detail.forEach(takeItem));
for (const button of document.querySelectorAll("[data-window]")) {
  button.addEventListener("click", () => {
    for (const other of document.querySelectorAll("[data-window]")) other.setAttribute("aria-pressed", String(other === button));
    trend?.setWindow(Number(button.dataset.window));
  });
}
addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const link = { ArrowLeft: $("previous"), ArrowRight: $("next") }[event.key];
  if (link && !link.hidden) link.click();
});

load().then(() => repeat(1, async () => {
  Object.assign(tag, await getJson(`/api/tags/${encodeURIComponent(name)}?lang=${language}`));
  showLive();
}), (error) => setText($("value"), t("error.load", { message: error.message })));
