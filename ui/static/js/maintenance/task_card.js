// One task of a checklist: three large answers, and what there is to say about it.

import { h, setText } from "../dom.js";
import { language, t } from "../texts.js";
import { newId, numberOf, sendFile, tell } from "./api.js";

const ANSWERS = ["done", "not_done", "na"];
const EMPTY = { answer: "", reason: "", value: "", note: "", consumables: [] };

export class TaskCard {
  /** hooks: url of the service, say(said), photo(), insist(card, said, current), concede(card). */
  constructor(task, photos, hooks) {
    this.task = task;
    this.hooks = hooks;
    this.revision = task.item?.revision ?? 0;
    this.said = { ...EMPTY, ...(task.item ? pick(task.item) : {}) };
    this.buttons = ANSWERS.map((answer) => h("button.answer", { type: "button", "data-answer": answer, onclick: () => this.choose(answer) }, t(`maint.answer.${answer}`)));
    this.state = h("span.maint-item-state", { role: "status" });
    this.who = h("span.muted");
    this.more = h("div.maint-more", { hidden: true });
    this.trouble = h("div.maint-conflict", { hidden: true, role: "alert" });
    this.toggle = h("button.button.small.quiet", { type: "button", "aria-expanded": "false", onclick: () => this.open(this.more.hidden) }, t("maint.more"));
    this.photos = photos;
    this.element = h("li.maint-task", { "data-task": task.task, class: task.critical ? "critical-task" : "" },
      h("div.maint-task-head", {}, h("span.maint-task-title", {}, task.title, task.critical ? h("span.maint-critical", { title: t("maint.critical.hint") }, t("maint.critical")) : null), this.hints()),
      h("div.maint-answers", { role: "group", "aria-label": task.title }, ...this.buttons),
      this.trouble, h("div.maint-task-foot", {}, this.toggle, this.who, this.state), this.more);
    this.build();
    this.show(this.said, "");
  }

  hints() {
    const parts = [this.task.minutes ? t("maint.minutes", { n: this.task.minutes }) : null, ...this.task.consumables.map((one) => `${one.title}: ${one.quantity} ${one.unit}`.trim())];
    const text = parts.filter(Boolean).join(" · ");
    return text ? h("span.muted", {}, text) : null;
  }

  build() {
    const field = (name, label, attributes = {}) => {
      const element = h(name === "note" || name === "reason" ? "textarea" : "input", { name, rows: 2, maxlength: 500, autocomplete: "off", ...attributes });
      element.addEventListener("change", () => this.say({ [name]: element.value.trim() }));
      this[`${name}Input`] = element;
      return h("label.field", {}, h("span", {}, label), element);
    };
    this.reasonField = field("reason", t("maint.reason.needed"));
    const value = field("value", this.task.measure ? t("maint.value.unit", { unit: this.task.measure }) : t("maint.value"), { inputmode: "decimal" });
    this.used = this.task.consumables.map((one, place) => {
      const input = h("input", { type: "text", inputmode: "decimal", "aria-label": one.title });
      input.addEventListener("change", () => this.say({ consumables: this.quantities() }));
      return { input, one, place };
    });
    const file = h("input", { type: "file", accept: "image/jpeg,image/png,image/webp", capture: "environment", class: "hidden" });
    file.addEventListener("change", () => this.addPhoto(file));
    this.gallery = h("div.maint-photos", {}, ...this.photos.map(picture));
    this.more.replaceChildren(value, field("note", t("maint.note.task")),
      ...(this.used.length ? [h("fieldset.maint-used", {}, h("legend", {}, t("maint.consumables")), ...this.used.map(({ input, one }) => h("label", {}, h("span", {}, one.title), input, h("span.muted", {}, one.unit))))] : []),
      this.gallery, h("label.button.maint-photo", {}, t("maint.photo.add"), file));
    this.trouble.before(this.reasonField);
  }

  quantities() {
    return this.used.map(({ input, one }) => ({ en: one.en ?? "", ru: one.ru ?? "", quantity: numberOf(input.value) ?? 0, unit: one.unit })).filter((one) => one.quantity > 0);
  }

  /** An answer by its button; once more takes it back. */
  choose(answer) {
    const next = this.said.answer === answer ? "" : answer;
    const change = { answer: next };
    if (next === "done" && this.used.length && !this.said.consumables.length) change.consumables = this.used.map(({ one }) => ({ en: one.en ?? "", ru: one.ru ?? "", quantity: one.quantity, unit: one.unit }));
    if (next !== "not_done") change.reason = "";
    if (next === "not_done" && !this.said.reason) {
      // kept back until there is a reason: without one the server would refuse it
      this.show({ ...this.said, ...change }, "reason");
      this.reasonInput.focus();
      return;
    }
    this.say(change);
  }

