// A live trend: what the server remembers first, then every change as it comes.

import uPlot from "../vendor/uplot/uPlot.esm.js";
import { colors } from "./colors.js";
import { number, places } from "./texts.js";

const clock = new Intl.DateTimeFormat(places, { timeStyle: "medium" });

export class Trend {
  /** series: [{label, decimals, words(value)?}]; step: draw states as steps. */
  constructor(element, series, { step = false, window = 300, height = 260, labels = null, zero = false } = {}) {
    this.element = element.appendChild(document.createElement("div")); // without padding, so that its width is the plot's
    this.series = series;
    this.step = step;
    this.window = window;
    this.height = height;
    this.labels = labels;
    this.zero = zero;
    this.times = [];
    this.values = series.map(() => []);
    this.build();
    new ResizeObserver(() => this.plot.setSize({ width: this.element.clientWidth, height: this.height })).observe(this.element);
    addEventListener("themechange", () => this.build());
    setInterval(() => { if (!document.hidden) this.draw(); }, 500);
  }

  build() {
    this.plot?.destroy();
    const palette = colors(), strokes = [palette.line, palette.line2];
    const paths = this.step ? uPlot.paths.stepped({ align: 1 }) : uPlot.paths.linear();
    const axis = { stroke: palette.axis, grid: { stroke: palette.grid, width: 0.5 }, ticks: { show: false }, font: "12px sans-serif" };
    this.plot = new uPlot({
      width: this.element.clientWidth || 600, height: this.height,
      cursor: { drag: { x: false, y: false }, points: { size: 7 } },
      legend: { show: true, live: true },
      scales: { x: { time: true, range: () => { const now = Date.now() / 1000; return [now - this.window, now]; } }, y: { range: (plot, low, high) => this.range(low, high) } },
      axes: [
        { ...axis, size: 30, values: (plot, ticks) => ticks.map((tick) => clock.format(new Date(tick * 1000))), space: 90 },
        { ...axis, size: this.labels ? 150 : 64, splits: this.labels ? () => this.states() : undefined,
          values: (plot, ticks) => ticks.map((tick) => (this.empty ? "" : this.labels ? this.labels(tick) : number(tick, decimalsOf(ticks)))) },
      ],
      series: [
        { label: "", value: (plot, at) => (at === null ? "" : clock.format(new Date(at * 1000))) },
        ...this.series.map((one, i) => ({
          label: one.label, stroke: strokes[i % 2], width: 1.5, paths, points: { show: false }, spanGaps: false,
          fill: this.series.length === 1 && !this.step ? palette.fill : undefined,
          value: (plot, value) => this.words(plot.cursor.idx === null || plot.cursor.idx === undefined ? this.values[i].at(-1) : value, one.decimals),
        })),
      ],
    }, [this.times, ...this.values], this.element);
  }

  words(value, decimals) {
    if (value === null || value === undefined) return "—";
    return this.labels ? this.labels(value) : number(value, decimals);
  }

  states() {
    const seen = new Set(this.values[0].filter((value) => value !== null));
    return [...seen].sort((a, b) => a - b);
  }

  range(low, high) {
    this.empty = low === null || high === null || low === undefined;
    if (this.empty) return [0, 1];
    if (this.labels) return [low - 0.5, high + 0.5];
    if (this.zero) return [0, (high || 1) * 1.15];
    const middle = (low + high) / 2, half = Math.max((high - low) * 0.6, Math.abs(middle) * 0.005, 1e-3);
    return [middle - half, middle + half];
  }

  /** Values a step apart, the last one at newest (Unix seconds). */
  seed(newest, stepSeconds, columns) {
    const length = Math.max(0, ...columns.map((column) => column.length));
    const first = this.times[0] ?? Infinity;
    const times = [], values = columns.map(() => []);
    for (let i = 0; i < length; i += 1) {
      const at = newest - (length - 1 - i) * stepSeconds;
      if (at >= first) break;
      times.push(at);
      columns.forEach((column, k) => values[k].push(column[i - length + column.length] ?? null));
    }
    this.times = times.concat(this.times);
    this.values = this.values.map((column, k) => values[k].concat(column));
    this.draw();
  }

  /** One more moment; null is a gap. */
  add(at, values) {
    const last = this.times[this.times.length - 1];
    if (last !== undefined && at <= last) at = last + 0.001;
    this.times.push(at);
    values.forEach((value, k) => this.values[k].push(value));
    while (this.times.length > 20000) { this.times.shift(); for (const column of this.values) column.shift(); }
  }

  setWindow(seconds) { this.window = seconds; this.draw(); }

  /** The newest value holds until now. */
  draw() {
    const now = Date.now() / 1000, length = this.times.length;
    const times = length ? [...this.times, Math.max(now, this.times[length - 1])] : [];
    this.plot.setData([times, ...this.values.map((column) => (length ? [...column, column[length - 1]] : []))]);
  }
}

function decimalsOf(ticks) {
  const step = ticks.length > 1 ? Math.abs(ticks[1] - ticks[0]) : 1;
  for (let decimals = 0; decimals < 4; decimals += 1) {
    const scaled = step * 10 ** decimals;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6) return decimals;
  }
  return 4;
}
