// The curves: every track drawn on a grid of the plot's columns, an axis for each unit, gaps and bad quality marked, markers.

import uPlot from "../../vendor/uplot/uPlot.esm.js";
import { colors } from "../colors.js";
import { number, places, unitWord } from "../texts.js";
import { columnPaths, drawBars } from "./paths.js";
import { gridOf, level, resample, troubles } from "./track.js";

const STRIP = 4, NARROW = 620;

export class Chart {
  /** moved(time or null): the crosshair is elsewhere. draws(plot, ctx): what else stands on the canvas. */
  constructor(element, { moved, draws }) {
    this.element = element;
    this.moved = moved;
    this.draws = draws;
    this.lines = []; // {tag, unit, decimals, color, track, other}
    this.window = [0, 1];
    this.at = null; // a moment that is marked
    this.height = 320;
    new ResizeObserver(() => this.resize()).observe(element);
    addEventListener("themechange", () => requestAnimationFrame(() => { if (this.plot) this.build(); }));
  }

  get narrow() { return this.element.clientWidth < NARROW; }
  /** Where the plot itself is, in CSS pixels from the left of the element. */
  get box() { const { left, width } = this.plot.bbox; return { left: left / devicePixelRatio, width: width / devicePixelRatio }; }
  get columns() { return this.plot ? Math.max(100, Math.round(this.box.width)) : Math.max(100, this.element.clientWidth - 100); }

  /** Take other lines: the plot is built anew. */
  show(lines) {
    this.lines = lines;
    this.build();
  }

  resize() {
    const width = this.element.clientWidth, height = this.element.clientHeight || this.height;
    if (!this.plot || !width) return;
    if (width !== this.plot.width || height !== this.plot.height) {
      if (width < NARROW !== this.wasNarrow) this.build(); else { this.plot.setSize({ width, height }); this.draw(...this.window); }
    }
  }

  build() {
    const cursor = this.plot?.cursor, left = cursor?.left ?? -10, top = cursor?.top ?? -10;
    this.plot?.destroy();
    this.wasNarrow = this.narrow;
    const palette = colors(), units = [...new Set(this.lines.map((line) => line.unit))];
    const series = (line, other) => ({
      scale: `y:${line.unit}`, stroke: other ? `${line.color}99` : line.color, tint: other ? `${line.color}66` : line.color, width: other ? 1.2 : 1.6, dash: other ? [6, 4] : undefined,
      paths: columnPaths, points: { show: false }, spanGaps: false,
    });
    this.compared = this.lines.filter((line) => line.other);
    this.plot = new uPlot({
      width: this.element.clientWidth || 600, height: this.element.clientHeight || this.height, padding: [22, this.narrow ? 4 : 10, 0, 4], pxAlign: 1,
      cursor: { drag: { x: false, y: false }, y: false, points: { show: this.lines.length > 0, size: 7 } },
      legend: { show: false },
      scales: { x: { time: true, range: () => this.window }, ...Object.fromEntries(units.map((unit) => [`y:${unit}`, { range: (plot, low, high) => padded(low, high) }])) },
      axes: [this.timeAxis(palette), ...this.valueAxes(units, palette)],
      series: [{}, ...this.lines.map((line) => series(line, false)), ...this.compared.map((line) => series(line, true))],
      hooks: {
        setCursor: [(plot) => this.moved(plot.cursor.left >= 0 && plot.cursor.left <= plot.over.clientWidth ? plot.posToVal(plot.cursor.left, "x") : null)],
        drawSeries: [(plot, index) => { if (index) drawBars(plot, index); }],
        drawClear: [(plot) => this.shade(plot, palette)],
        draw: [(plot) => { this.units(plot, units, palette); this.strips(plot, palette); this.moment(plot, palette); this.draws(plot); }],
      },
    }, this.data(), this.element);
    if (left >= 0) this.plot.setCursor({ left, top }); // the crosshair outlives other lines
  }

  timeAxis(palette) {
    const axis = { stroke: palette.axis, grid: { stroke: palette.grid, width: 0.5 }, ticks: { show: false }, font: "12px sans-serif" };
    return { ...axis, size: 40, space: this.narrow ? 74 : 96, values: (plot, ticks) => timeWords(ticks) };
  }

  valueAxes(units, palette) {
    const shown = this.narrow ? units.slice(0, 2) : units.slice(0, 5);
    return shown.map((unit, i) => {
      const own = this.lines.filter((line) => line.unit === unit);
      return {
        scale: `y:${unit}`, side: i % 2 ? 1 : 3, size: this.narrow ? 46 : 58, stroke: own.length === 1 ? own[0].color : palette.axis, font: "12px sans-serif",
        grid: i ? { show: false } : { stroke: palette.grid, width: 0.5 }, ticks: { show: false }, values: (plot, ticks) => ticks.map((tick) => number(tick, fraction(ticks))),
      };
    });
  }

