// The list of open alarms: which are shown, in what order, and their rows.

import { ageOf, fullTime, lastRaise, own, priorityCell, stateWord, tagHref, when } from "./alarm_words.js";
import { h, setText } from "./dom.js";
import { quantity, t } from "./texts.js";

/** More consequential alarms than this are folded away under their first. */
const FOLD_ABOVE = 3;
/** Rows drawn at first, and with each step further: nobody reads ten thousand. */
const STEP = 300;

/** Alarms that operators are not shown unless they ask: shelved, suppressed by design, out of service. */
export function quiet(alarm) { return ["shelved", "suppressed", "out-of-service"].includes(alarm.state); }

const STATES = {
  unseen: (alarm) => !alarm.acknowledged,
  active: (alarm) => alarm.active,
  seen: (alarm) => alarm.acknowledged,
  returned: (alarm) => !alarm.active,
  quiet: () => true,
};

function searchText(alarm) {
  return [alarm.key, alarm.code, ...Object.values(alarm.label), alarm.comment, alarm.who].join(" ").toLowerCase();
}

export function passes(alarm, filter) {
  if (quiet(alarm) !== (filter.state === "quiet")) return false;
  if (filter.place && alarm.device !== filter.place && alarm.site !== filter.place) return false;
  if (filter.q && !filter.q.toLowerCase().split(/\s+/).every((one) => searchText(alarm).includes(one))) return false;
  if (filter.priority && alarm.priority !== Number(filter.priority)) return false;
  return !filter.state || STATES[filter.state](alarm);
}

const newest = (a, b) => a.priority - b.priority || Date.parse(lastRaise(b)) - Date.parse(lastRaise(a)) || b.id - a.id;

/** Groups in order of their most urgent alarm; the alarms that follow from a first one stand under it. */
export function grouped(alarms) {
  const ids = new Set(alarms.map((alarm) => alarm.id));
  const followers = new Map();
  for (const alarm of alarms) {
    if (alarm.group !== null && alarm.group !== alarm.id && ids.has(alarm.group)) {
      followers.set(alarm.group, [...(followers.get(alarm.group) ?? []), alarm]);
    }
  }
  const under = new Set([...followers.values()].flat().map((alarm) => alarm.id));
  const groups = alarms.filter((alarm) => !under.has(alarm.id)).map((first) => {
    const rest = (followers.get(first.id) ?? []).sort(newest);
    return { first, rest, urgent: [first, ...rest].sort(newest)[0] };
  });
  return groups.sort((a, b) => newest(a.urgent, b.urgent));
}

export class Rows {
  /** actions: open(alarm), acknowledge(alarm), shelve(alarm), picked() */
  constructor(table, places, actions) {
    this.body = table.tBodies[0];
    this.places = places;
    this.actions = actions;
    this.picked = new Set();
    this.folds = new Map();
    this.alarms = []; // those whose rows can be seen
    this.limit = STEP;
  }

  show(alarms, selected) {
    const known = new Set(alarms.map((alarm) => alarm.id));
    for (const id of this.picked) if (!known.has(id)) this.picked.delete(id);
    const focused = document.activeElement?.closest?.("[data-id]")?.dataset.id;
    const control = document.activeElement?.dataset?.act;
    this.alarms = [];
    const rows = [];
    for (const { first, rest } of grouped(alarms)) {
      if (this.alarms.length >= this.limit) { rows.push(this.moreRow()); break; }
      rows.push(this.row(first, false, selected));
      if (!rest.length) continue;
      const open = this.folds.get(first.id) ?? rest.length <= FOLD_ABOVE;
      rows.push(this.foldRow(first, rest, open));
      if (open) rows.push(...rest.map((alarm) => this.row(alarm, true, selected)));
    }
    this.body.replaceChildren(...rows);
    if (focused) this.body.querySelector(`[data-id="${focused}"] ${control ? `[data-act="${control}"]` : ".alarm-open"}`)?.focus({ preventScroll: true });
  }

