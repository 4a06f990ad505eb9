// Visible texts in the page's language, and numbers, ages and times as that language writes them.

export const language = document.documentElement.lang;
/** For dates and times: a plant's clock has 24 hours in either language. */
export const places = language === "en" ? "en-GB" : language;
const table = JSON.parse(document.getElementById("texts").textContent);

/** One visible text with its {parts} filled in; the key itself where there is none. */
export function t(key, parts) {
  const text = table[key] ?? key;
  return parts ? text.replace(/\{(\w+)\}/g, (whole, name) => parts[name] ?? whole) : text;
}

/** The text of this key, or a fallback: for words that come from a configuration. */
export function word(key, fallback) { return table[key] ?? fallback; }

export function unitWord(unit) { return unit ? table[`unit.${unit}`] ?? unit : ""; }

const formats = new Map();
/** A number with a fixed count of decimals, grouped in thousands. */
export function number(value, decimals = 0) {
  if (value === null || value === undefined || Number.isNaN(value)) return "—";
  let format = formats.get(decimals);
  if (!format) {
    format = new Intl.NumberFormat(language, { minimumFractionDigits: decimals, maximumFractionDigits: decimals, useGrouping: "min2" });
    formats.set(decimals, format);
  }
  const text = format.format(value);
  return text.startsWith("-") ? `−${text.slice(1)}` : text;
}

/** A text of the server with its unit, numbers as the language writes them; a dash where there is nothing. */
export function quantity(text, unit) {
  if (text === "") return "—";
  const match = /^-?\d+(\.\d+)?$/.exec(text);
  const figure = match ? number(Number(text), match[1] ? match[1].length - 1 : 0) : text;
  return `${figure} ${unitWord(unit)}`.trim();
}

/** What a tag shows: numbers as the language writes them, everything else in the server's words. */
export function shown(kind, value, text, decimals, hex) {
  if (value === null || value === undefined) return "—";
  if (kind === "float") return number(value, decimals);
  if (kind === "int" && !hex) return number(value, 0);
  return text === "" ? "—" : text;
}

/** Seconds as the two figures that matter: "12 s", "3 min". */
export function age(seconds) {
  if (seconds === null || seconds === undefined) return "—";
  if (seconds < 0) seconds = 0;
  if (seconds < 90) return t("age.s", { n: Math.floor(seconds) });
  if (seconds < 5400) return t("age.min", { n: Math.floor(seconds / 60) });
  if (seconds < 172800) return t("age.h", { n: Math.floor(seconds / 3600) });
  return t("age.d", { n: Math.floor(seconds / 86400) });
}

const clock = new Intl.DateTimeFormat(places, { dateStyle: "short", timeStyle: "medium" });
/** An ISO time in local time, with milliseconds. */
export function moment(iso) {
  if (!iso) return "—";
  const at = new Date(iso);
  return `${clock.format(at)}${language === "ru" ? "," : "."}${String(at.getMilliseconds()).padStart(3, "0")}`;
}

export function bytes(count) {
  if (count === null || count === undefined) return "—";
  const steps = ["B", "kB", "MB", "GB"];
  let step = 0;
  while (count >= 1000 && step < 3) { count /= 1000; step += 1; }
  return `${number(count, step ? 1 : 0)} ${t(`byte.${steps[step]}`)}`;
}
