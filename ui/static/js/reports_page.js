// Reports: any on demand, and the list of those that were made by the clock.

import { getJson, h, setText } from "./dom.js";
import { startShell } from "./shell.js";
import { language, moment, places, t } from "./texts.js";

const $ = (id) => document.getElementById(id);
const own = (words, fallback) => words?.[language] ?? words?.en ?? fallback;
const day = new Intl.DateTimeFormat(places, { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const monthName = new Intl.DateTimeFormat(places, { month: "long", year: "numeric", timeZone: "UTC" });
let kind = "day", known = null;

startShell();

function href(what, period, site, form) { return `/api/reports/${what}/${period}/${site}.${form}?lang=${language}`; }

/** The name of the period that the form means; null where it is not filled in. */
function asked() {
  if (kind === "month") return /^\d{4}-\d{2}$/.test($("month").value) ? $("month").value : null;
  if (!$("date").value) return null;
  return kind === "shift" ? `${$("date").value}-${$("shift").value}` : $("date").value;
}

function showAsked() {
  for (const button of document.querySelectorAll("[data-kind]")) button.setAttribute("aria-pressed", String(button.dataset.kind === kind));
  $("date-field").hidden = kind === "month";
  $("month-field").hidden = kind !== "month";
  $("shift-field").hidden = kind !== "shift";
  const period = asked(), site = $("site").value;
  for (const [id, form] of [["show", "html"], ["csv", "csv"], ["xlsx", "xlsx"]]) {
    if (period && site) $(id).href = href(kind, period, site, form); else $(id).removeAttribute("href");
    $(id).setAttribute("aria-disabled", String(!(period && site)));
  }
  const place = known?.sites.find((one) => one.site === site);
  setText($("zone"), place ? t("reports.zone", { zone: place.zone }) : "");
}

/** The last period that is over, as what the form begins with. */
function fillLast() {
  const last = known.sites.find((one) => one.site === $("site").value)?.last ?? {};
  if (kind === "month" && last.month) $("month").value = last.month;
  if (kind === "day" && last.day) $("date").value = last.day;
  if (kind === "shift" && last.shift) { $("date").value = last.shift.slice(0, 10); $("shift").value = last.shift.slice(11); }
}

function periodWords(row) {
  if (row.kind === "month") return monthName.format(new Date(`${row.period}-01T00:00:00Z`));
  const date = day.format(new Date(`${row.period.slice(0, 10)}T00:00:00Z`));
  return row.kind === "shift" ? `${date}, ${t("reports.shift.number", { n: row.period.slice(11) })}` : date;
}

function showKept() {
  const which = $("which").value, rows = known.reports.filter((row) => !which || row.kind === which);
  $("kept").tBodies[0].replaceChildren(...rows.map((row) => h("tr", {},
    h("th", { scope: "row" }, h("a", { href: href(row.kind, row.period, row.site, "html"), target: "_blank", rel: "noopener" }, periodWords(row))),
    h("td", {}, t(`reports.kind.${row.kind}`)),
    h("td", {}, own(known.sites.find((one) => one.site === row.site)?.title, row.site)),
    h("td", {}, moment(row.written)),
    h("td", {}, h("a", { href: href(row.kind, row.period, row.site, "csv") }, "CSV"), h("a", { href: href(row.kind, row.period, row.site, "xlsx") }, "XLSX")))));
  $("kept").hidden = !rows.length;
  $("empty").hidden = rows.length > 0;
  setText($("empty"), t("reports.none"));
  setText($("made"), known.made.length ? t("reports.made", { kinds: known.made.map((one) => t(`reports.kind.${one}`).toLowerCase()).join(", "), shifts: known.shifts.join(", ") }) : t("reports.made.none"));
}

for (const button of document.querySelectorAll("[data-kind]")) button.addEventListener("click", () => { kind = button.dataset.kind; fillLast(); showAsked(); });
for (const id of ["site", "date", "month", "shift"]) $(id).addEventListener("input", showAsked);
$("which").addEventListener("change", showKept);
$("ask").addEventListener("submit", (event) => { event.preventDefault(); if ($("show").href) $("show").click(); });

async function start() {
  if ($("reports").dataset.made === "no") { $("kept").hidden = true; $("empty").hidden = false; setText($("empty"), t("reports.off")); showAsked(); return; }
  known = await getJson("/api/reports");
  $("site").replaceChildren(...known.sites.map((one) => h("option", { value: one.site }, own(one.title, one.site))));
  $("shift").replaceChildren(...known.shifts.map((at, i) => h("option", { value: i + 1 }, `${i + 1} (${at} – ${known.shifts[(i + 1) % known.shifts.length]})`)));
  fillLast();
  showAsked();
  showKept();
}

start().catch((error) => { $("empty").hidden = false; setText($("empty"), t("error.load", { message: error.message })); });
