// The calendar: what was done and what is expected, month by month; on a phone as a list.

import { getJson, h } from "../dom.js";
import { startShell } from "../shell.js";
import { language, number, places, t } from "../texts.js";
import { devicePage, hours, servicePage } from "./words.js";

const root = document.getElementById("calendar");
const MONTHS = 4;
const monthName = new Intl.DateTimeFormat(places, { month: "long", year: "numeric" });
const weekday = new Intl.DateTimeFormat(places, { weekday: "short" });
const dayName = new Intl.DateTimeFormat(places, { weekday: "short", day: "numeric", month: "long" });
startShell();
let offset = 0;

async function load() {
  let found;
  try {
    found = await getJson(`/api/maintenance/calendar?lang=${language}&ahead=${(MONTHS + Math.max(0, offset)) * 31}&back=${45 + Math.max(0, -offset) * 31}`);
  } catch (error) {
    root.replaceChildren(h("p.notice.bad", {}, t("maint.gone", { message: error.message })));
    return;
  }
  const events = new Map();
  const add = (iso, event) => { const key = keyOf(new Date(iso)); events.set(key, [...(events.get(key) ?? []), event]); };
  for (const one of found.done) add(one.done_at, { ...one, state: "done", href: servicePage(one.id) });
  for (const one of found.coming) add(one.time, { ...one, href: devicePage(one.device) });
  const today = new Date();
  const months = Array.from({ length: MONTHS }, (_, place) => new Date(today.getFullYear(), today.getMonth() + place + offset, 1));
  const step = (by, words, sign) => h("button.button", { type: "button", "aria-label": words, title: words, onclick: () => { offset += by; load(); } }, sign);
  root.replaceChildren(h("div.maint-actions", {}, step(-MONTHS, t("maint.earlier"), "‹"), h("button.button", { type: "button", onclick: () => { offset = 0; load(); } }, t("maint.today")), step(MONTHS, t("maint.later"), "›"), legend()),
    h("div.maint-months", {}, ...months.map((month) => monthView(month, events, today))));
}

function keyOf(date) { return `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`; }

function legend() {
  return h("ul.maint-legend", {}, ...["done", "overdue", "critical", "warning", "ok", "later"].map((state) => h(`li.maint-event.${state}`, {}, t(`maint.event.${state}`))));
}

function monthView(month, events, today) {
  const first = (month.getDay() + 6) % 7, days = new Date(month.getFullYear(), month.getMonth() + 1, 0).getDate();
  const monday = new Date(2024, 0, 1);
  const names = Array.from({ length: 7 }, (_, n) => h("th", { scope: "col" }, weekday.format(new Date(2024, 0, monday.getDate() + n))));
  const rows = [];
  for (let at = 1 - first; at <= days; at += 7) {
    rows.push(h("tr", {}, ...Array.from({ length: 7 }, (_, n) => dayCell(month, at + n, days, events, today))));
  }
  const listed = Array.from({ length: days }, (_, n) => new Date(month.getFullYear(), month.getMonth(), n + 1)).filter((date) => events.has(keyOf(date)));
  return h("section.card.maint-month", {}, h("header.card-head", {}, h("h2", {}, monthName.format(month))),
    h("table.maint-grid", {}, h("thead", {}, h("tr", {}, ...names)), h("tbody", {}, ...rows)),
    h("ul.maint-agenda", {}, ...(listed.length ? listed.map((date) => h("li", {}, h("span.muted", {}, dayName.format(date)), ...events.get(keyOf(date)).map((event) => eventLink(event)))) : [h("li.muted", {}, t("maint.month.empty"))])));
}

function dayCell(month, day, days, events, today) {
  if (day < 1 || day > days) return h("td.off");
  const date = new Date(month.getFullYear(), month.getMonth(), day);
  const now = keyOf(date) === keyOf(today);
  return h("td", { class: now ? "today" : "", "aria-current": now ? "date" : null }, h("span.maint-day", {}, number(day)), ...(events.get(keyOf(date)) ?? []).map((event) => eventLink(event)));
}

function eventLink(event) {
  const device = event.device_title, site = event.site_title;
  const words = [t(`maint.event.${event.state}`), event.hours ? t("maint.at", { n: hours(event.hours) }) : null, event.absorbs?.length ? t("maint.with", { levels: event.absorbs.join(", ") }) : null, event.signed_by].filter(Boolean).join(", ");
  return h(`a.maint-event.${event.state}`, { href: event.href, title: `${site} ${device}: ${event.title}. ${words}` }, h("strong", {}, event.title), ` ${device}`, h("span.site", {}, ` ${site}`));
}

load();
