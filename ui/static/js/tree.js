// The tree of sites, devices and groups beside the table, with counts and what is wrong in each branch.

import { h, setText } from "./dom.js";
import { alarmSet } from "./store.js";
import { language, number, t, word } from "./texts.js";

export class TagTree {
  /** select(prefix, group): the user chose a branch. */
  constructor(element, select) {
    this.element = element;
    this.select = select;
    this.nodes = [];
    this.open = new Set();
    this.prefix = "";
    this.group = "";
  }

  build(directory, rows) {
    this.nodes = [];
    const title = (thing) => thing.title[language] ?? thing.name;
    const list = h("ul.branches");
    this.add(list, "", "", t("tree.all"), 0, rows, []);
    const sites = directory.sites.map((site) => {
      const inside = rows.filter((row) => row.site === site.name);
      return this.add(list, `${site.name}.`, "", title(site), 0, inside, directory.devices
        .filter((device) => device.site === site.name)
        .map((device) => this.device(directory, device, title(device), inside)));
    });
    for (const site of sites) this.toggle(site, true);
    const links = rows.filter((row) => row.tag.startsWith("links."));
    if (links.length) {
      this.add(list, "links.", "", t("tree.links"), 0, links, directory.links.map((link) => (parent) => {
        const prefix = `links.${link.name}.`;
        this.add(parent, prefix, "", link.name, 1, links.filter((row) => row.tag.startsWith(prefix)), []);
      }));
    }
    const own = rows.filter((row) => row.tag.startsWith("scada."));
    if (own.length) {
      const parts = [...new Set(own.map((row) => row.tag.split(".")[1]))];
      this.add(list, "scada.", "", t("tree.scada"), 0, own, parts.map((part) => (parent) => {
        const prefix = `scada.${part}.`;
        this.add(parent, prefix, "", word(`tree.scada.${part}`, part), 1, own.filter((row) => row.tag.startsWith(prefix)), []);
      }));
    }
    this.element.replaceChildren(h("div.tree-head", {}, h("strong", {}, t("tree.label")),
      h("button.icon.tree-close", { type: "button", "aria-label": t("tree.close"), onclick: () => this.select(null) }, "✕")), list);
    this.mark(this.prefix, this.group);
    this.update();
  }

  device(directory, device, title, rows) {
    const inside = rows.filter((row) => row.device === device.name);
    const groups = [...new Set(inside.map((row) => row.group))];
    const order = Object.keys(directory.groups);
    const rank = (group) => (group === "comm" ? Infinity : order.indexOf(group));
    groups.sort((a, b) => rank(a) - rank(b));
    return (parent) => this.add(parent, `${device.name}.`, "", title, 1, inside, groups.map((group) => (below) => {
      const heading = directory.groups[group]?.[language] ?? group;
      this.add(below, `${device.name}.`, group, heading, 2, inside.filter((row) => row.group === group), []);
    }));
  }

  add(parent, prefix, group, title, depth, rows, children) {
    const badge = h("span.badge", { hidden: true }), alarms = h("span.badge.alarm", { hidden: true });
    const button = h("button.branch", { type: "button", onclick: () => this.select(prefix, group) },
      h("span.branch-title", {}, title), alarms, badge, h("span.count", {}, number(rows.length)));
    const item = h("li", {});
    const node = { prefix, group, title, depth, rows, item, button, badge, alarms, below: null, key: `${prefix}|${group}` };
    if (children.length) {
      node.twist = h("button.twist", { type: "button", "aria-expanded": "false", "aria-label": `${t("tree.expand")}: ${title}`, onclick: () => this.toggle(node) });
      node.below = h("ul", { hidden: true });
      item.append(h(`div.line.depth${depth}`, {}, node.twist, button), node.below);
      this.nodes.push(node);
      for (const child of children) child(node.below);
    } else {
      item.append(h(`div.line.depth${depth}`, {}, h("span.twist.none"), button));
      this.nodes.push(node);
    }
    parent.append(item);
    if (this.open.has(node.key)) this.toggle(node, true);
    return node;
  }

  toggle(node, open = node.below.hidden) {
    if (!node.below) return;
    node.below.hidden = !open;
    node.twist.setAttribute("aria-expanded", String(open));
    if (open) this.open.add(node.key); else this.open.delete(node.key);
  }

  /** Show where the table is. */
  mark(prefix, group) {
    this.prefix = prefix;
    this.group = group;
    let here = null;
    for (const node of this.nodes) {
      const current = node.prefix === prefix && (node.group === group || (node.group === "" && group === ""));
      if (current) here = node;
      if (current) node.button.setAttribute("aria-current", "true"); else node.button.removeAttribute("aria-current");
      if (node.below && prefix.startsWith(node.prefix) && node.prefix && (group || node.prefix !== prefix)) this.toggle(node, true);
    }
    return here;
  }

  /** Count again what is bad and which alarms are set. */
  update() {
    for (const node of this.nodes) {
      let bad = 0, alarms = 0;
      for (const row of node.rows) {
        if (row.quality === "bad") bad += 1;
        if (alarmSet(row)) alarms += 1;
      }
      badge(node.badge, bad, "tree.bad");
      badge(node.alarms, alarms, "tree.alarms");
    }
  }
}

function badge(element, count, key) {
  element.hidden = count === 0;
  if (count) { setText(element, number(count)); element.title = t(key, { n: number(count) }); }
}
