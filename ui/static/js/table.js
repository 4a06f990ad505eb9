// The tag table: only the rows in sight are in the document, whatever their number.

import { h, setClass, setText } from "./dom.js";
import { ageOf, alarmSet } from "./store.js";
import { age, t, word } from "./texts.js";
import { drawSparkline } from "./sparkline.js";

const SPARE = 6; // rows kept above and below

export class TagTable {
  /** open(row): the user wants the tag's page. seed(rows): rows in sight without a sparkline. */
  constructor(scroller, body, { open, seed }) {
    this.scroller = scroller;
    this.body = body;
    this.open = open;
    this.seed = seed;
    this.items = [];
    this.pool = []; // lines in the document, in order
    this.spare = []; // lines out of it
    this.current = null; // the tag the keyboard is at
    this.above = h("tr.filler", { "aria-hidden": "true" }, h("td", { colspan: 8 }));
    this.below = h("tr.filler", { "aria-hidden": "true" }, h("td", { colspan: 8 }));
    body.append(this.above, this.below);
    scroller.addEventListener("scroll", () => this.schedule(), { passive: true });
    scroller.addEventListener("keydown", (event) => this.key(event));
    body.addEventListener("click", (event) => this.click(event));
    new ResizeObserver(() => this.schedule()).observe(scroller);
    addEventListener("themechange", () => this.drawTrends());
    setInterval(() => this.showAges(), 1000);
    setInterval(() => this.drawTrends(), 2000);
  }

  /** Heights of a row and of a heading as the style sheet has them for this width. */
  measure() {
    if (this.measuredFor === innerWidth) return;
    const style = getComputedStyle(this.scroller);
    this.height = parseFloat(style.getPropertyValue("--row"));
    this.headingHeight = parseFloat(style.getPropertyValue("--heading"));
    this.measuredFor = innerWidth;
    this.layOut();
  }

  /** Where each item begins, and where the last one ends. */
  layOut() {
    this.tops = new Float64Array(this.items.length + 1);
    this.items.forEach((item, i) => { this.tops[i + 1] = this.tops[i] + (item.heading === undefined ? this.height : this.headingHeight); });
  }

