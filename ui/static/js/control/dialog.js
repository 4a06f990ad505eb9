// The dialog of one command: a value where it takes one, what will be written, the countdown, hold to give.

import { h, setText } from "../dom.js";
import { post } from "../session.js";
import { number, t } from "../texts.js";
import { holdButton } from "./hold.js";
import { own, rangeText, valueText } from "./words.js";

const dialog = document.getElementById("command"), body = document.getElementById("command-body");
let open = null; // {device, token} of what is selected

/** Lead through a command; `given` hears the operation that has begun. */
export function askCommand(device, title, command, given) {
  dialog.onclose = () => giveBack();
  if (!dialog.open) dialog.showModal();
  if (command.value) askValue(device, title, command, given);
  else select(device, title, command, null, given);
}

/** The dialog's content; null children are left out. */
function fill(...children) { body.replaceChildren(...children.flat().filter((child) => child !== null)); }

function head(title, command) {
  return [h("p.command-device", {}, title), h(`h2.danger-${command.danger}`, { id: "command-title" }, own(command.label))];
}

function buttons(...more) {
  return h("p.actions", {}, h("button.button", { type: "button", onclick: () => dialog.close() }, t("alarms.cancel")), ...more);
}

function askValue(device, title, command, given, trouble = "") {
  const spec = command.value;
  const input = spec.options.length
    ? h("select", { name: "value", required: true }, ...spec.options.map((one) => h("option", { value: one.value }, own(one.label))))
    : h("input", { name: "value", type: "number", min: spec.low, max: spec.high, step: spec.step, required: true, inputmode: "decimal", autocomplete: "off" });
  const form = h("form", {},
    command.now_value !== null ? h("p.muted", {}, t("control.now", { value: valueText(spec, command.now_value) })) : null,
    h("label.field", {}, h("span", {}, spec.options.length ? t("control.new") : `${t("control.new")}, ${rangeText(spec)}`), input),
    trouble ? h("p.notice.bad", { role: "alert" }, trouble) : null,
    buttons(h("button.button.primary", {}, t("control.check"))));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    select(device, title, command, Number(input.value), given);
  });
  fill(head(title, command), form);
  input.focus();
}

async function select(device, title, command, value, given) {
  fill(head(title, command), h("p.muted", {}, t("control.selecting")), buttons());
  try {
    const selected = await post(`${base(device)}/${command.command}/select`, value === null ? {} : { value });
    open = { device, token: selected.token };
    if (dialog.open) showSelected(device, title, command, selected, given); else giveBack();
  } catch (error) {
    if (command.value) askValue(device, title, command, given, error.message);
    else showRefusal(title, command, error.message);
  }
}

function showRefusal(title, command, text) {
  fill(head(title, command), h("p.notice.bad", { role: "alert" }, text), buttons());
  body.querySelector("button").focus();
}

function showSelected(device, title, command, selected, given) {
  const until = performance.now() + selected.expires_s * 1000;
  const left = h("span.left"), gauge = h("span.count-fill");
  const proof = [t("control.proof.accepted"), selected.read_back ? t("control.proof.stored") : null,
    selected.effect_within_s ? t("control.proof.effective", { s: number(selected.effect_within_s) }) : t("control.proof.none")].filter(Boolean);
  const hold = holdButton(t("control.hold", { command: own(command.label) }), t("control.hold.hint", { s: number(selected.hold_s, 1) }), selected.hold_s,
    () => operate(device, title, command, selected, given));
  fill(head(title, command),
    command.value ? h("p.change", {}, command.now_value !== null ? h("span.muted", {}, `${valueText(command.value, command.now_value)} → `) : null, h("strong", {}, valueText(command.value, selected.value))) : null,
    h("h3", {}, t("control.writes")),
    h("ol.steps", {}, ...selected.steps.map((step) => h("li", {}, h("span.after", {}, step.after_ms ? `+${number(step.after_ms)} ${t("unit.ms")}` : ""),
      h("span", {}, own(step.words)), h("code", {}, step.frame)))),
    h("p.muted.proof", {}, `${t("control.proof")}: ${proof.join("; ")}.`),
    command.note ? h("p.muted", {}, command.note) : null,
    h("div.count", { role: "timer" }, h("span.count-bar", {}, gauge), left),
    h("div.hold-row", {}, h("button.button.big", { type: "button", onclick: () => dialog.close() }, t("alarms.cancel")), hold.button));
  hold.button.focus();
  const tick = () => {
    if (!dialog.open || open?.token !== selected.token) return;
    const rest = (until - performance.now()) / 1000;
    gauge.style.transform = `scaleX(${Math.max(0, rest / selected.expires_s)})`;
    setText(left, rest > 0 ? t("control.left", { s: Math.ceil(rest) }) : t("control.expired"));
    if (rest <= 0) { hold.disable(t("control.again")); open = null; return; }
    setTimeout(tick, 200);
  };
  tick();
}

async function operate(device, title, command, selected, given) {
  open = null; // the token is spent, whatever comes of it
  try {
    const sent = selected.value === null ? {} : { value: selected.value };
    const operation = await post(`${base(device)}/${command.command}/operate`, { token: selected.token, ...sent });
    dialog.close();
    given(operation);
  } catch (error) {
    // Without an answer nobody here knows whether the order has arrived; what became of it stands under "last command".
    const lost = ["no-answer", "timeout"].includes(error.code);
    showRefusal(title, command, lost ? t("control.lost") : error.message);
    given(null);
  }
}

/** Closed without giving it: the device is free for others at once. */
function giveBack() {
  if (!open) return;
  const { device, token } = open;
  open = null;
  post(`${base(device)}/cancel`, { token }).catch(() => {}); // it expires by itself
}

const base = (device) => `/api/devices/${encodeURIComponent(device)}/commands`;
