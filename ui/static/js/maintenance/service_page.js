// The checklist of one service, for one hand on a phone: every answer is kept at once and sent when the network allows.

import { getJson, h, repeat, setText } from "../dom.js";
import { may } from "../session.js";
import { startShell } from "../shell.js";
import { language, number, t } from "../texts.js";
import { ask, isoOf, localInput, numberOf, send, tell, tried } from "./api.js";
import { forgetPage, keepPage } from "./offline.js";
import { AnswerQueue } from "./queue.js";
import { TaskCard } from "./task_card.js";
import { signedView } from "./signed_view.js";
import { dateTime, devicePage, hours } from "./words.js";

const $ = (id) => document.getElementById(id);
const root = $("service"), id = root.dataset.service;
const url = `/api/maintenance/services/${encodeURIComponent(id)}`;
/** So many hours ago nobody did what is signed today: a slip of the pen, which could not be taken back. */
const FAR_H = 200;
const KEPT = `maint.service.${id}`;
startShell();
const queue = new AnswerQueue(id);
const cards = new Map();
let service = null, note = null, kept = false, freshen = () => {};

async function load() {
  try {
    service = await getJson(`${url}?lang=${language}`);
    keep();
  } catch (error) {
    try { service = JSON.parse(localStorage.getItem(KEPT)); } catch { service = null; }
    if (!service) { root.replaceChildren(h("p.notice.bad", {}, t("maint.gone", { message: error.message }))); return; }
    queue.offline = true;
  }
  show();
}

/** For a page that is opened again without a network. */
function keep() {
  try { localStorage.setItem(KEPT, JSON.stringify(service)); } catch { /* only for a network that drops */ }
}

function show() {
  cards.clear();
  const open = service.state === "open" && may("maintain");
  document.body.classList.toggle("checklist", open);
  $("bar").hidden = !open;
  if (!open) {
    localStorage.removeItem(KEPT);
    forgetPage();
    root.replaceChildren(head(), signedView(service, load));
    return;
  }
  note = h("textarea", { rows: 3, maxlength: 500, "aria-label": t("maint.note") });
  note.value = queue.waiting.get("note")?.said.note ?? service.note_item?.note ?? "";
  note.addEventListener("change", () => queue.put("note", { note: note.value.trim() }, service.note_item?.revision ?? 0));
  root.replaceChildren(head(), ...service.sections.map(section),
    h("section.card.maint-note", {}, h("label.field", {}, h("span", {}, t("maint.note")), note)), signForm());
  showBar();
}

function head() {
  const facts = [`${t("maint.act.started")}: ${dateTime(service.started_at)}, ${service.started_by}`, service.programme ? `${service.programme.title}, ${t("maint.version", { n: service.programme.version })}` : null];
  return h("header.maint-service-head", {}, h("p", {}, h("a", { href: devicePage(service.device) }, `← ${service.device_title}`)),
    h("h1", {}, service.kind === "service" ? service.title : `${service.title}: ${t(`maint.kind.${service.kind}`)}`), h("p.muted", {}, facts.filter(Boolean).join(" · ")),
    h("p.maint-offline", { hidden: !kept || service.state !== "open", id: "offline-ready" }, t("maint.offline.ready")));
}

function section(part) {
  const list = h("ol.maint-tasks", {}, ...part.tasks.map((task) => {
    const waiting = queue.waiting.get(task.task);
    const card = new TaskCard(task, service.photos.filter((photo) => photo.task === task.task), { url, say: (said) => answered(card, said), photo, insist, concede });
    if (waiting) { card.show(waiting.said, "waiting"); if (waiting.conflict) card.conflict(waiting.said, waiting.conflict); }
    cards.set(task.task, card);
    return card.element;
  }));
  const rest = part.tasks.filter((task) => !task.critical);
  const all = rest.length > 1 ? h("button.button.small", { type: "button", onclick: () => restDone(rest) }, t("maint.rest", { n: rest.length })) : null;
  return h("section.card.maint-section", {}, h("header.card-head", {}, h("h2", {}, part.title), all), list);
}

/** Everything that is not critical and has no answer yet, with one touch. */
function restDone(tasks) {
  for (const { task } of tasks) {
    const card = cards.get(task);
    if (!card.said.answer) card.choose("done");
  }
}

function answered(card, said) {
  queue.put(card.task.task, said, card.revision);
  showBar();
}

/** A photo that was taken; nothing is drawn anew, the next one is taken from the same place. */
function photo(row) {
  service.photos.push(row);
  keep();
}

function insist(card, said, current) { queue.insist(card.task.task, said, current.revision); }
function concede(card) { queue.drop(card.task.task); }

