// A service that is signed or given up: what was done, the act, and the way to correct it.

import { h } from "../dom.js";
import { may } from "../session.js";
import { language, t } from "../texts.js";
import { ask, isoOf, localInput, newId, numberOf, send, tell, tried } from "./api.js";
import { dateTime, hours } from "./words.js";

/** Below the head of its page; reload() shows it anew. */
export function signedView(service, reload) {
  const facts = [
    [t("maint.act.done"), dateTime(service.done_at)], [t("maint.act.hours"), hours(service.done_hours, 1)],
    [t("maint.act.signed"), `${dateTime(service.signed_at)}, ${service.signed_by}`], [t("maint.note"), service.note || "—"],
  ];
  return h("div.maint-signed", {},
    service.state === "cancelled" ? h("p.notice", {}, t("maint.cancelled", { who: service.signed_by, reason: service.note })) : null,
    service.state === "signed" ? actions(service, reload) : null,
    h("section.card", {}, h("dl.facts", {}, ...facts.flatMap(([key, value]) => [h("dt", {}, key), h("dd", {}, value)]))),
    ...service.sections.map((part) => h("section.card", {}, h("header.card-head", {}, h("h2", {}, part.title)), h("ul.maint-answers-list", {}, ...part.tasks.map(line)))),
    service.photos.length ? h("section.card.maint-photos-card", {}, h("header.card-head", {}, h("h2", {}, t("maint.photos"))), h("div.maint-photos", {}, ...service.photos.map((photo) => h("a", { href: photo.url, target: "_blank", rel: "noopener" }, h("img", { src: photo.url, alt: photo.name || t("maint.photo"), loading: "lazy" }))))) : null);
}

function actions(service, reload) {
  const id = encodeURIComponent(service.id);
  return h("div.maint-actions", {},
    service.sections.length ? h("a.button.primary", { href: `/maintenance/services/${id}/act` }, t("maint.act")) : null,
    service.sections.length ? h("a.button", { href: `/api/maintenance/services/${id}/act.pdf?lang=${language}`, target: "_blank", rel: "noopener" }, t("maint.act.pdf")) : null,
    may("maintain") ? h("button.button", { type: "button", onclick: () => correct(service, reload) }, t("maint.correct")) : null);
}

function line(task) {
  const item = task.item;
  const answer = item?.answer || "none";
  const more = item ? [item.reason, item.value ? `${item.value} ${task.measure}`.trim() : "", item.note, ...item.consumables.map((one) => `${one[language] || one.ru || one.en}: ${one.quantity} ${one.unit}`.trim())].filter(Boolean).join("; ") : "";
  return h("li", { "data-answer": answer }, h("span.maint-answer", {}, t(`maint.answer.${answer}`)), h("span", {}, task.title, task.critical ? h("span.maint-critical", {}, t("maint.critical")) : null, more ? h("span.sub", {}, more) : null), h("span.muted", {}, item?.who ?? ""));
}

async function correct(service, reload) {
  const answer = await ask({
    title: t("maint.correct"), text: t("maint.correct.hint"), go: t("maint.correct.go"),
    fields: [
      { name: "hours", label: t("maint.act.hours"), value: service.done_hours === null ? "" : String(service.done_hours), inputmode: "decimal" },
      { name: "at", label: t("maint.done.at"), type: "datetime-local", value: service.done_at ? localInput(new Date(service.done_at)) : "" },
      { name: "void", label: t("maint.correct.void"), type: "checkbox" },
      { name: "reason", label: t("maint.reason"), rows: 2, required: true },
    ],
  });
  if (!answer) return;
  const body = { id: newId(), reason: answer.reason, void: answer.void };
  if (!answer.void) Object.assign(body, { done_hours: numberOf(answer.hours), done_at: answer.at ? isoOf(answer.at) : null });
  if (await tried(() => send("POST", `/api/maintenance/services/${encodeURIComponent(service.id)}/correct`, body))) {
    tell(t("maint.correct.told"));
    reload();
  }
}
