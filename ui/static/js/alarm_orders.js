// An operator's orders: the dialog that asks, and what became of them.

import { when } from "./alarm_words.js";
import { getJson, setText } from "./dom.js";
import { post } from "./session.js";
import { language, t } from "./texts.js";
import { tell } from "./told.js";

const $ = (id) => document.getElementById(id);

/** Ask with the dialog; null when it was cancelled. fields: title, text, go, words (title of the text field), needed, time. */
export function ask(fields) {
  const dialog = $("order"), form = $("order-form");
  setText($("order-title"), fields.title);
  setText($("order-text"), fields.text ?? "");
  setText($("order-go"), fields.go ?? t("alarms.save"));
  $("order-time").hidden = !fields.time;
  $("order-words").hidden = !fields.words;
  setText($("order-words-title"), fields.words ?? "");
  form.elements.words.value = "";
  form.elements.words.required = Boolean(fields.needed);
  return new Promise((resolve) => {
    const done = (answer) => {
      form.onsubmit = $("order-cancel").onclick = dialog.oncancel = null;
      resolve(answer);
    };
    form.onsubmit = () => {
      done({ words: form.elements.words.value.trim(), seconds: Number(form.elements.seconds.value) });
    };
    form.elements.words.onkeydown = (event) => { // a line is enough; Shift+Enter for another one
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit($("order-go")); }
    };
    $("order-cancel").onclick = () => { dialog.close(); done(null); };
    dialog.oncancel = () => done(null);
    dialog.showModal();
  });
}

/** Who was faster, where one alarm was ordered that somebody else has acknowledged; "" otherwise. */
async function faster(body) {
  if (body.items?.length !== 1) return "";
  const alarm = await getJson(`/api/alarms/${body.items[0]}?lang=${language}`).catch(() => null);
  return alarm?.acknowledged_at ? t("alarms.told.faster", { who: alarm.who || "—", time: when(alarm.acknowledged_at) }) : "";
}

/** Give an order and tell its outcome; true when it was carried out. */
async function order(verb, body, done) {
  try {
    const { outcomes } = await post(`/api/alarms/${verb}`, body);
    const count = outcomes.filter((outcome) => outcome.verdict === "done").length;
    const refused = outcomes.filter((outcome) => outcome.verdict === "refused");
    const reasons = [...new Set(refused.map((outcome) => outcome.reason))].join("; ");
    if (refused.length) tell(t("alarms.told.partly", { done: t(done, { n: count }), n: refused.length, reason: reasons }), true);
    else if (count) tell(t(done, { n: count }));
    else tell((await faster(body)) || t("alarms.told.already"), true);
    return true;
  } catch (error) {
    tell((verb === "acknowledge" && (await faster(body))) || t("alarms.told.refused", { reason: error.message }), true);
    return false;
  }
}

export function acknowledge(what, comment = "") { return order("acknowledge", { ...what, comment }, "alarms.told.acknowledged"); }

/** With a question first: for more than what is in front of one's eyes. */
export async function acknowledgeAsked(what, text) {
  const answer = await ask({ title: t("alarms.ack"), text, go: t("alarms.ack"), words: t("alarms.comment") });
  return answer ? acknowledge(what, answer.words) : false;
}

export async function shelve(alarm, title) {
  const answer = await ask({ title: t("alarms.shelve"), text: title, go: t("alarms.shelve"), words: t("alarms.reason"), needed: true, time: true });
  return answer ? order("shelve", { key: alarm.key, seconds: answer.seconds, reason: answer.words }, "alarms.told.shelved") : false;
}

/** Until somebody puts it back: for an input under repair. */
export async function takeOut(alarm, title) {
  const answer = await ask({ title: t("alarms.take_out"), text: title, go: t("alarms.take_out"), words: t("alarms.reason"), needed: true });
  return answer ? order("take-out", { key: alarm.key, reason: answer.words }, "alarms.told.taken_out") : false;
}

export function putBack(key) { return order("put-back", { key }, "alarms.told.put_back"); }

/** End a latched alarm whose condition is over. */
export function reset(alarm) { return order("reset", { key: alarm.key }, "alarms.told.reset"); }

export function unshelve(key) { return order("unshelve", { key }, "alarms.told.unshelved"); }
