// What is known of the last services of an engine that was added: one line for each level, empty lines are left out.

import { h } from "../dom.js";
import { t } from "../texts.js";
import { isoOf, localInput, newId, numberOf, send, tell, tried } from "./api.js";

/** hooks: onfocus(), done(). */
export function initialForm(device, hooks) {
  const rows = device.levels.filter((level) => device.unknown.includes(level.level)).reverse().map((level) => {
    const at = h("input", { type: "date", "aria-label": `${level.title}: ${t("maint.act.done")}`, max: localInput().slice(0, 10) });
    const meter = h("input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": `${level.title}: ${t("maint.act.hours")}` });
    const never = h("button.button.small.quiet", { type: "button", title: t("maint.never.hint"), onclick: () => { meter.value = "0"; if (!at.value) at.value = localInput().slice(0, 10); } }, t("maint.never"));
    return { level, at, meter, id: newId(), element: h("div.maint-initial-row", {}, h("strong", {}, level.title), h("label.field", {}, h("span", {}, t("maint.act.hours")), meter), h("label.field", {}, h("span", {}, t("maint.date")), at), never) };
  });
  const note = h("input", { type: "text", maxlength: 500, autocomplete: "off", placeholder: t("maint.initial.note"), "aria-label": t("maint.initial.note") });
  const form = h("form.maint-initial", { onfocusin: hooks.onfocus }, h("p.muted", {}, t("maint.initial.hint")), ...rows.map((row) => row.element), note,
    h("div.maint-actions", {}, h("button.button.primary", {}, t("maint.initial.save"))));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const given = rows.filter((row) => row.meter.value.trim() || row.at.value);
    const short = given.find((row) => !row.at.value || (row.level.every_h && numberOf(row.meter.value) === null));
    if (!given.length || short) { tell(short ? t("maint.initial.both", { level: short.level.title }) : t("maint.initial.none"), true); return; }
    const levels = given.map((row) => ({ id: row.id, level: row.level.level, done_at: isoOf(`${row.at.value}T00:00`), done_hours: numberOf(row.meter.value) }));
    const answer = await tried(() => send("POST", `/api/maintenance/devices/${encodeURIComponent(device.device)}/initial`, { levels, note: note.value.trim() }));
    if (answer) { tell(t("maint.saved")); hooks.done(); }
  });
  return form;
}
