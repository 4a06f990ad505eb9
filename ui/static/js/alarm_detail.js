// One alarm in full: times, guidance, what its device showed when it was raised, and what can be done.

import { around, earlier } from "./alarm_past.js";
import { ageOf, fullTime, lastRaise, own, priorityCell, stateWord, tagHref, when } from "./alarm_words.js";
import { getJson, h } from "./dom.js";
import { devicePage } from "./maintenance/words.js";
import { may } from "./session.js";
import { drawSparkline } from "./sparkline.js";
import { age, language, number, quantity, t } from "./texts.js";

/** Fill the panel; orders: {acknowledge(alarm, comment), device, shelve, takeOut, reset(alarm), close()}; none for past alarms. */
export async function showDetail(panel, id, places, orders, stillWanted) {
  const alarm = await getJson(`/api/alarms/${id}?lang=${language}`);
  const [past, curves] = await Promise.all([earlier(alarm), around(alarm, alarm.snapshot.filter((row) => typeof row.value === "number").map((row) => row.tag))]);
  if (!stillWanted()) return;
  const same = panel.dataset.alarm === String(id); // what is being typed stays with its alarm
  panel.dataset.alarm = id;
  const comment = same ? panel.querySelector("input")?.value ?? "" : "";
  const typing = same && panel.contains(document.activeElement) && document.activeElement.matches("input");
  panel.replaceChildren(head(alarm, places, orders), actions(alarm, comment, orders), guidance(alarm), facts(alarm), snapshot(alarm, curves), history(past), links(alarm));
  drawCurves(panel, curves);
  if (typing) panel.querySelector("input")?.focus();
}

function head(alarm, places, orders) {
  return h("header.detail-head", {},
    h("div", {}, priorityCell(alarm.priority, alarm.acknowledged), h("h2", {}, own(alarm.label, alarm.key)),
      h("p.muted", {}, [places.device(alarm.device, alarm.site), alarm.code].filter(Boolean).join(" · "))),
    h("button.icon", { type: "button", "aria-label": t("alarms.close"), title: `${t("alarms.close")} (Esc)`, onclick: orders.close }, "✕"));
}

function actions(alarm, comment, orders) {
  if (!orders.acknowledge || alarm.cleared_at || !may("alarms")) return "";
  const input = h("input", { type: "text", maxlength: 500, autocomplete: "off", placeholder: t("alarms.comment"), "aria-label": t("alarms.comment") });
  input.value = comment;
  const acknowledge = () => orders.acknowledge(alarm, input.value.trim());
  input.addEventListener("keydown", (event) => { if (event.key === "Enter") acknowledge(); });
  return h("div.detail-actions", {},
    alarm.acknowledged ? null : h("div.with-comment", {}, input, h("button.button.primary", { type: "button", onclick: acknowledge }, t("alarms.ack"))),
    h("div.row-of-buttons", {},
      alarm.device ? h("button.button", { type: "button", onclick: () => orders.device(alarm) }, t("alarms.ack.device")) : null,
      alarm.state === "latched" && alarm.acknowledged ? h("button.button.primary", { type: "button", onclick: () => orders.reset(alarm) }, t("alarms.reset")) : null,
      h("button.button", { type: "button", onclick: () => orders.shelve(alarm) }, t("alarms.shelve")),
      may("out-of-service") && alarm.state !== "out-of-service" ? h("button.button", { type: "button", title: t("alarms.take_out.hint"), onclick: () => orders.takeOut(alarm) }, t("alarms.take_out")) : null));
}

function guidance(alarm) {
  const help = own(alarm.help);
  return help ? h("section.help-text", {}, h("h3", {}, t("alarms.help")), h("p", {}, help)) : "";
}

