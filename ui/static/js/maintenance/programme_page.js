// The editor of one programme: levels, intervals, tasks in their order; saved as a new version, never over somebody else's.

import { getJson, h, setText } from "../dom.js";
import { may } from "../session.js";
import { startShell } from "../shell.js";
import { language, t } from "../texts.js";
import { ask, send, tell, tried } from "./api.js";
import { levelEditor } from "./level_editor.js";
import { dateTime } from "./words.js";

const root = document.getElementById("programme"), code = root.dataset.programme;
const url = `/api/maintenance/programmes/${encodeURIComponent(code)}`;
const LIMITS = { warning_h: 50, critical_h: 20, warning_days: 14, critical_days: 3, together_h: 50, together_days: 14 };
startShell();
let body = null, revision = 0, saved = "", history = [], devices = [], faults = null, state = null;

async function load() {
  const asked = new URLSearchParams(location.search).get("version");
  try {
    const found = await getJson(`${url}?lang=${language}${asked ? `&version=${encodeURIComponent(asked)}` : ""}`);
    ({ body, history, devices } = found);
    revision = found.version;
    saved = JSON.stringify(body);
    if (found.shown !== found.version) saved = "";
  } catch (error) {
    root.replaceChildren(h("p.notice.bad", {}, t("maint.gone", { message: error.message })));
    return;
  }
  show();
}

function changed() {
  setText(state, JSON.stringify(body) === saved ? t("maint.version", { n: revision }) : t("maint.unsaved"));
  state.classList.toggle("odd", JSON.stringify(body) !== saved);
}

function show() {
  faults = h("div.notice.bad", { hidden: true, role: "alert" });
  state = h("span.muted");
  const words = (name, label) => {
    const input = h("input", { type: "text", maxlength: 120, required: true });
    input.value = body.title[name];
    input.addEventListener("input", () => { body.title[name] = input.value; changed(); });
    return h("label.field", {}, h("span", {}, label), input);
  };
  root.replaceChildren(
    h("header.maint-edit-head", {}, h("h1", {}, body.title[language] || code, " ", h("span.mono.muted", {}, code)), state,
      h("div.maint-actions", {}, may("engineer") ? h("button.button.primary", { type: "button", onclick: save }, t("maint.save")) : null, may("engineer") ? h("button.button", { type: "button", onclick: load }, t("maint.undo")) : null, h("a.button", { href: `${url}/yaml`, download: `${code}.yaml` }, "YAML"))),
    faults, devices.length ? h("p.muted", {}, t("maint.used.by", { devices: devices.join(", ") })) : "",
    h("section.card.maint-edit-title", {}, words("ru", t("maint.name.ru")), words("en", t("maint.name.en")), limits()),
    ...Object.keys(body.levels).map((name) => levelEditor(body, name, { changed, redraw: show })),
    h("div.maint-actions", {}, h("button.button", { type: "button", onclick: addLevel }, t("maint.level.add"))), versions());
  changed();
}

function limits() {
  const input = (name) => {
    const field = h("input", { type: "text", inputmode: "decimal", "data-limit": name });
    field.value = String(body.thresholds?.[name] ?? LIMITS[name]);
    field.addEventListener("input", () => { body.thresholds = { ...LIMITS, ...body.thresholds, [name]: Number(field.value.replace(",", ".")) }; changed(); });
    return h("label.field", {}, h("span", {}, t(`maint.limit.${name}`)), field);
  };
  return h("details.maint-limits", {}, h("summary", {}, t("maint.limits")), h("div", {}, ...Object.keys(LIMITS).map(input)));
}

async function addLevel() {
  const answer = await ask({ title: t("maint.level.add"), go: t("maint.add"), fields: [{ name: "code", label: t("maint.code"), required: true, pattern: "[a-z][a-z0-9_]*" }, { name: "ru", label: t("maint.name.ru"), required: true }, { name: "en", label: t("maint.name.en"), required: true }, { name: "hours", label: t("maint.every.h"), inputmode: "decimal" }] });
  if (!answer || body.levels[answer.code]) return;
  body.levels[answer.code] = { title: { en: answer.en, ru: answer.ru }, ...(Number(answer.hours) ? { every_h: Number(answer.hours) } : {}), tasks: {} };
  show();
}

async function save() {
  const answer = await ask({ title: t("maint.save"), text: t("maint.save.hint", { n: revision + 1 }), go: t("maint.save"), fields: [{ name: "comment", label: t("maint.comment") }] });
  if (!answer) return;
  try {
    const told = await send("PUT", `${url}?lang=${language}`, { body, revision, comment: answer.comment });
    tell(t("maint.saved.version", { n: told.version }));
    if (location.search) location.assign(location.pathname); else await load();
  } catch (error) {
    faults.hidden = false;
    faults.replaceChildren(h("p", {}, error.faults ? t("maint.faults") : error.message),
      error.faults ? h("ul", {}, ...error.faults.map((fault) => h("li", {}, [fault.path, fault.message].filter(Boolean).join(": ")))) : "",
      error.code === "programme-changed" ? h("a.button.small", { href: location.pathname, target: "_blank", rel: "noopener" }, t("maint.conflict.look")) : "");
    faults.scrollIntoView({ block: "center" });
  }
}

function versions() {
  return h("section.card", {}, h("header.card-head", {}, h("h2", {}, t("maint.versions"))), h("ul.maint-plain.pad", {}, ...history.map((one) =>
    h("li", {}, h("a", { href: `?version=${one.version}` }, t("maint.version", { n: one.version })), ` · ${dateTime(one.time)}, ${one.who}${one.comment ? `: ${one.comment}` : ""}`))));
}

addEventListener("beforeunload", (event) => { if (body && saved && JSON.stringify(body) !== saved) event.preventDefault(); });
tried(load);