  data() {
    const [from, to] = this.window, columns = this.columns;
    return [gridOf(from, to, columns), ...this.lines.map((line) => resample(line.track, from, to, columns)),
      ...(this.compared ?? []).map((line) => resample(line.other, from, to, columns, -line.shift))];
  }

  draw(from, to) {
    this.window = [from, to];
    if (this.plot) this.plot.setData(this.data());
  }

  /** Put the crosshair at a moment. */
  point(time) {
    const [from, to] = this.window, width = this.plot.over.clientWidth;
    this.plot.setCursor({ left: Math.max(0, Math.min(width - 1, ((time - from) / (to - from)) * width)), top: 10 });
  }

  /** Time beyond now is no gap: it is not there yet. */
  shade(plot, palette) {
    const { ctx, bbox } = plot, now = plot.valToPos(Date.now() / 1000, "x", true);
    if (now >= bbox.left + bbox.width) return;
    ctx.fillStyle = palette.future;
    ctx.fillRect(Math.max(bbox.left, now), bbox.top, bbox.left + bbox.width - Math.max(bbox.left, now), bbox.height);
  }

  units(plot, units, palette) {
    const { ctx, bbox } = plot, ratio = devicePixelRatio;
    ctx.save();
    ctx.font = `600 ${12 * ratio}px sans-serif`;
    plot.axes.slice(1).forEach((axis, i) => {
      const own = this.lines.filter((line) => line.unit === units[i]), left = axis.side === 3;
      const inner = Math.floor(i / 2) * axis._size * ratio;
      ctx.fillStyle = own.length === 1 ? own[0].color : palette.axis;
      ctx.textAlign = left ? "right" : "left";
      ctx.textBaseline = "bottom";
      // a long unit stays in the picture
      const text = unitWord(units[i]), wide = ctx.measureText(text).width + 2 * ratio;
      const place = left ? Math.max(wide, bbox.left - inner - 6 * ratio) : Math.min(ctx.canvas.width - wide, bbox.left + bbox.width + inner + 6 * ratio);
      ctx.fillText(text, place, bbox.top - 5 * ratio);
    });
    ctx.restore();
  }

  /** A strip for each line that was not good: red = bad or nothing known, amber = uncertain. */
  strips(plot, palette) {
    const { ctx, bbox } = plot, ratio = devicePixelRatio, [from, to] = this.window;
    let row = 0;
    for (const line of this.lines) {
      const spans = troubles(line.track, from, to);
      if (!spans.length) continue;
      row += 1;
      const top = bbox.top + bbox.height - row * (STRIP + 1) * ratio;
      for (const [begin, end, quality] of spans) {
        const x = Math.max(bbox.left, plot.valToPos(begin, "x", true)), stop = Math.min(bbox.left + bbox.width, plot.valToPos(end, "x", true));
        ctx.fillStyle = { bad: palette.bad, uncertain: palette.warn, none: palette.grid }[level(quality)];
        ctx.fillRect(x, top, Math.max(2 * ratio, stop - x), STRIP * ratio);
        ctx.fillStyle = line.color;
        ctx.fillRect(x, top, Math.min(2 * ratio, Math.max(1, stop - x)), STRIP * ratio);
      }
    }
  }

  moment(plot, palette) {
    if (this.at === null || this.at < this.window[0] || this.at > this.window[1]) return;
    const { ctx, bbox } = plot, x = Math.round(plot.valToPos(this.at, "x", true)) + 0.5;
    ctx.save();
    ctx.strokeStyle = palette.accent;
    ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.lineWidth = 1.5 * devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.restore();
  }
}

function padded(low, high) {
  if (low === null || high === null || low === undefined || high === undefined) return [0, 1];
  const middle = (low + high) / 2, half = Math.max((high - low) * 0.56, Math.abs(middle) * 0.004, 1e-3);
  return [middle - half, middle + half];
}

function fraction(ticks) {
  const step = ticks.length > 1 ? Math.abs(ticks[1] - ticks[0]) : 1;
  for (let decimals = 0; decimals < 4; decimals += 1) if (Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) < 1e-6) return decimals;
  return 4;
}

const clock = new Intl.DateTimeFormat(places, { hour: "2-digit", minute: "2-digit" });
const clockS = new Intl.DateTimeFormat(places, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat(places, { day: "2-digit", month: "2-digit" });
const month = new Intl.DateTimeFormat(places, { month: "short", year: "numeric" });

/** Ticks of the time axis: the clock, and the day where it changes. */
export function timeWords(ticks) {
  const step = ticks.length > 1 ? ticks[1] - ticks[0] : 1;
  let before = "";
  return ticks.map((tick) => {
    const at = new Date(tick * 1000), date = day.format(at), changed = date !== before;
    before = date;
    if (step >= 28 * 86400) return month.format(at);
    if (step >= 86400) return date;
    const time = step < 60 ? clockS.format(at) : clock.format(at);
    return changed ? `${time}\n${date}` : time;
  });
}