function facts(alarm) {
  const signed = [alarm.who, alarm.comment].filter(Boolean).join(": ");
  const rows = [
    [t("alarms.state"), stateWord(alarm.state)],
    [t("alarms.value"), alarm.value_text && quantity(alarm.value_text, alarm.unit)],
    [t("alarms.raised"), `${fullTime(alarm.raised_at)} (${t("age.ago", { age: ageOf(alarm.raised_at) })})`],
    [t("alarms.again.times"), alarm.again ? `${number(alarm.again + 1)}${alarm.last_raised_at ? `, ${fullTime(alarm.last_raised_at)}` : ""}` : ""],
    [t("alarms.source"), alarm.source_time ? fullTime(alarm.source_time) : ""],
    [t("alarms.acknowledged"), alarm.acknowledged_at ? fullTime(alarm.acknowledged_at) : ""],
    [t("alarms.by"), signed],
    [t("alarms.returned"), alarm.returned_at ? fullTime(alarm.returned_at) : ""],
    [t("alarms.cleared"), alarm.cleared_at ? fullTime(alarm.cleared_at) : ""],
    [t("alarms.order"), alarm.first_out ? t("alarms.first.hint") : ""],
  ].filter(([, text]) => text);
  return h("dl.facts", {}, ...rows.flatMap(([name, text]) => [h("dt", {}, name), h("dd", {}, text)]));
}

/** With the five minutes before and after, where they are still known; the line is the moment of the raise. */
function snapshot(alarm, curves) {
  if (!alarm.snapshot.length) return "";
  const rows = alarm.snapshot.map((row) => h(`tr.${row.quality}`, {},
    h("th", { scope: "row" }, h("a", { href: tagHref(row.tag), title: row.tag }, own(row.label, row.tag))),
    curves ? h("td.c-curve", {}, curves.series.has(row.tag) ? h("canvas", { "data-curve": row.tag, "aria-hidden": "true" }) : null) : null,
    h("td.num", {}, row.quality === "bad" ? "—" : quantity(row.text, row.unit))));
  return h("section.snapshot", {}, h("h3", {}, t("alarms.snapshot")), h("table.plain", {}, h("tbody", {}, ...rows)), curves ? h("p.hint", {}, t("alarms.around")) : null);
}

function drawCurves(panel, curves) {
  for (const canvas of panel.querySelectorAll("[data-curve]")) drawSparkline(canvas, curves.series.get(canvas.dataset.curve), false, curves.raise);
}

function history(past) {
  if (!past) return "";
  const rows = past.map((one) => {
    const end = one.returned_at ?? one.cleared_at;
    return h("li", {}, h("a", { href: `/alarms?alarm=${one.id}` }, when(one.raised_at)),
      h("span", {}, end ? age((Date.parse(end) - Date.parse(one.raised_at)) / 1000) : t("alarms.lasts")), h("span.muted", {}, [one.who, one.comment].filter(Boolean).join(": ")));
  });
  return h("section.past", {}, h("h3", {}, t("alarms.earlier")), rows.length ? h("ol", {}, ...rows) : h("p", {}, t("alarms.earlier.none")));
}

/** The alarm's tag and what its device showed then, a quarter of an hour around the moment. */
function trendHref(alarm) {
  const tags = [alarm.tag, ...alarm.snapshot.map((row) => row.tag)].filter(Boolean);
  return tags.length ? `/trends?tags=${[...new Set(tags)].slice(0, 8).join(",")}&at=${lastRaise(alarm)}&span=900` : null;
}

function links(alarm) {
  const trend = trendHref(alarm);
  return h("p.detail-links", {}, trend ? h("a", { href: trend }, t("trends.around")) : null,
    alarm.tag ? h("a", { href: tagHref(alarm.tag) }, t("alarms.to.tag")) : null,
    alarm.kind === "maintenance" ? h("a", { href: devicePage(alarm.device) }, t("alarms.to.maintenance")) : null,
    alarm.device ? h("a", { href: `/?prefix=${alarm.device}.` }, t("alarms.to.device")) : null,
    h("a", { href: `/alarms?tab=past&key=${encodeURIComponent(alarm.key)}` }, t("alarms.to.past")),
    h("a", { href: `/journal?key=${encodeURIComponent(alarm.key)}` }, t("alarms.to.journal")));
}
