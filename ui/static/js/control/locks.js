// Tag-outs and forced tags of a device: shown, set, taken back.

import { getJson, h, setText } from "../dom.js";
import { may, post } from "../session.js";
import { language, moment, number, t } from "../texts.js";
import { tell } from "../told.js";

const $ = (id) => document.getElementById(id);

/** The banner of a locked device, or the way to lock it. */
export function lockBanner(device, told, changed) {
  const lock = told.tag_out;
  if (!lock) return [];
  const free = told.may.tag_in ? h("button.button", { type: "button", id: "unlock", onclick: () => unlock(device, changed) }, t("control.unlock")) : null;
  return [h("div.lock-banner", { role: "status" },
    h("span.lock-sign", { "aria-hidden": "true" }, "⚠"),
    h("p", {}, h("strong", {}, t("control.locked")), h("span", {}, ` ${lock.reason}`), h("span.muted", {}, ` · ${lock.who}, ${moment(lock.since)}`)), free)];
}

/** Ask for a reason; null when it was cancelled. */
export function askReason(title, text, go) {
  const dialog = $("reason"), form = $("reason-form");
  setText($("reason-title"), title);
  setText($("reason-text"), text);
  setText($("reason-go"), go);
  form.reset();
  return new Promise((resolve) => {
    let reason = null;
    form.onsubmit = () => { reason = form.elements.reason.value.trim(); };
    $("reason-cancel").onclick = () => dialog.close();
    dialog.onclose = () => resolve(reason);
    dialog.showModal();
  });
}

export async function lock(device, changed) {
  const reason = await askReason(t("control.lock"), t("control.lock.text"), t("control.lock"));
  if (reason) await attempt(() => post("/api/tag-outs", { device, reason }), changed);
}

async function unlock(device, changed) { await attempt(() => post("/api/tag-outs/release", { device }), changed); }

async function attempt(work, changed) {
  try {
    const answer = await work();
    if (answer.retained === false) tell(t("control.not-kept"), true);
  } catch (error) { tell(error.message, true); }
  changed();
}

/** The forced tags of a device, with labels from the directory. */
export async function showForced(device, labels, changed) {
  const { forces } = await getJson("/api/force");
  const own = forces.filter((force) => force.tag.startsWith(`${device}.`));
  $("forced-card").hidden = !own.length;
  $("forced").replaceChildren(...own.map((force) => h("li", {},
    h("a", { href: `/tags/${encodeURIComponent(force.tag)}` }, labels.get(force.tag)?.[language] ?? force.tag),
    h("strong", {}, number(force.value, Number.isInteger(force.value) ? 0 : 2)),
    h("span.muted", {}, `${force.reason} · ${force.who} · ${t("control.until", { time: moment(force.until).replace(/[.,]\d+$/, "") })}`),
    may("force") ? h("button.button.small", { type: "button", onclick: () => attempt(() => post("/api/force/release", { tag: force.tag }), changed) }, t("control.release")) : null)));
}