  row(alarm, follows, selected) {
    this.alarms.push(alarm);
    const marks = ["row", alarm.acknowledged ? "seen" : "unseen", `pr${alarm.priority}`, alarm.active ? "" : "over", follows ? "follows" : "", alarm.id === selected ? "selected" : ""];
    const pick = h("input", { type: "checkbox", "data-act": "pick", "aria-label": t("alarms.pick", { alarm: own(alarm.label, alarm.key) }), onchange: (event) => this.pick(alarm.id, event.target.checked) });
    pick.checked = this.picked.has(alarm.id);
    const title = h("a.alarm-open", { href: `?alarm=${alarm.id}`, onclick: (event) => { event.preventDefault(); this.actions.open(alarm); } }, own(alarm.label, alarm.key));
    const notes = [
      alarm.code ? h("span.mono.code", {}, alarm.code) : null,
      alarm.first_out ? h("span.chip.first", { title: t("alarms.first.hint") }, t("alarms.first")) : null,
      alarm.present_at_start ? h("span.chip", { title: t("alarms.present.hint") }, t("alarms.present")) : null,
      alarm.again ? h("span.chip", { title: t("alarms.again.hint") }, t("alarms.again", { n: alarm.again + 1 })) : null,
    ];
    const ack = alarm.acknowledged || quiet(alarm) ? null : h("button.button.small.ack", { type: "button", "data-act": "ack", onclick: () => this.actions.acknowledge(alarm) }, t("alarms.ack"));
    const place = this.places.device(alarm.device, alarm.site);
    return h(`tr.${marks.filter(Boolean).join(".")}`, { "data-id": alarm.id },
      h("td.c-pick", {}, h("label.pick", {}, pick)),
      h("td.c-prio", {}, priorityCell(alarm.priority, alarm.acknowledged)),
      h("td.c-alarm", {}, h("div.alarm-title", {}, title, ...notes), alarm.comment ? h("div.said", {}, `${alarm.who}: ${alarm.comment}`) : null),
      h("td.c-device", {}, alarm.device ? h("a", { href: `/?prefix=${alarm.device}.` }, place) : place),
      h("td.c-state", {}, h("span.condition", { "aria-hidden": "true" }, alarm.active ? "●" : "○"), stateWord(alarm.state)),
      h("td.c-value.num", {}, !alarm.value_text ? "" : alarm.tag ? h("a", { href: tagHref(alarm.tag) }, quantity(alarm.value_text, alarm.unit)) : quantity(alarm.value_text, alarm.unit)),
      h("td.c-raised", alarm.again ? { title: t("alarms.raised.first", { time: fullTime(alarm.raised_at) }) } : {},
        h("span", {}, when(lastRaise(alarm))), " ", h("span.age", { "data-raised": lastRaise(alarm) }, ageOf(lastRaise(alarm)))),
      h("td.c-act", {}, ack));
  }

  foldRow(first, rest, open) {
    const unseen = rest.filter((alarm) => !alarm.acknowledged);
    const most = Math.min(...rest.map((alarm) => alarm.priority));
    const text = t("alarms.follow", { n: rest.length, unseen: unseen.length });
    const button = h("button.fold", { type: "button", "data-act": "fold", "aria-expanded": String(open), onclick: () => { this.folds.set(first.id, !open); this.actions.fold(); } },
      h("span.arrow", { "aria-hidden": "true" }, open ? "▾" : "▸"), text, open ? null : priorityCell(most, !unseen.length));
    return h("tr.fold-row", { "data-id": `${first.id}f` }, h("td", { colspan: 8 }, button));
  }

  moreRow() {
    const more = () => { this.limit += STEP; this.actions.fold(); };
    return h("tr.fold-row", {}, h("td", { colspan: 8 }, h("button.fold", { type: "button", onclick: more }, t("alarms.more", { n: this.limit }))));
  }

  pick(id, on) {
    if (on) this.picked.add(id); else this.picked.delete(id);
    this.actions.picked();
  }

  tick() {
    for (const element of this.body.querySelectorAll("[data-raised]")) setText(element, ageOf(element.dataset.raised));
  }
}
