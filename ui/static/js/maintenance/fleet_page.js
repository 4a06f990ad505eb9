// The fleet: every engine with its hours, what is due next and when; brought up to date every few seconds.

import { getJson, h, repeat } from "../dom.js";
import { startShell } from "../shell.js";
import { language, number, t } from "../texts.js";
import { STATES, devicePage, expected, hours, left, progress, servicePage, stateMark } from "./words.js";

const $ = (id) => document.getElementById(id);
startShell();
let sites = null;
let shown = "";

async function update() {
  try {
    sites ??= new Map((await getJson("/api/directory")).sites.map((site) => [site.name, site.title[language] ?? site.name]));
  } catch { sites = null; }
  let devices;
  try {
    ({ devices } = await getJson(`/api/maintenance?lang=${language}`));
  } catch (error) {
    shown = "";
    $("counts").replaceChildren();
    $("fleet").replaceChildren(h("p.notice.bad", {}, t("maint.gone", { message: error.message })));
    return;
  }
  const now = JSON.stringify(devices);
  if (now === shown) return;
  shown = now;
  showCounts(devices);
  const names = [...new Set(devices.map((device) => device.site))];
  const blocks = names.map((site) => h("section.maint-site", {}, h("h2", {}, sites?.get(site) ?? site),
    h("div.maint-cards", {}, ...devices.filter((device) => device.site === site).map(card))));
  const focus = document.activeElement?.getAttribute?.("href");
  $("fleet").replaceChildren(...(blocks.length ? blocks : [h("p.muted", {}, t("maint.none"))]));
  if (focus) document.querySelector(`#fleet a[href="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
}

function showCounts(devices) {
  const counts = STATES.map((state) => [state, devices.filter((device) => device.state === state).length]).filter(([, n]) => n);
  $("counts").replaceChildren(...counts.map(([state, n]) => h(`li.maint-state.${state}`, {}, h("span.maint-mark", { "aria-hidden": "true" }), h("strong", {}, number(n)), ` ${t(`maint.count.${state}`)}`)));
}

function card(device) {
  return h(`article.card.maint-card.${device.state}`, {},
    h("header.maint-head", {},
      h("h3", {}, h("a", { href: devicePage(device.device) }, device.title), h("span.mono.muted", {}, device.device)),
      stateMark(device.state)),
    h("div.maint-hours", {}, h("strong", {}, hours(device.hours)), h("span.unit", {}, t("unit.h")),
      h("span.muted", {}, device.meter === "good" ? (device.per_day === null ? t("maint.perday.none") : t("maint.perday", { n: number(device.per_day, 1) })) : t(`maint.meter.${device.meter}`))),
    device.next ? following(device) : nothing(device),
    actions(device));
}

function following(device) {
  const next = device.next;
  const due = [next.due_h !== null ? t("maint.at", { n: hours(next.due_h) }) : null, expected(next)].filter(Boolean).join(", ");
  return h("div.maint-next", {},
    h("p", {}, h("strong", {}, next.title), " ", h("span", {}, left(next).join(", "))),
    progress(next),
    h("p.muted", {}, [due, next.absorbs.length ? t("maint.with", { levels: next.absorbs.map((one) => one.title).join(", ") }) : null].filter(Boolean).join(" · ")));
}

function nothing(device) {
  if (device.programme && !device.unknown.length) return h("div.maint-next", {}, h("p.muted", {}, t("maint.hours.unknown")));
  const text = device.programme ? t("maint.state.unknown") : t("maint.state.none");
  return h("div.maint-next", {}, h("p", {}, text), h("p", {}, h("a", { href: devicePage(device.device) }, device.programme ? t("maint.enter") : t("maint.assign"))));
}

function actions(device) {
  const open = device.open.map((service) => h("a.button.primary", { href: servicePage(service.id), title: t("maint.open.by", { level: service.title, who: service.started_by, n: service.answered }) }, t("maint.continue", { level: service.title })));
  return h("footer.maint-actions", {}, ...open, h("a.button", { href: devicePage(device.device) }, t("maint.details")));
}

repeat(4, update);
