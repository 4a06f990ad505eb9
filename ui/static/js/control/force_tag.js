// On the page of a tag: hold it at a value for a time, for tests at commissioning; and let it go.

import { getJson, h, repeat } from "../dom.js";
import { may, post } from "../session.js";
import { language, moment, t } from "../texts.js";

const name = document.getElementById("tag").dataset.tag;
const place = document.getElementById("force");
const MINUTES = [5, 15, 60, 240, 480];
let tag = null, shownKey = null;

async function update() {
  tag ??= await getJson(`/api/tags/${encodeURIComponent(name)}?lang=${language}`);
  const { forces } = await getJson("/api/force");
  const force = forces.find((one) => one.tag === name);
  const key = force ? force.until : "";
  if (key === shownKey) return;
  shownKey = key;
  place.replaceChildren(...(force ? banner(force) : offer()));
}

function banner(force) {
  const free = may("force") ? h("button.button", { type: "button", onclick: () => send("/api/force/release", { tag: name }) }, t("control.release")) : null;
  return [h("div.force-banner", { role: "status" }, h("p", {}, h("strong", {}, t("control.forced.tag")), ` ${force.reason}`,
    h("span.muted", {}, ` · ${force.who} · ${t("control.until", { time: moment(force.until).replace(/[.,]\d+$/, "") })}`)), free ?? "")];
}

/** Only what a device or a rule gives can be forced, and no text. */
function offer() {
  const given = tag.origin && ("address" in tag.origin || "rule" in tag.origin);
  if (!may("force") || !given || tag.kind === "text" || tag.kind === "u64") return [];
  return [h("button.button.quiet", { type: "button", onclick: ask }, t("control.force"))];
}

function ask() {
  const value = tag.kind === "bool"
    ? h("select", { name: "value" }, h("option", { value: 1 }, t("bool.on")), h("option", { value: 0 }, t("bool.off")))
    : h("input", { name: "value", type: "number", step: tag.kind === "float" ? "any" : 1, value: tag.value ?? "", required: true });
  const minutes = h("select", { name: "minutes" }, ...MINUTES.map((n) => h("option", { value: n }, t("age.min", { n }))));
  const reason = h("textarea", { name: "reason", rows: 2, maxlength: 500, required: true });
  const trouble = h("p.notice.bad", { role: "alert", hidden: true });
  const field = (words, input) => h("label.field", {}, h("span", {}, words), input);
  const form = h("form", {}, h("h2", {}, t("control.force")), h("p.muted", {}, t("control.force.text")), trouble,
    field(t("control.new"), value), field(t("control.force.time"), minutes), field(t("control.reason"), reason),
    h("p.actions", {}, h("button.button", { type: "button", onclick: () => dialog.close() }, t("alarms.cancel")), " ", h("button.button.primary", {}, t("control.force.go"))));
  const dialog = h("dialog.force-dialog", {}, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await post("/api/force", { tag: name, value: Number(value.value), seconds: Number(minutes.value) * 60, reason: reason.value.trim() });
      dialog.close();
    } catch (error) { trouble.textContent = error.message; trouble.hidden = false; }
    update();
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

async function send(url, body) {
  await post(url, body).catch((error) => { place.append(h("p.notice.bad", { role: "alert" }, error.message)); });
  update();
}

repeat(2, update);
