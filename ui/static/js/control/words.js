// Texts of commands in the page's language.

import { language, number, t, unitWord } from "../texts.js";

/** Of a pair of words. */
export const own = (words) => words?.[language] ?? words?.en ?? "";

/** A value of a command as it is read: "62,5 %", or the text of its option. */
export function valueText(spec, value) {
  if (!spec || value === null || value === undefined) return "";
  const option = spec.options.find((one) => one.value === value);
  if (option) return own(option.label);
  return `${number(value, spec.decimals)} ${unitWord(spec.unit)}`.trim();
}

/** "0–100 %" */
export function rangeText(spec) {
  return t("control.range", { low: number(spec.low, spec.decimals), high: number(spec.high, spec.decimals), unit: unitWord(spec.unit) });
}

const STAGES = { pending: "…", done: "✓", failed: "✕", unknown: "?", none: "–" };
export const stageSign = (proof) => STAGES[proof] ?? "";
