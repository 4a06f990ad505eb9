// A line over the grid of columns as canvas paths: thin where a column holds little, a filled bar where it holds much.
//
// Stroking a zigzag through every column is what costs a browser without a graphics card most of its time, and so does filling one
// path of many bars; single bars on whole pixels are cheap, and look the same.

const DENSE = 2.5; // device pixels that a column must span beyond its entry and exit to be a bar

/** For uPlot's series: four places to a column (entry, two extremes, exit), as resample() gives them. Bars: see drawBars. */
export function columnPaths(plot, index) {
  const ys = plot.data[index], scale = plot.scales[plot.series[index].scale], { left, top, width, height } = plot.bbox;
  const stroke = new Path2D(), bars = [], columns = ys.length >> 2, thick = Math.max(1, plot.series[index].width * devicePixelRatio);
  const span = scale.max - scale.min || 1, y = (value) => top + height * (1 - (value - scale.min) / span), wide = width / columns;
  let open = false, lastY = NaN;
  for (let c = 0; c < columns; c += 1) {
    const at = 4 * c, entry = ys[at], first = ys[at + 1], second = ys[at + 2], exit = ys[at + 3];
    if (first === null) { open = false; continue; }
    const x = left + c * wide, a = y(first), b = y(second), high = Math.min(a, b), low = Math.max(a, b);
    const from = entry === null ? NaN : y(entry), to = exit === null ? NaN : y(exit);
    const inner = Math.min(from, to), outer = Math.max(from, to);
    if (low - high > DENSE && !(high >= inner - DENSE && low <= outer + DENSE)) {
      bars.push(Math.round(x), Math.round(high - thick / 2), Math.max(1, Math.round(x + wide) - Math.round(x)), Math.round(low - high + thick));
      if (open && from === from) stroke.lineTo(x, from);
      open = false;
    } else {
      const begin = from === from ? from : a;
      if (!open) stroke.moveTo(x, begin); else if (begin !== lastY) stroke.lineTo(x, begin);
      open = true;
      // a step stands upright where its column begins to differ; a flat column needs only its end
      if (to === to) { if (Math.abs(to - begin) > 0.01) stroke.lineTo(x + wide * 0.5, to); stroke.lineTo(x + wide, to); } else { stroke.lineTo(x + wide * 0.5, begin); open = false; }
    }
    lastY = to;
    if (to !== to) open = false;
  }
  plot.series[index].bars = bars;
  return { stroke, fill: null, clip: null, band: null, gaps: null, flags: 3 };
}

/** The bars of a series, after uPlot has drawn its line. */
export function drawBars(plot, index) {
  const { bars, tint } = plot.series[index], { ctx } = plot;
  if (!bars?.length) return;
  ctx.fillStyle = tint;
  for (let i = 0; i < bars.length; i += 4) ctx.fillRect(bars[i], bars[i + 1], bars[i + 2], bars[i + 3]);
}
