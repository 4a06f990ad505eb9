// The alarm bar of every page: what is most urgent and not acknowledged, counts per priority, the sound.

import { AlarmSound } from "./alarm_sound.js";
import { Places, ageOf, lastRaise, mark, own, when } from "./alarm_words.js";
import { getJson, h, setText } from "./dom.js";
import { language, number, t } from "./texts.js";
import { badge } from "./title_badge.js";

const $ = (id) => document.getElementById(id);
const AGAIN_MS = 300; // in a burst the list changes with every scan

export function showAlarmBar(feed) {
  const bar = $("alarm-bar"), sound = new AlarmSound();
  let summary = null, revision, places = null, asking = false, again = false, spoken = "";

  async function load() {
    if (asking) { again = true; return; }
    asking = true;
    try { take(await getJson(`/api/alarms/summary?lang=${language}`)); } catch { take(null); }
    setTimeout(() => { asking = false; if (again) { again = false; load(); } }, AGAIN_MS);
  }

  function take(given) {
    summary = given;
    if (given) sound.take(given);
    show();
  }

  /** What is not known is said: a quiet bar may never mean that nobody looked. */
  function show() {
    const known = summary !== null && feed.connected && !feed.trouble;
    const top = known ? summary.top : null;
    bar.dataset.level = !known ? "unknown" : top ? `p${top.priority}` : "none";
    $("alarm-bar-top").href = top ? `/alarms?alarm=${top.id}` : "/alarms";
    $("alarm-bar-top").replaceChildren(...(top ? urgent(top) : [h("span.bar-symbol", { "aria-hidden": "true" }, known ? "✓" : "?"), h("span.bar-text", {}, calm(known))]));
    $("alarm-bar-counts").replaceChildren(...(known ? [1, 2, 3, 4].map(count) : []));
    badge(known ? summary.unacknowledged : 0, top?.priority ?? null);
    speak(top);
  }

  function calm(known) {
    if (!known) return t("bar.unknown");
    return summary.shown ? t("bar.seen", { n: number(summary.shown) }) : t("bar.none");
  }

  function urgent(alarm) {
    const rest = summary.unacknowledged - 1;
    return [mark(alarm.priority), h("span.hidden", {}, t(`priority.${alarm.priority}`)), h("strong.bar-text", {}, own(alarm.label, alarm.key)),
      h("span.bar-place", {}, placeOf(alarm)),
      h("span.bar-time", {}, when(lastRaise(alarm)), " · ", h("span", { "data-since": lastRaise(alarm) }, ageOf(lastRaise(alarm)))),
      rest ? h("span.bar-rest", {}, t("bar.rest", { n: number(rest) })) : null].filter(Boolean);
  }

  function count(priority) {
    const { shown, unacknowledged } = summary.priorities[priority];
    const words = t("bar.count", { priority: t(`priority.${priority}`), n: number(shown), unseen: number(unacknowledged) });
    return h(`a.bar-count${shown ? "" : ".nothing"}${unacknowledged ? ".unseen" : ""}`, { href: `/alarms?priority=${priority}`, title: words, "aria-label": words },
      mark(priority, !unacknowledged), h("span", { "aria-hidden": "true" }, number(shown)));
  }

  const placeOf = (alarm) => places?.device(alarm.device, alarm.site) ?? "";

  /** Once for each alarm that comes to the top, for screen readers. */
  function speak(top) {
    if (!places) return; // it would be said twice
    const words = top ? `${t(`priority.${top.priority}`)}: ${own(top.label, top.key)}, ${placeOf(top)}` : "";
    if (words !== spoken) setText($("alarm-said"), words);
    spoken = words;
  }

  function showSound() {
    const { state, calling } = sound;
    const button = $("sound");
    button.dataset.state = state;
    const wanted = state === "blocked" && calling !== null;
    button.classList.toggle("wanted", wanted);
    setText($("sound-word"), t(wanted ? "sound.click" : `sound.${state}`));
    button.title = t(`sound.${state}.hint`);
    button.setAttribute("aria-pressed", String(state === "on"));
    $("silence").hidden = state !== "on" || calling === null;
  }

  sound.addEventListener("change", showSound);
  sound.addEventListener("turn", (event) => { bar.dataset.sounding = event.detail; });
  $("sound").addEventListener("click", () => sound.toggle());
  $("silence").addEventListener("click", () => sound.silence());
  feed.addEventListener("status", show);
  const note = (items) => {
    const found = items.find((item) => item.tag === "scada.alarms.revision");
    if (!found || found.value === revision) return;
    revision = found.value;
    load();
  };
  feed.addEventListener("snapshot", (event) => { revision = undefined; note(event.detail.snapshot); });
  feed.addEventListener("changes", (event) => note(event.detail));
  setInterval(() => { for (const element of bar.querySelectorAll("[data-since]")) setText(element, ageOf(element.dataset.since)); }, 1000);
  setInterval(() => { if (feed.connected && !feed.trouble) load(); }, 15000); // never older than this, whatever was missed
  const learn = () => getJson("/api/directory").then((directory) => { places = new Places(directory); }, () => {
    places ??= new Places(null);
    setTimeout(learn, 10000); // a page may open without a network: its names come later
  }).then(show);
  learn();
  showSound();
  show();
  return { silence: () => sound.silence() };
}
