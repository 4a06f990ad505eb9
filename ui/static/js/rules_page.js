// The rules: state, cost and faults of each, what it reads and writes; filters and the open rule stand in the address.

import { own, mark, tagHref, when } from "./alarm_words.js";
import { getJson, h, repeat, setText } from "./dom.js";
import { startShell } from "./shell.js";
import { language, number, t, word } from "./texts.js";

const $ = (id) => document.getElementById(id);
const NAMES = ["q", "kind", "state", "file", "sort"];
const SIGNS = { ok: "✓", idle: "…", active: "!", unknown: "?", fault: "✕" };
const STEP = 300; // rows drawn at first, and with each step further
const form = $("filters"), body = $("rules").tBodies[0];
const query = new URLSearchParams(location.search);
const collator = new Intl.Collator(language, { numeric: true });
let told = null, limit = STEP, open = query.get("rule") ?? "";

startShell();

const ORDERS = {
  cost: (a, b) => b.mean_us - a.mean_us,
  worst: (a, b) => b.worst_us - a.worst_us,
  changed: (a, b) => Date.parse(b.changed ?? 0) - Date.parse(a.changed ?? 0),
  title: (a, b) => collator.compare(titleOf(a), titleOf(b)),
};

function titleOf(rule) { return own(rule.title, rule.name); }

function asked() { return Object.fromEntries(NAMES.map((name) => [name, form.elements[name].value.trim()])); }

function shownRules() {
  const { q, kind, state, file, sort } = asked();
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const found = told.rules.filter((rule) => (!kind || rule.kind === kind) && (!state || rule.state === state) && (!file || rule.file === file)
    && words.every((one) => [rule.name, ...Object.values(rule.title), ...rule.reads, ...rule.writes, ...rule.formula].some((text) => text.toLowerCase().includes(one))));
  return ORDERS[sort] ? found.sort(ORDERS[sort]) : found;
}

async function update() {
  try {
    told = await getJson(`/api/rules?lang=${language}`);
    $("trouble").hidden = true;
  } catch (error) {
    setText($("trouble"), t("alarms.trouble", { message: error.message }));
    $("trouble").hidden = false;
    return;
  }
  fillFiles();
  showFigures();
  show();
}

function fillFiles() {
  const select = form.elements.file, wanted = select.value || query.get("file") || "";
  const files = [...new Set(told.rules.map((rule) => rule.file))].sort();
  if (select.options.length === files.length + 1) return;
  select.replaceChildren(select.options[0], ...files.map((file) => h("option", { value: file }, file)));
  select.value = files.includes(wanted) ? wanted : "";
}

function showFigures() {
  const faults = told.rules.filter((rule) => rule.state === "fault").length;
  const slowest = told.rules.toSorted(ORDERS.cost)[0];
  const share = told.period_ms ? told.cost_us / told.period_ms / 10 : null;
  const tile = (key, value, note, odd) => h(`div.card.figure${odd ? ".odd-figure" : ""}`, {}, h("span.figure-title", {}, t(`rules.${key}`)), h("span.figure-value", {}, value), h("span.figure-note", {}, note));
  $("figures").replaceChildren(
    tile("count", number(told.rules.length), t("rules.count.note", { n: number(told.rules.filter((rule) => rule.kind === "alarm").length) })),
    tile("faults", number(faults), t(faults ? "rules.faults.note" : "rules.faults.none"), faults > 0),
    tile("cost", `${number(told.cost_us / 1000, 2)} ${t("unit.ms")}`, share === null ? "" : t("rules.cost.note", { n: number(share, 1) }), share > 50),
    tile("slowest", slowest ? micro(slowest.mean_us) : "—", slowest ? titleOf(slowest) : ""));
}