queue.addEventListener("saved", ({ detail }) => {
  if (detail.task === "note") service.note_item = detail.item;
  else for (const part of service.sections) for (const task of part.tasks) if (task.task === detail.task) task.item = detail.item;
  keep();
  if (detail.task === "note") return;
  cards.get(detail.task)?.saved(detail.item, queue.waiting.has(detail.task));
});
queue.addEventListener("conflict", ({ detail }) => cards.get(detail.task)?.conflict(detail.said, detail.current) ?? tell(t("maint.conflict", { who: detail.current.who }), true));
queue.addEventListener("refused", ({ detail }) => { tell(detail.message, true); cards.get(detail.task)?.refused(detail.message); });
queue.addEventListener("denied", ({ detail }) => tell(detail.message, true));
queue.addEventListener("change", () => showBar());

function missing() { return [...cards.values()].filter((card) => card.task.critical && !card.said.answer); }

function showBar() {
  if (service?.state !== "open") return;
  const done = [...cards.values()].filter((card) => card.said.answer).length, left = missing().length;
  setText($("bar-count"), t("maint.done.of", { n: number(done), all: number(cards.size) }));
  setText($("bar-left"), left ? t("maint.critical.left", { n: number(left) }) : t("maint.critical.none"));
  const state = queue.size ? (queue.offline ? "offline" : "waiting") : queue.offline ? "offline" : "saved";
  $("bar-state").dataset.state = state;
  setText($("bar-state"), queue.size ? t(`maint.queue.${state}`, { n: number(queue.size) }) : t(state === "offline" ? "maint.queue.away" : "maint.queue.saved"));
  const share = cards.size ? done / cards.size : 0;
  $("bar-fill").style.width = `${share * 100}%`;
  const button = $("sign");
  if (button) button.disabled = left > 0 || queue.size > 0 || queue.offline;
}

function signForm() {
  const at = h("input", { type: "datetime-local", name: "at", required: true });
  const meter = h("input", { type: "text", inputmode: "decimal", name: "hours", autocomplete: "off" });
  const running = h("span");
  for (const field of [at, meter]) field.addEventListener("input", () => { field.dataset.typed = "yes"; });
  // the work takes hours: until somebody says otherwise it is done now
  freshen = () => {
    if (!at.dataset.typed) at.value = localInput();
    if (!meter.dataset.typed) meter.value = service.hours === null ? "" : service.hours.toFixed(1);
    setText(running, t("maint.done.hours", { n: hours(service.hours, 1) }));
  };
  freshen();
  const form = h("form.card.maint-sign", {}, h("h2", {}, t("maint.sign.title")), h("p.muted", {}, t("maint.sign.hint")),
    h("div.maint-sign-fields", {}, h("label.field", {}, h("span", {}, t("maint.done.at")), at), h("label.field", {}, running, meter)),
    h("div.maint-sign-actions", {}, h("button.button.primary.big", { id: "sign" }, t("maint.sign")), h("button.button", { type: "button", onclick: cancel }, t("maint.cancel.service"))));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    freshen();
    const done = numberOf(meter.value), behind = done === null || service.hours === null ? 0 : service.hours - done;
    if (behind > FAR_H && !(await ask({ title: t("maint.sign"), text: t("maint.sign.behind", { n: hours(done, 1), less: hours(behind) }), go: t("maint.sign") }))) return;
    const signed = await tried(() => send("POST", `${url}/sign?lang=${language}`, { done_at: isoOf(at.value), done_hours: done }));
    if (!signed) return;
    service = signed;
    show();
    scrollTo({ top: 0 });
    tell(t("maint.signed.told", { level: service.title }));
  });
  return form;
}

async function cancel() {
  const answer = await ask({ title: t("maint.cancel.service"), text: t("maint.cancel.text"), go: t("maint.cancel.service"), bad: true, fields: [{ name: "reason", label: t("maint.reason"), rows: 2, required: true }] });
  if (answer && (await tried(() => send("POST", `${url}/cancel`, { reason: answer.reason })))) location.assign(devicePage(service.device));
}

$("bar-next").addEventListener("click", () => {
  const next = missing()[0] ?? [...cards.values()].find((card) => !card.said.answer);
  (next?.element ?? $("sign"))?.scrollIntoView({ behavior: "smooth", block: "center" });
  next?.focus();
});

/** What somebody else answered meanwhile. */
repeat(10, async () => {
  if (service?.state !== "open" || queue.size || document.querySelector("dialog[open]")) return;
  const fresh = await getJson(`${url}?lang=${language}`);
  if (fresh.state !== service.state) { service = fresh; show(); return; }
  queue.offline = false;
  for (const part of fresh.sections) for (const task of part.tasks) if (!queue.waiting.has(task.task)) cards.get(task.task)?.refresh(task.item);
  for (const row of fresh.photos) if (!service.photos.some((one) => one.id === row.id)) cards.get(row.task)?.addPicture(row);
  service = fresh;
  keep();
  freshen();
  showBar();
});

load().then(() => {
  if (service?.state === "open" && may("maintain")) keepPage(() => { kept = true; if ($("offline-ready")) $("offline-ready").hidden = service.state !== "open"; });
});
