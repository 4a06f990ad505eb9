// The counter in the header of every page: how many alarms wait for somebody, in the colour of the most urgent.

import { mark } from "./alarm_words.js";
import { h } from "./dom.js";
import { number, t } from "./texts.js";

const PREFIX = "scada.alarms.";

export function countAlarms(feed) {
  const place = document.getElementById("alarm-count");
  const counts = new Map();

  function show() {
    const unseen = counts.get("unacknowledged"), active = counts.get("active");
    if (unseen === undefined || active === undefined) return;
    const urgent = [1, 2, 3, 4].find((n) => counts.get(`p${n}`) > 0) ?? 5;
    place.hidden = false;
    place.className = `alarm-count${unseen ? ` unseen p${urgent}` : ""}`;
    const words = unseen ? t("alarms.count.unseen", { n: number(unseen) }) : active ? t("alarms.count.seen", { n: number(active) }) : t("alarms.count.none");
    place.title = words;
    place.setAttribute("aria-label", words);
    place.replaceChildren(...(active || unseen ? [mark(urgent, !unseen)] : []), h("strong", {}, number(unseen || active)), h("span.word", {}, t(unseen ? "alarms.count.word" : "alarms.count.quiet")));
  }

  const take = (items) => {
    const mine = items.filter((item) => item.tag.startsWith(PREFIX));
    for (const item of mine) counts.set(item.tag.slice(PREFIX.length), Number(item.value ?? 0));
    if (mine.length) show();
  };
  feed.addEventListener("snapshot", (event) => take(event.detail.snapshot));
  feed.addEventListener("changes", (event) => take(event.detail));
}