  say(change) {
    const said = { ...this.said, ...(this.pending ? { answer: this.pending } : {}), ...change };
    if (said.answer === "not_done" && !said.reason) { this.show(said, "reason"); return; }
    this.show(said, "waiting");
    this.hooks.say(said);
  }

  show(said, state) {
    this.said = { ...EMPTY, ...said, answer: state === "reason" ? "" : said.answer };
    const answer = said.answer;
    if (state === "reason") this.pending = "not_done"; else this.pending = "";
    for (const button of this.buttons) button.setAttribute("aria-pressed", String(button.dataset.answer === answer));
    this.element.dataset.answer = answer;
    this.reasonField.hidden = answer !== "not_done";
    if (document.activeElement !== this.reasonInput) this.reasonInput.value = said.reason ?? "";
    if (document.activeElement !== this.valueInput) this.valueInput.value = said.value ?? "";
    if (document.activeElement !== this.noteInput) this.noteInput.value = said.note ?? "";
    this.used.forEach(({ input, one }) => {
      const mine = (said.consumables ?? []).find((used) => used.ru === one.ru && used.en === one.en);
      if (document.activeElement !== input) input.value = mine ? String(mine.quantity) : "";
    });
    this.count();
    setText(this.state, state === "waiting" ? t("maint.item.waiting") : state === "reason" ? t("maint.item.reason") : "");
    this.element.dataset.state = state;
  }

  /** How much there is behind "more". */
  count() {
    const count = [this.said.value, this.said.note].filter(Boolean).length + this.photos.length;
    setText(this.toggle, count ? t("maint.more.n", { n: count }) : t("maint.more"));
  }

  addPicture(photo) {
    this.photos.push(photo);
    this.gallery.append(picture(photo));
    this.count();
  }

  saved(item, newer) {
    this.revision = item.revision;
    this.trouble.hidden = true;
    setText(this.who, item.who);
    if (!newer) this.show(pick(item), "");
  }

  /** What the server has now; what somebody is about to say stays. */
  refresh(item) {
    if ((item?.revision ?? 0) === this.revision || this.pending || this.element.contains(document.activeElement)) return;
    this.revision = item?.revision ?? 0;
    setText(this.who, item?.who ?? "");
    this.show(item ? pick(item) : EMPTY, "");
  }

  refused(message) {
    setText(this.state, message);
    this.element.dataset.state = "refused";
  }

  conflict(said, current) {
    const theirs = [t(`maint.answer.${current.answer || "none"}`), current.reason, current.value, current.note].filter(Boolean).join("; ");
    this.trouble.replaceChildren(h("p", {}, t("maint.conflict.is", { who: current.who, answer: theirs })),
      h("div", {}, h("button.button.small", { type: "button", onclick: () => { this.trouble.hidden = true; this.hooks.concede(this); this.saved(current, false); } }, t("maint.conflict.theirs")),
        h("button.button.small", { type: "button", onclick: () => { this.trouble.hidden = true; this.hooks.insist(this, said, current); } }, t("maint.conflict.mine"))));
    this.trouble.hidden = false;
  }

  open(open) {
    this.more.hidden = !open;
    this.toggle.setAttribute("aria-expanded", String(open));
  }

  focus() { this.buttons[0].focus({ preventScroll: true }); }

  async addPhoto(input) {
    const [file] = input.files;
    input.value = "";
    if (!file) return;
    const query = new URLSearchParams({ id: newId(), task: this.task.task, name: file.name, lang: language });
    setText(this.state, t("maint.photo.sending"));
    try {
      const photo = await sendFile(`${this.hooks.url}/photos?${query}`, file);
      setText(this.state, "");
      this.addPicture(photo);
      this.hooks.photo(photo);
    } catch (error) {
      setText(this.state, "");
      tell(error.status === undefined ? t("maint.photo.offline") : error.message, true);
    }
  }
}

function picture(photo) {
  return h("a", { href: photo.url, target: "_blank", rel: "noopener" }, h("img", { src: photo.url, alt: photo.name || t("maint.photo"), loading: "lazy" }));
}

function pick(item) { return { answer: item.answer, reason: item.reason, value: item.value, note: item.note, consumables: item.consumables }; }
