// How many alarms came in each ten minutes, with the lines of EEMUA 191: 1 is good, above 10 is a flood.

import uPlot from "../vendor/uplot/uPlot.esm.js";
import { colors } from "./colors.js";
import { number, places, t } from "./texts.js";

const SLOT_S = 600, DAY_SLOTS = 144, HEIGHT = 210;
const LINES = [[1, "health.line.good"], [10, "health.line.flood"]];
const clock = new Intl.DateTimeFormat(places, { hour: "2-digit", minute: "2-digit" });

export class RateChart {
  constructor(element) {
    this.element = element;
    this.data = [[], []];
    this.build();
    new ResizeObserver(() => this.plot.setSize({ width: this.width, height: HEIGHT })).observe(element);
    addEventListener("themechange", () => this.build());
  }

  get width() { return Math.max(200, this.element.clientWidth - 24); }

  build() {
    this.plot?.destroy();
    const palette = colors(), axis = { stroke: palette.axis, grid: { stroke: palette.grid, width: 0.5 }, ticks: { show: false }, font: "12px sans-serif" };
    this.plot = new uPlot({
      width: this.width, height: HEIGHT,
      cursor: { drag: { x: false, y: false }, points: { show: false } },
      scales: { x: { time: true, range: (plot, low, high) => [low - SLOT_S / 2, high + SLOT_S / 2] }, y: { range: (plot, low, high) => [0, Math.max(12, (high ?? 0) * 1.1)] } },
      axes: [{ ...axis, size: 28, space: 70, values: (plot, ticks) => ticks.map((tick) => clock.format(new Date(tick * 1000))) }, { ...axis, size: 40, values: (plot, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? number(tick) : "")) }],
      series: [
        { label: "", value: (plot, at) => (at === null ? "" : `${clock.format(new Date((at - SLOT_S / 2) * 1000))}–${clock.format(new Date((at + SLOT_S / 2) * 1000))}`) },
        { label: t("health.chart.count"), stroke: palette.line, fill: palette.line, paths: uPlot.paths.bars({ size: [0.8, 40] }), points: { show: false }, value: (plot, value) => (value === null || value === undefined ? "—" : number(value)) },
      ],
      hooks: { draw: [(plot) => this.drawLines(plot)] },
    }, this.data, this.element);
  }

  drawLines(plot) {
    const pen = plot.ctx, palette = colors(), { left, width } = plot.bbox;
    pen.save();
    pen.strokeStyle = pen.fillStyle = palette.axis;
    pen.font = `${11 * devicePixelRatio}px sans-serif`;
    pen.textAlign = "left";
    pen.textBaseline = "bottom";
    pen.setLineDash([5 * devicePixelRatio, 4 * devicePixelRatio]);
    for (const [value, word] of LINES) {
      const y = plot.valToPos(value, "y", true);
      pen.beginPath();
      pen.moveTo(left, y);
      pen.lineTo(left + width, y);
      pen.stroke();
      pen.fillText(t(word), left + 4, y - 2 * devicePixelRatio);
    }
    pen.restore();
  }

  /** counts: for each ten minutes from the moment (Unix seconds) on; drawn is a day, where nothing is known it is empty. */
  show(from, counts) {
    const missing = Math.max(0, DAY_SLOTS - counts.length), whole = [...Array(missing).fill(null), ...counts];
    this.data = [whole.map((count, i) => from + (i - missing + 0.5) * SLOT_S), whole];
    this.plot.setData(this.data);
  }
}
