// What a trend shows, as the address holds it: tags, span or live edge, comparison, markers. An address is a whole view.

const NAME = /^[a-z0-9_]+(\.[a-z0-9_]+)+$/;
export const MOST_TAGS = 12;
export const SPANS = [300, 900, 3600, 14400, 28800, 86400, 604800, 2592000, 31536000];
const SHORTEST_S = 2, LONGEST_S = 20 * 366 * 86400;

/** {tags, hidden, span, from (null = live), compare, marks, at} of a query string. */
export function readView(search) {
  const query = new URLSearchParams(search);
  const tags = names(query.get("tags")).slice(0, MOST_TAGS);
  const from = moment(query.get("from")), to = moment(query.get("to")), at = moment(query.get("at"));
  let span = clamp(Number(query.get("span")) || 3600), start = from;
  if (from !== null && to !== null && to > from) span = clamp(to - from);
  else if (from === null && to !== null) start = to - span;
  if (start === null && at !== null) start = at - span / 2; // around a moment
  return {
    tags, hidden: new Set(names(query.get("hide")).filter((tag) => tags.includes(tag))), span, from: start, at,
    compare: Math.max(0, Number(query.get("compare")) || 0), marks: query.get("marks") !== "0",
  };
}

/** The inverse of readView: "?tags=...". */
export function writeView(view) {
  const parts = [];
  if (view.tags.length) parts.push(`tags=${view.tags.join(",")}`);
  if (view.hidden.size) parts.push(`hide=${view.tags.filter((tag) => view.hidden.has(tag)).join(",")}`);
  if (view.from === null) parts.push(`span=${round(view.span)}`);
  else parts.push(`from=${iso(view.from)}`, `to=${iso(view.from + view.span)}`);
  if (view.at !== null) parts.push(`at=${iso(view.at)}`);
  if (view.compare) parts.push(`compare=${round(view.compare)}`);
  if (!view.marks) parts.push("marks=0");
  return `?${parts.join("&")}`;
}

export function clamp(span) { return Math.min(LONGEST_S, Math.max(SHORTEST_S, span)); }

/** Tag names out of any text: a list, lines, links to tag pages. What is dropped or pasted may be either. */
export function namesIn(text) {
  return names(text.split(/[\s,;]+/).map((word) => decodeURIComponent(word.split(/\/tags\//).pop().split(/[?#]/)[0])).join(","));
}

function names(text) { return [...new Set((text ?? "").split(",").filter((name) => NAME.test(name)))]; }

function moment(text) {
  if (!text) return null;
  const at = /^\d{9,11}(\.\d+)?$/.test(text) ? Number(text) : Date.parse(text) / 1000;
  return Number.isFinite(at) ? at : null;
}

function round(seconds) { return String(Math.round(seconds * 1000) / 1000); }
function iso(seconds) { return new Date(Math.round(seconds * 1000)).toISOString().replace(".000Z", "Z"); }
