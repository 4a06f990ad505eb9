// All programmes: open, copy, import from YAML, export, delete.

import { getJson, h } from "../dom.js";
import { may } from "../session.js";
import { startShell } from "../shell.js";
import { language, t } from "../texts.js";
import { ask, send, tell, tried } from "./api.js";
import { date, interval } from "./words.js";

const root = document.getElementById("programmes");
const base = "/api/maintenance/programmes";
startShell();

async function load() {
  let found;
  try {
    found = await getJson(`${base}?lang=${language}`);
  } catch (error) {
    root.replaceChildren(h("p.notice.bad", {}, t("maint.gone", { message: error.message })));
    return;
  }
  const file = h("input", { type: "file", accept: ".yaml,.yml", class: "hidden" });
  file.addEventListener("change", () => importFile(file, found.programmes));
  root.replaceChildren(may("engineer") ? h("div.maint-actions", {}, h("label.button", {}, t("maint.import"), file)) : "",
    h("div.maint-faults", { id: "faults", hidden: true, role: "alert" }), h("div.maint-cards", {}, ...found.programmes.map(card)));
}

function card(one) {
  const place = `/maintenance/programmes/${encodeURIComponent(one.code)}`;
  return h("article.card.maint-card", {}, h("header.maint-head", {}, h("h3", {}, h("a", { href: place }, one.title), h("span.mono.muted", {}, one.code)), h("span.muted", {}, t("maint.version", { n: one.version }))),
    h("ul.maint-plain", {}, ...one.levels.map((level) => h("li", {}, h("strong", {}, level.title), ` ${interval(level)} · ${t("maint.tasks", { n: level.tasks })}`))),
    h("p.muted", {}, one.devices.length ? t("maint.used.by", { devices: one.devices.join(", ") }) : t("maint.used.none")),
    h("p.muted", {}, `${date(one.time)}, ${one.who}`),
    h("footer.maint-actions", {}, h("a.button.primary", { href: place }, t(may("engineer") ? "maint.edit" : "maint.open")), may("engineer") ? h("button.button", { type: "button", onclick: () => copy(one) }, t("maint.copy")) : null,
      h("a.button", { href: `${base}/${encodeURIComponent(one.code)}/yaml`, download: `${one.code}.yaml` }, "YAML"), may("engineer") ? h("button.button", { type: "button", onclick: () => remove(one) }, t("maint.delete")) : null));
}

async function copy(one) {
  const answer = await ask({ title: t("maint.copy"), text: t("maint.copy.hint"), go: t("maint.copy"), fields: [{ name: "code", label: t("maint.code"), value: `${one.code}_2`, required: true, pattern: "[a-z][a-z0-9_]*" }, { name: "ru", label: t("maint.name.ru"), required: true, value: "" }, { name: "en", label: t("maint.name.en"), required: true, value: "" }] });
  if (!answer) return;
  const full = await tried(() => getJson(`${base}/${encodeURIComponent(one.code)}`));
  const body = full && { ...full.body, programme: answer.code, title: { en: answer.en, ru: answer.ru } };
  if (body && (await tried(() => send("PUT", `${base}/${encodeURIComponent(answer.code)}`, { body, revision: 0 })))) location.assign(`/maintenance/programmes/${answer.code}`);
}

async function remove(one) {
  const answer = await ask({ title: t("maint.delete"), text: t("maint.delete.ask", { title: one.title }), go: t("maint.delete"), bad: true });
  if (answer && (await tried(() => send("DELETE", `${base}/${encodeURIComponent(one.code)}`)))) { tell(t("maint.deleted")); load(); }
}

async function importFile(input, known) {
  const [file] = input.files;
  input.value = "";
  if (!file) return;
  const yaml = await file.text();
  const code = /^programme:\s*["']?([a-z][a-z0-9_]*)/m.exec(yaml)?.[1];
  const before = known.find((one) => one.code === code);
  if (before && !(await ask({ title: t("maint.import"), text: t("maint.import.over", { title: before.title, n: before.version + 1 }), go: t("maint.import") }))) return;
  const place = document.getElementById("faults");
  try {
    const saved = await send("POST", `${base}/import?lang=${language}`, { yaml, revision: before?.version ?? 0, comment: file.name });
    tell(t("maint.imported", { title: saved.title, n: saved.version }));
    load();
  } catch (error) {
    place.hidden = false;
    place.className = "notice bad";
    place.replaceChildren(h("p", {}, t("maint.import.faults", { file: file.name })), h("ul", {}, ...(error.faults ?? [{ line: 0, message: error.message }]).map((fault) => h("li", {}, fault.line ? `${fault.line}: ${[fault.path, fault.message].filter(Boolean).join(": ")}` : fault.message))));
  }
}

load();
