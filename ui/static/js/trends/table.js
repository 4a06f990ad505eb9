// The tags of a trend as a table: colour, value at the crosshair, what the window holds of each; rows are dragged to order.

import { h, setClass, setText } from "../dom.js";
import { number, t } from "../texts.js";
import { level, statistics } from "./track.js";

export class TagTable {
  /** orders: {toggle(tag), remove(tag), move(tag, before)}. */
  constructor(body, orders) {
    this.body = body;
    this.orders = orders;
    this.rows = new Map();
  }

  show(lines) {
    this.lines = lines;
    this.rows = new Map(lines.map((line) => [line.tag, this.row(line)]));
    this.body.replaceChildren(...[...this.rows.values()].map((row) => row.element));
  }

  row(line) {
    const cells = Object.fromEntries(["value", "other", "low", "high", "mean", "last", "good"].map((name) => [name, h(`td.num.c-${name}`)]));
    const swatch = h("button.swatch", { type: "button", "aria-pressed": String(!line.hidden), title: t("trends.toggle"), "aria-label": `${t("trends.toggle")}: ${line.title}`, onclick: () => this.orders.toggle(line.tag) });
    swatch.style.setProperty("--c", line.color);
    const element = h(`tr${line.hidden ? ".off" : ""}${line.states ? ".states" : ""}`, { draggable: "true" },
      h("td.c-swatch", {}, swatch),
      h("th.c-name", { scope: "row" }, h("a", { href: `/tags/${encodeURIComponent(line.tag)}`, title: line.tag }, line.title), h("span.sub", {}, line.place)),
      cells.value, cells.other, h("td.c-unit", {}, line.unitText), cells.low, cells.high, cells.mean, cells.last, cells.good,
      h("td.c-remove", {}, h("button.icon.small", { type: "button", title: t("trends.remove"), "aria-label": `${t("trends.remove")}: ${line.title}`, onclick: () => this.orders.remove(line.tag) }, "✕")));
    element.addEventListener("dragstart", (event) => { event.dataTransfer.setData("text/plain", line.tag); event.dataTransfer.effectAllowed = "copyMove"; });
    element.addEventListener("dragover", (event) => { if (event.dataTransfer.types.includes("text/plain")) { event.preventDefault(); element.classList.add("before"); } });
    element.addEventListener("dragleave", () => element.classList.remove("before"));
    element.addEventListener("drop", (event) => {
      element.classList.remove("before");
      const tag = event.dataTransfer.getData("text/plain");
      if (this.rows.has(tag)) { event.preventDefault(); event.stopPropagation(); this.orders.move(tag, line.tag); }
    });
    return { element, cells };
  }

  /** Values at a moment. */
  values(moment, live) {
    for (const line of this.lines) {
      const { cells } = this.rows.get(line.tag), time = live ? line.track.newest(moment) : moment, quality = line.track.qualityAt(time);
      setText(cells.value, line.words(line.track.at(time)));
      setClass(cells.value, `num c-value ${quality === null ? "bad" : level(quality)}`);
      setText(cells.other, line.other ? line.words(line.other.at(time - line.shift)) : "");
    }
  }

  /** What the window holds. */
  window(from, to) {
    for (const line of this.lines) {
      const { cells } = this.rows.get(line.tag), found = statistics(line.track, from, Math.min(to, Math.max(from + 0.001, line.track.until)));
      const numeric = !line.states;
      setText(cells.low, found && numeric ? line.words(found.low) : "—");
      setText(cells.high, found && numeric ? line.words(found.high) : "—");
      setText(cells.mean, found && numeric ? number(found.mean, line.decimals + (line.decimals < 2 ? 1 : 0)) : found && line.bit ? `${number(found.mean * 100, 1)} %` : "—");
      setText(cells.last, found ? line.words(found.last) : "—");
      setText(cells.good, found ? `${number(Math.floor(found.good * 1000) / 10, found.good < 0.9995 ? 1 : 0)} %` : "0 %");
    }
  }
}
