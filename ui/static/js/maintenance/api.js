// Changes sent to the server under somebody's name, the dialog that asks for what they need, and what became of them.

import { h } from "../dom.js";
import { number, t, word } from "../texts.js";
import { tell } from "../told.js";

export { tell };

const csrf = document.querySelector('meta[name="csrf"]')?.content ?? "";

/** A number for a new entry, so that a request that is sent twice is done once. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Send a change; the answer's body. Throws an Error with status, code and, after a conflict, what stands there now. */
export async function send(method, url, body = {}) {
  return answerOf(await fetch(url, { method, headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf }, body: JSON.stringify(body) }));
}

/** Send a picture as it is. */
export async function sendFile(url, file) {
  return answerOf(await fetch(url, { method: "POST", headers: { "Content-Type": file.type || "application/octet-stream", "X-CSRF-Token": csrf }, body: file }));
}

async function answerOf(response) {
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  const error = answer.error ?? {};
  const parts = Object.fromEntries(Object.entries(error.parts ?? {}).map(([name, value]) => [name, typeof value === "number" ? number(value, Number.isInteger(value) ? 0 : 1) : value]));
  const key = `denied.${error.code}`;
  throw Object.assign(new Error(word(key, "") ? t(key, parts) : error.message ?? response.statusText), { status: response.status, code: error.code, current: error.current, faults: error.faults });
}

/** Do something and tell when it fails; what it gave, or null. */
export async function tried(work) {
  try {
    return await work();
  } catch (error) {
    tell(error.message, true);
    return null;
  }
}

/** Ask with a dialog: fields are {name, label, type, value, required, ...attributes of the input}. Values, or null. */
export function ask({ title, text, go, fields = [], bad = false }) {
  const inputs = fields.map((field) => input(field));
  const form = h("form", { method: "dialog" }, h("h2", {}, title), text ? h("p.muted", {}, text) : null,
    ...inputs.map((one, place) => (fields[place].type === "checkbox" ? h("label.field.check", {}, one, h("span", {}, fields[place].label)) : h("label.field", {}, h("span", {}, fields[place].label), one))),
    h("p.actions", {}, h("button.button", { type: "button", onclick: () => dialog.close() }, t("maint.cancel")), h(bad ? "button.button.danger" : "button.button.primary", {}, go)));
  const dialog = h("dialog.maint-ask", {}, form);
  document.body.append(dialog);
  return new Promise((resolve) => {
    let answer = null;
    form.addEventListener("submit", () => {
      answer = Object.fromEntries(inputs.map((one) => [one.name, one.type === "checkbox" ? one.checked : one.value.trim()]));
    });
    dialog.addEventListener("close", () => { dialog.remove(); resolve(answer); });
    dialog.showModal();
  });
}

function input({ name, label, type = "text", value = "", rows = 0, options = null, ...more }) {
  if (options) {
    const select = h("select", { name, ...more }, ...options.map(([key, words]) => h("option", { value: key }, words)));
    select.value = value;
    return select;
  }
  const element = rows ? h("textarea", { name, rows, maxlength: 500, ...more }) : h("input", { name, type, maxlength: type === "text" ? 500 : null, ...more });
  if (type !== "checkbox") element.value = value;
  return element;
}

/** A local time for <input type="datetime-local">, and back to ISO with the zone. */
export function localInput(date = new Date()) {
  return new Date(date.getTime() - date.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

export function isoOf(local) { return new Date(local).toISOString(); }

export function numberOf(text) {
  const value = Number(String(text).replace(/\s/g, "").replace(",", "."));
  return text === "" || text === null || Number.isNaN(value) ? null : value;
}
