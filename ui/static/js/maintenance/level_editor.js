// One level of a programme in the editor: intervals, what it includes, its tasks in an order that one drags or moves by keys.

import { h } from "../dom.js";
import { language, t } from "../texts.js";
import { ask } from "./api.js";
import { sortable } from "./sortable.js";

/** page: changed() after each change, redraw() when the shape changed. */
export function levelEditor(body, name, page) {
  const level = body.levels[name];
  const set = (key, value) => { if (value === null || value === "") delete level[key]; else level[key] = value; page.changed(); };
  const text = (key, label) => field(label, level.title[key], (value) => { level.title[key] = value; page.changed(); });
  const figure = (key, label) => field(label, level[key] ?? "", (value) => set(key, value === "" ? null : Number(value.replace(",", "."))), { inputmode: "decimal" });
  const others = Object.keys(body.levels).filter((other) => other !== name);
  const includes = h("fieldset.maint-includes", {}, h("legend", {}, t("maint.includes")), ...others.map((other) => {
    const box = h("input", { type: "checkbox" });
    box.checked = (level.includes ?? []).includes(other);
    box.addEventListener("change", () => {
      const chosen = new Set(level.includes ?? []);
      if (box.checked) chosen.add(other); else chosen.delete(other);
      set("includes", chosen.size ? others.filter((one) => chosen.has(one)) : null);
    });
    return h("label", {}, box, h("span", {}, body.levels[other].title[language] || other));
  }));
  const list = h("ol.maint-edit-tasks", {}, ...Object.keys(level.tasks).map((task) => taskRow(level, task, page)));
  sortable(list, (order) => {
    level.tasks = Object.fromEntries(order.map((task) => [task, level.tasks[task]]));
    page.changed();
  });
  return h("section.card.maint-level-edit", { "data-level": name }, h("header.card-head", {}, h("h2", {}, level.title[language] || name, " ", h("span.mono.muted", {}, name)),
    h("button.button.small", { type: "button", onclick: () => removeLevel(body, name, page) }, t("maint.level.delete"))),
    h("div.maint-level-fields", {}, text("ru", t("maint.name.ru")), text("en", t("maint.name.en")), figure("every_h", t("maint.every.h")), figure("every_days", t("maint.every.d")), others.length ? includes : null),
    list, h("div.maint-actions.pad", {}, h("button.button.small", { type: "button", onclick: () => addTask(level, page) }, t("maint.task.add"))));
}

function field(label, value, change, attributes = {}) {
  const input = h("input", { type: "text", maxlength: 300, ...attributes });
  input.value = String(value);
  input.addEventListener("input", () => change(input.value.trim()));
  return h("label.field", {}, h("span", {}, label), input);
}

function taskRow(level, name, page) {
  const task = level.tasks[name];
  const critical = h("input", { type: "checkbox", "aria-label": t("maint.critical") });
  critical.checked = Boolean(task.critical);
  critical.addEventListener("change", () => { if (critical.checked) task.critical = true; else delete task.critical; page.changed(); });
  return h("li", { "data-key": name }, h("button.maint-grip", { type: "button", "aria-label": t("maint.move", { task: task[language] || name }), title: t("maint.move.hint") }, "⠿"),
    h("span.maint-edit-text", {}, task[language] || name, h("span.sub", {}, summary(task))),
    h("label.maint-crit", {}, critical, h("span", {}, t("maint.critical"))),
    h("button.button.small", { type: "button", onclick: () => editTask(level, name, page) }, t("maint.edit")));
}

function summary(task) {
  return [task[language === "ru" ? "en" : "ru"], task.minutes ? t("maint.minutes", { n: task.minutes }) : null, task.measure ? t("maint.value.unit", { unit: task.measure }) : null,
    ...(task.consumables ?? []).map((one) => `${one[language]}: ${one.quantity} ${one.unit ?? ""}`.trim())].filter(Boolean).join(" · ");
}

async function editTask(level, name, page) {
  const task = level.tasks[name];
  const answer = await ask({ title: t("maint.task"), go: t("maint.ok"), fields: [
    { name: "ru", label: t("maint.text.ru"), value: task.ru, required: true }, { name: "en", label: t("maint.text.en"), value: task.en, required: true },
    { name: "minutes", label: t("maint.minutes.field"), value: task.minutes ?? "", inputmode: "numeric" }, { name: "measure", label: t("maint.measure"), value: task.measure ?? "" },
    { name: "consumables", label: t("maint.consumables.field"), rows: 3, value: (task.consumables ?? []).map(lineOf).join("\n") },
    { name: "remove", label: t("maint.task.delete"), type: "checkbox" },
  ] });
  if (!answer) return;
  if (answer.remove) delete level.tasks[name];
  else {
    const made = { ru: answer.ru, en: answer.en };
    if (task.critical) made.critical = true;
    if (Number(answer.minutes)) made.minutes = Number(answer.minutes);
    if (answer.measure) made.measure = answer.measure;
    const used = answer.consumables.split("\n").map(consumableOf).filter(Boolean);
    if (used.length) made.consumables = used;
    level.tasks[name] = made;
  }
  page.redraw();
}

/** "Масло | Oil | 20 | l" */
function lineOf(one) { return [one.ru, one.en, one.quantity, one.unit ?? ""].join(" | "); }

function consumableOf(line) {
  const [ru, en, quantity, unit] = line.split("|").map((part) => part.trim());
  if (!ru) return null;
  return { en: en || ru, ru, quantity: Number((quantity || "1").replace(",", ".")), ...(unit ? { unit } : {}) };
}

async function addTask(level, page) {
  const answer = await ask({ title: t("maint.task.add"), go: t("maint.add"), fields: [{ name: "ru", label: t("maint.text.ru"), required: true }, { name: "en", label: t("maint.text.en"), required: true }, { name: "critical", label: t("maint.critical.hint"), type: "checkbox" }] });
  if (!answer) return;
  level.tasks[newName(level, answer.en)] = { en: answer.en, ru: answer.ru, ...(answer.critical ? { critical: true } : {}) };
  page.redraw();
}

/** A name of letters and digits, which answers of old services do not have yet. */
function newName(level, text) {
  const base = text.toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^[^a-z]+|_+$/g, "").slice(0, 40) || "task";
  let name = base;
  for (let n = 2; name in level.tasks; n += 1) name = `${base}_${n}`;
  return name;
}

async function removeLevel(body, name, page) {
  const answer = await ask({ title: t("maint.level.delete"), text: body.levels[name].title[language], go: t("maint.level.delete"), bad: true });
  if (!answer) return;
  delete body.levels[name];
  for (const level of Object.values(body.levels)) {
    if (!level.includes) continue;
    level.includes = level.includes.filter((one) => one !== name);
    if (!level.includes.length) delete level.includes;
  }
  page.redraw();
}
