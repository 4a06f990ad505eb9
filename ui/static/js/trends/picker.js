// The tags to choose from: a place of the plant, its presets, a search; rows are clicked or dragged onto the chart.

import { h, setText } from "../dom.js";
import { language, number, t, unitWord } from "../texts.js";

const MOST = 150;
const own = (words, fallback) => words?.[language] ?? words?.en ?? fallback;

export class Picker {
  /** orders: {add(tag), remove(tag), preset(tags, span)}; chosen(tag): whether it is shown already. */
  constructor(panel, orders, chosen) {
    this.list = panel.querySelector("#pick-list");
    this.search = panel.querySelector("#pick-search");
    this.place = panel.querySelector("#pick-place");
    this.presets = panel.querySelector("#presets");
    this.orders = orders;
    this.chosen = chosen;
    this.search.addEventListener("input", () => this.show());
    this.search.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") { this.list.querySelector("button")?.focus(); event.preventDefault(); }
      if (event.key === "Enter") { this.list.querySelector("button:not([aria-pressed='true'])")?.click(); event.preventDefault(); }
    });
    this.list.addEventListener("keydown", (event) => {
      const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
      let row = step && document.activeElement.closest("li")?.[step];
      while (row && !row.querySelector("button")) row = row[step];
      if (row) { row.querySelector("button").focus(); event.preventDefault(); event.stopPropagation(); }
    });
    this.place.addEventListener("change", () => this.show());
  }

  build(directory) {
    this.directory = directory;
    this.tags = directory.tags.filter((tag) => tag.kind !== "text" && tag.kind !== "u64");
    const order = Object.keys(directory.groups), rank = (tag) => (tag.group === "comm" ? Infinity : order.indexOf(tag.group)); // how it is read comes last
    const devices = new Map(directory.devices.map((device, i) => [device.name, i]));
    this.tags.sort((a, b) => (devices.get(a.device) ?? 999) - (devices.get(b.device) ?? 999) || (a.device && a.device === b.device ? rank(a) - rank(b) || 0 : 0));
    for (const tag of this.tags) tag.search = [tag.tag, ...Object.values(tag.label), tag.code ?? ""].join(" ").toLowerCase();
    const kept = this.place.value;
    this.place.replaceChildren(h("option", { value: "" }, t("trends.place.all")), ...directory.sites.map((site) => h("optgroup", { label: own(site.title, site.name) },
      h("option", { value: `${site.name}.total` }, t("trends.place.site", { site: own(site.title, site.name) })),
      ...directory.devices.filter((device) => device.site === site.name).map((device) => h("option", { value: device.name }, `${own(site.title, site.name)} · ${own(device.title, device.name)}`)))),
    h("optgroup", { label: t("tree.scada") }, h("option", { value: "scada" }, t("tree.scada")), h("option", { value: "links" }, t("tree.links"))));
    this.place.value = kept || this.wanted || directory.devices[0]?.name || "";
    if (this.place.selectedIndex < 0) this.place.value = "";
    this.show();
  }

  /** Go to the place of a tag that is shown. */
  at(tag) { this.wanted = tag?.split(".").slice(0, 2).join("."); }

  show() {
    if (!this.directory) return;
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean), place = this.place.value;
    const found = this.tags.filter((tag) => (!place || tag.tag.startsWith(`${place}.`)) && words.every((word) => tag.search.includes(word)));
    this.showPresets(place);
    let heading = null;
    const rows = found.slice(0, MOST).flatMap((tag) => {
      const name = place ? own(this.directory.groups[tag.group], tag.group) : tag.tag.split(".").slice(0, 2).join(".");
      const row = this.row(tag);
      if (name === heading) return [row];
      heading = name;
      return [h("li.heading", {}, name), row];
    });
    if (found.length > MOST) rows.push(h("li.hint", {}, t("trends.pick.more", { n: number(found.length - MOST) })));
    if (!found.length) rows.push(h("li.hint", {}, t("filter.none")));
    this.list.replaceChildren(...rows);
  }

  row(tag) {
    const on = this.chosen(tag.tag);
    const button = h("button", { type: "button", "aria-pressed": String(on), title: tag.tag, onclick: () => (this.chosen(tag.tag) ? this.orders.remove(tag.tag) : this.orders.add(tag.tag)) },
      h("span.pick-name", {}, own(tag.label, tag.tag)), h("span.muted", {}, unitWord(tag.unit)));
    button.dataset.tag = tag.tag;
    const item = h("li", { draggable: "true" }, button);
    item.addEventListener("dragstart", (event) => { event.dataTransfer.setData("text/plain", tag.tag); event.dataTransfer.effectAllowed = "copy"; });
    return item;
  }

  /** Which rows are chosen has changed. */
  mark() { for (const button of this.list.querySelectorAll("button")) button.setAttribute("aria-pressed", String(this.chosen(button.dataset.tag))); }

  showPresets(place) {
    const device = this.directory.devices.find((known) => known.name === place), known = new Set(this.tags.map((tag) => tag.tag));
    const chips = (this.directory.trends ?? []).filter((trend) => device && trend.map === device.map).map((trend) => {
      const tags = [...trend.points.map((point) => `${device.name}.${point}`), ...trend.site.map((name) => `${device.site}.${name}`)].filter((tag) => known.has(tag));
      return tags.length ? h("button.chip", { type: "button", "data-preset": trend.name, title: t("trends.preset.hint"), onclick: () => this.orders.preset(tags, trend.span_s) }, own(trend.title, trend.name)) : null;
    }).filter(Boolean);
    this.presets.replaceChildren(...chips);
    this.presets.hidden = !chips.length;
    setText(document.getElementById("presets-title"), chips.length ? t("trends.presets") : "");
  }
}
