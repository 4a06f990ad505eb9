// What became of commands: three stages as they come, the verdict with its reason, and those before.

import { h } from "../dom.js";
import { moment, number, t } from "../texts.js";
import { own, stageSign, valueText } from "./words.js";

const SIGN = { done: "✓", failed: "✕", unknown: "?", cancelled: "–", "under-way": "…" };

export function progress(operations, commands, cancel) {
  if (!operations.length) return [h("p.muted.pad", {}, t("control.none"))];
  const [last, ...before] = operations;
  const specs = new Map(commands.map((one) => [one.command, one.value]));
  return [current(last, specs, cancel), before.length ? h("ul.before", { "aria-label": t("control.before") }, ...before.slice(0, 6).map((one) => line(one, specs))) : null].filter(Boolean);
}

function written(one, specs) {
  const spec = specs.get(one.command);
  return spec && one.value !== null ? ` ${valueText(spec, one.value)}` : one.new ? ` ${one.new}` : "";
}

function current(one, specs, cancel) {
  const stages = one.stages.map((stage) => h(`li.proof-${stage.proof}`, {}, h("span.sign", { "aria-hidden": "true" }, stageSign(stage.proof)),
    h("span", {}, t(`control.stage.${stage.stage}`)), h("span.muted", {}, t(`control.proof-state.${stage.proof}`))));
  const left = one.effect_left_s !== null && one.phase === "proving" ? ` ${t("control.effect-left", { s: number(one.effect_left_s) })}` : "";
  return h(`div.operation.verdict-${one.verdict}`, {},
    h("p.operation-title", {}, h("strong", {}, own(one.label)), written(one, specs)),
    h("p.muted", {}, `${one.who}, ${moment(one.begun)}`),
    h("ol.stages", {}, ...stages),
    h("p.verdict", {}, h("span.sign", { "aria-hidden": "true" }, SIGN[one.verdict] ?? ""), h("strong", {}, t(`control.verdict.${one.verdict}`)), left),
    own(one.reason) ? h("p.reason", {}, own(one.reason)) : null,
    one.phase === "queued" ? h("button.button", { type: "button", onclick: () => cancel(one) }, t("control.withdraw")) : null);
}

function line(one, specs) {
  return h(`li.verdict-${one.verdict}`, { title: own(one.reason) }, h("span.sign", { "aria-hidden": "true" }, SIGN[one.verdict] ?? ""),
    h("span.what", {}, own(one.label) + written(one, specs)), h("span.muted", {}, t(`control.verdict.${one.verdict}`)),
    h("span.muted.at", {}, `${one.who}, ${moment(one.begun).replace(/[.,]\d+$/, "")}`));
}
