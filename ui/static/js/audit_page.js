// The audit trail: filters in the URL, pages as one scrolls, verification, the download.

import { fail, row } from "./account_parts.js";
import { getJson, h } from "./dom.js";
import { endless } from "./endless.js";
import { startShell } from "./shell.js";
import { language, moment, number, t, word } from "./texts.js";

const $ = (id) => document.getElementById(id);
const NAMES = ["q", "action", "result", "from", "to"];
const form = $("filters"), table = $("audit");
const query = new URLSearchParams(location.search);
/** What stands in the list of actions -> the actions it asks for. */
const GROUPS = {
  login: "login,login.,logout", force: "force,release", "tag-out": "tag-out,tag-in",
  maintenance: ["", "_fleet", "_services", "_photos", "_programmes"].map((room) => `maintenance${room}.`).join(","),
};
/** Of the detail, what is told by a sentence or stands elsewhere already. */
const TOLD = ["words", "message"];

startShell();

function asked() {
  const ask = new URLSearchParams({ lang: language });
  for (const name of NAMES) {
    const value = form.elements[name].value.trim();
    if (!value) continue;
    if (name === "from" || name === "to") ask.set(name, new Date(value).toISOString());
    else ask.set(name, name === "action" ? GROUPS[value] ?? `${value}.` : value);
  }
  return ask;
}

/** The detail of a line for people: a sentence where it has one, then the rest as it stands. */
function detailOf(line) {
  const detail = JSON.parse(line.detail);
  const sentence = detail.words?.[language] ?? detail.message ?? "";
  const rest = Object.entries(detail).filter(([key, value]) => !TOLD.includes(key) && value !== line.new && value !== line.old)
    .map(([key, value]) => `${key}: ${value !== null && typeof value === "object" ? Object.entries(value).map((pair) => pair.join(" ")).join(", ") : value}`);
  return [sentence ? h("div.wrap", {}, sentence) : null, rest.length ? h("div.muted.mono.wrap", {}, rest.join(" · ")) : null];
}

function lineRow(line) {
  const result = h(line.result === "done" ? "span" : "span.odd", {}, word(`audit.result.${line.result}`, line.result));
  const who = [h("strong", {}, line.who || "—"), line.role ? ` · ${word(`role.${line.role}`, line.role)}` : "", h("br"), h("span.muted", { title: line.session }, line.origin)];
  const change = line.old && line.new ? `${line.old} → ${line.new}` : line.new || line.old;
  const made = row(table, h("span", { title: line.hash }, number(line.number)), moment(line.time), who, [h("span", { title: line.action }, word(`audit.action.${line.action}`, line.action))],
    [line.target, line.site && !line.target.startsWith(line.site) ? h("span.muted", {}, ` ${line.site}`) : null], [h("span.wrap", {}, change), ...detailOf(line)].filter(Boolean), result);
  made.cells[0].classList.add("num");
  return made;
}

const scroll = endless(table.tBodies[0], 7, async (before) => {
  const ask = asked();
  ask.set("limit", 100);
  if (before) ask.set("before", before);
  const page = await getJson(`/api/audit?${ask}`);
  return { rows: page.lines.map(lineRow), next: page.next };
});

function changed(soon) {
  const to = new URLSearchParams();
  for (const name of NAMES) if (form.elements[name].value) to.set(name, form.elements[name].value);
  history.replaceState(null, "", `/audit${to.size ? `?${to}` : ""}`);
  $("csv").href = `/api/audit.csv?${asked()}`;
  if (soon) scroll.restartSoon(); else scroll.restart();
}

for (const name of NAMES) {
  if (query.get(name)) form.elements[name].value = query.get(name);
  form.elements[name].addEventListener(name === "q" ? "input" : "change", () => changed(name === "q"));
}
form.addEventListener("submit", (event) => { event.preventDefault(); changed(); });
$("verify").addEventListener("click", async () => {
  const told = $("verdict");
  told.hidden = false;
  told.className = "notice";
  told.textContent = t("audit.verifying");
  try {
    const { lines, head, broken, reason } = await getJson("/api/audit/verdict");
    told.textContent = broken === null ? t("audit.whole", { n: number(lines), head }) : t("audit.broken", { n: number(broken), reason });
    told.classList.toggle("bad", broken !== null);
  } catch (error) { told.hidden = true; fail(error); }
});
changed();