  /** The item at this height. */
  itemAt(top) {
    let low = 0, high = Math.max(0, this.items.length - 1);
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.tops[middle] <= top) low = middle; else high = middle - 1;
    }
    return low;
  }

  /** items: rows, and headings {heading}. */
  show(items, keepPlace) {
    this.items = items;
    this.measuredFor = null;
    this.body.parentElement.setAttribute("aria-rowcount", String(items.length + 1));
    if (!keepPlace) this.scroller.scrollTop = 0;
    this.render();
  }

  schedule() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => { this.waiting = false; this.render(); });
  }

  render() {
    this.measure();
    const { scrollTop, clientHeight } = this.scroller, total = this.items.length;
    const first = Math.max(0, this.itemAt(scrollTop) - SPARE);
    const count = Math.min(total, this.itemAt(scrollTop + clientHeight) + 1 + SPARE) - first;
    this.place(first, this.items.slice(first, first + count));
    spacer(this.above, this.tops[first]);
    spacer(this.below, this.tops[total] - this.tops[first + count]);
    this.wantTrends();
  }

  /** Lines that stay in sight keep their place in the document: only what comes and goes is laid out again. */
  place(first, items) {
    const wanted = new Set(items), kept = new Map();
    for (const line of this.pool) {
      if (wanted.has(line.item)) kept.set(line.item, line);
      else { line.element.remove(); line.item = null; this.spare.push(line); }
    }
    let next = this.above.nextSibling;
    this.pool = items.map((item, i) => {
      const line = kept.get(item) ?? this.spare.pop() ?? this.make();
      if (line.element === next) next = next.nextSibling;
      else this.body.insertBefore(line.element, next);
      this.fill(line, item, first + i);
      return line;
    });
  }

  make() {
    const cell = (name, ...children) => h(`td.${name}`, {}, ...children);
    const line = { item: null, version: -1 };
    line.symbol = h("span.q", { role: "img" });
    line.link = h("a", { tabindex: -1 });
    line.id = h("span.id-tail");
    line.stem = h("span.id-stem");
    line.value = h("span.value");
    line.unit = cell("c-unit");
    line.canvas = h("canvas", { "aria-hidden": "true" });
    line.quality = cell("c-quality");
    line.age = cell("c-age");
    line.heading = h("th.heading", { colspan: 8, scope: "rowgroup", hidden: true });
    line.mark = h("span.alarm-class", { hidden: true });
    line.cells = [cell("c-q", line.symbol), cell("c-label", line.link, line.mark), cell("c-id", line.stem, line.id),
      cell("c-value", line.value), line.unit, cell("c-trend", line.canvas), line.quality, line.age];
    line.element = h("tr", { draggable: "true" }, line.heading, ...line.cells);
    line.element.addEventListener("dragstart", (event) => { if (line.item?.tag) event.dataTransfer.setData("text/plain", line.item.tag); });
    return line;
  }

  fill(line, item, index) {
    const fresh = line.item !== item;
    line.item = item;
    line.element.ariaRowIndex = String(index + 2);
    const heading = item.heading !== undefined;
    if (fresh) {
      line.heading.hidden = !heading;
      for (const cell of line.cells) cell.hidden = heading;
    }
    if (heading) { setText(line.heading, item.heading); setClass(line.element, "group"); return; }
    if (fresh) {
      setText(line.link, item.title);
      line.link.title = item.title;
      line.link.href = `/tags/${encodeURIComponent(item.tag)}`;
      const cut = item.tag.lastIndexOf(".") + 1;
      setText(line.stem, item.tag.slice(0, cut));
      setText(line.id, item.tag.slice(cut));
      line.id.parentElement.title = item.tag;
      setText(line.unit, item.unitText);
      line.drawn = null;
    }
    this.fillLive(line, fresh);
  }

  fillLive(line, fresh) {
    const row = line.item, alarm = alarmSet(row);
    setClass(line.element, `row ${row.quality}${alarm ? ` alarm-set class-${row.alarm}` : ""}${row.tag === this.current ? " current" : ""}`);
    setClass(line.symbol, `q ${row.quality}`);
    line.symbol.setAttribute("aria-label", t(`quality.${row.quality}`));
    const flash = !fresh && line.version !== row.version ? (line.value.className.includes("flash-a") ? "flash-b" : "flash-a") : fresh ? "" : null;
    const state = row.kind === "bool" ? ` bool ${row.value ? "on" : "off"}` : row.kind === "enum" || row.kind === "text" ? " words" : "";
    if (flash !== null) setClass(line.value, `value${state} ${flash}`);
    line.version = row.version;
    setText(line.value, row.show);
    line.mark.hidden = !alarm;
    if (alarm) setText(line.mark, row.className ?? row.alarm);
    setText(line.quality, row.quality === "good" && !row.reason ? "" : word(`reason.${row.reason}`, row.reason));
    setText(line.age, age(ageOf(row)));
    if (fresh) drawSparkline(line.canvas, row.points, row.steps);
  }

  /** Values changed: bring the rows in sight up to date. */
  refresh() { for (const line of this.lines()) this.fillLive(line, false); }

  showAges() { for (const line of this.lines()) setText(line.age, age(ageOf(line.item))); }

  drawTrends() { for (const line of this.lines()) drawSparkline(line.canvas, line.item.points, line.item.steps); }

  *lines() { for (const line of this.pool) if (line.item.heading === undefined) yield line; }

  wantTrends() {
    clearTimeout(this.trendTimer);
    this.trendTimer = setTimeout(async () => {
      const rows = [...this.lines()].map((line) => line.item);
      if (await this.seed(rows)) this.drawTrends();
    }, 120);
  }

  click(event) {
    const element = event.target.closest("tr");
    const line = this.pool.find((known) => known.element === element);
    if (!line || line.item.heading !== undefined || event.target.closest("a") || getSelection().toString()) return;
    this.current = line.item.tag;
    this.open(line.item);
  }

  key(event) {
    const page = Math.max(1, Math.floor(this.scroller.clientHeight / this.height) - 2);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key === "Enter" && event.target === this.scroller) {
      const row = this.items.find((item) => item.tag === this.current);
      if (row) this.open(row);
    } else if (event.key in steps) {
      this.move(steps[event.key]);
      event.preventDefault();
    }
  }

  move(step) {
    const rows = this.items.map((item, index) => ({ item, index })).filter(({ item }) => item.heading === undefined);
    if (!rows.length) return;
    const at = rows.findIndex(({ item }) => item.tag === this.current);
    const from = at >= 0 ? at : step > 0 ? -1 : rows.length;
    const to = Math.max(0, Math.min(rows.length - 1, from + step));
    this.current = rows[to].item.tag;
    const top = this.tops[rows[to].index], view = this.scroller.clientHeight - 2 * this.height;
    if (top < this.scroller.scrollTop + this.height) this.scroller.scrollTop = Math.max(0, top - this.height);
    else if (top > this.scroller.scrollTop + view) this.scroller.scrollTop = top - view;
    this.render();
  }
}

function spacer(element, height) {
  element.hidden = height <= 0;
  element.firstElementChild.style.height = `${height}px`;
}