/** Rows are made anew with each answer; the keyboard's place is kept. */
function show() {
  if (!told) return;
  const rules = shownRules(), focused = document.activeElement?.closest?.("tr.row")?.dataset.rule;
  const rows = rules.slice(0, limit).flatMap((rule) => (rule.name === open ? [row(rule), inside(rule)] : [row(rule)]));
  if (rules.length > limit) rows.push(h("tr.fold-row", {}, h("td", { colspan: 7 }, h("button.fold", { type: "button", onclick: () => { limit += STEP; show(); } }, t("rules.more", { n: number(limit), all: number(rules.length) })))));
  body.replaceChildren(...rows);
  if (focused) body.querySelector(`tr[data-rule="${CSS.escape(focused)}"] .rule-open`)?.focus({ preventScroll: true });
  setText($("shown"), t("filter.shown", { n: number(rules.length), all: number(told.rules.length) }));
  $("empty").hidden = rules.length > 0;
  setText($("empty"), t(told.rules.length ? "filter.none" : "rules.none"));
  $("skipped").hidden = !told.skipped.length;
  $("skipped").querySelector("ul").replaceChildren(...told.skipped.map((text) => h("li", {}, text)));
}

function micro(us) { return us >= 1000 ? `${number(us / 1000, 2)} ${t("unit.ms")}` : `${number(us, us < 10 ? 1 : 0)} ${t("unit.us")}`; }

function row(rule) {
  const toggle = () => { open = rule.name === open ? "" : rule.name; writeUrl(); show(); };
  const state = h(`span.rule-state.${rule.state}`, {}, h("span.sign", { "aria-hidden": "true" }, SIGNS[rule.state]), t(`rules.state.${rule.state}`));
  return h("tr.row", { "data-rule": rule.name, onclick: (event) => { if (!event.target.closest("a, button")) toggle(); } },
    h("td", {}, state),
    h("th.c-rule", { scope: "row" }, h("button.rule-open", { type: "button", "aria-expanded": String(rule.name === open), onclick: toggle }, rule.priority ? [mark(rule.priority, true), " "] : "", titleOf(rule)), h("span.mono", {}, rule.name)),
    h("td.c-kind", {}, word(`rules.kind.${rule.kind}`, rule.kind)),
    h("td.c-place.mono", { title: rule.path }, `${rule.file}:${rule.line}`),
    h("td", {}, rule.changed ? when(rule.changed) : "—"),
    h("td.num", {}, micro(rule.mean_us)), h("td.num.c-worst", {}, micro(rule.worst_us)));
}

function names(tags) { return h("div.names", {}, ...tags.map((tag) => h("a.mono", { href: tagHref(tag) }, tag))); }

function inside(rule) {
  const alarm = rule.kind !== "alarm" ? null : rule.alarm
    ? h("a", { href: `/alarms?alarm=${rule.alarm.id}` }, word(`astate.${rule.alarm.state}`, rule.alarm.state))
    : h("a", { href: `/alarms?tab=past&key=${encodeURIComponent(rule.name)}` }, t("alarms.to.past"));
  const facts = [
    [t("rules.formula"), rule.formula.length ? h("div", {}, ...rule.formula.map((line) => h("code.formula", {}, line))) : null],
    [t("rules.reads"), rule.reads.length ? names(rule.reads) : null],
    [t("rules.writes"), rule.writes.length ? names(rule.writes) : null],
    [t("rules.alarm"), alarm],
    [t("rules.runs"), number(rule.runs)],
    [t("rules.file"), h("span.mono", {}, `${rule.path}:${rule.line}`)],
    [t("rules.file.changed"), rule.file_changed ? when(rule.file_changed) : null],
  ].filter(([, value]) => value !== null);
  return h("tr.inside", {}, h("td", { colspan: 7 }, h("dl", {}, ...facts.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
    rule.fault ? h("pre", { tabindex: 0, "aria-label": t("rules.traceback") }, rule.fault.trim()) : ""));
}

function writeUrl() {
  const to = new URLSearchParams();
  for (const [name, value] of Object.entries(asked())) if (value) to.set(name, value);
  if (open) to.set("rule", open);
  history.replaceState(null, "", `/rules${to.size ? `?${to}` : ""}`);
}

for (const name of NAMES) {
  if (query.get(name)) form.elements[name].value = query.get(name);
  form.elements[name].addEventListener(name === "q" ? "input" : "change", () => { limit = STEP; writeUrl(); show(); });
}
form.addEventListener("submit", (event) => event.preventDefault());
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "/" && !event.target.matches("input, select")) { event.preventDefault(); form.elements.q.focus(); }
});
repeat(5, async () => {
  const first = told === null;
  await update();
  if (first && open) body.querySelector("tr.inside")?.previousSibling.scrollIntoView({ block: "center" });
});
