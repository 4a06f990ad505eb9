// What the pages of accounts share: rows, troubles, questions, secrets that are shown once.

import { h } from "./dom.js";
import { t, moment } from "./texts.js";

const $ = (id) => document.getElementById(id);

export function fail(error) {
  $("trouble").textContent = error.message;
  $("trouble").hidden = false;
}

/** Do something that may be refused; whether it was done. */
export async function attempt(work) {
  $("trouble").hidden = true;
  try { await work(); return true; } catch (error) { fail(error); return false; }
}

/** A cell with its column's title, which phones show beside it. */
export function cell(table, index, ...content) {
  const head = table.tHead.rows[0].cells[index];
  return h("td", { "data-title": head ? head.textContent : "" }, ...content);
}

export function row(table, ...cells) {
  return h("tr", {}, ...cells.map((content, index) => cell(table, index, Array.isArray(content) ? h("div", {}, ...content) : content)));
}

/** Without milliseconds: nobody compares log-ins so closely. */
export function when(iso) { return iso ? moment(iso).replace(/[.,]\d{3}$/, "") : "—"; }

export function sites(names) { return names.includes("*") ? t("users.sites.all") : names.join(", "); }

/** The browser and the system out of what a browser says it is. */
export function agent(text) {
  const browser = /(Edg|OPR|YaBrowser|Firefox|Chrome|Safari)\/(\d+)/.exec(text);
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(text);
  const name = { Edg: "Edge", OPR: "Opera", YaBrowser: "Yandex" }[browser?.[1]] ?? browser?.[1];
  return [name && `${name} ${browser[2]}`, system?.[1]].filter(Boolean).join(", ") || text.slice(0, 40) || "—";
}

/** A question before something that cannot be taken back; true when it was confirmed. */
export function confirmed(text, go) {
  return new Promise((resolve) => {
    const dialog = h("dialog", {}, h("p", {}, text), h("form", { method: "dialog" },
      h("button.button", { value: "" }, t("alarms.cancel")), " ", h("button.button.primary", { value: "yes" }, go)));
    document.body.append(dialog);
    dialog.addEventListener("close", () => { dialog.remove(); resolve(dialog.returnValue === "yes"); });
    dialog.showModal();
  });
}

/** A link or token that is told this once. */
export function showOnce(title, text, secret) {
  const field = h("input.secret", { type: "text", readonly: true, value: secret, "aria-label": title, onfocus: () => field.select() });
  const copy = h("button.button", { type: "button", onclick: async () => { field.select(); await navigator.clipboard?.writeText(secret); copy.textContent = t("account.copied"); } }, t("account.copy"));
  const dialog = h("dialog.once", {}, h("h2", {}, title), h("p.muted", {}, text), h("p.secret-line", {}, field, copy),
    h("form", { method: "dialog" }, h("button.button.primary", {}, t("alarms.close"))));
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => { dialog.remove(); resolve(); });
    dialog.showModal();
  });
}
