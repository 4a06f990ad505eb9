// What is on the screen as a picture and as a table.

import { colors } from "../colors.js";
import { language, number, places } from "../texts.js";
import { statistics } from "./track.js";

const MOST_ROWS = 200_000;
const stamp = new Intl.DateTimeFormat(places, { dateStyle: "short", timeStyle: "medium" });

export function save(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export function fileName(from, suffix) { return `trend-${new Date(from * 1000).toISOString().slice(0, 16).replace(/[:T]/g, "-")}.${suffix}`; }

/** The curves, the states and a legend with the figures of the window on one canvas. */
export function picture(title, chart, lanes, lines, [from, to]) {
  const ratio = devicePixelRatio, palette = colors(), plot = chart.plot.ctx.canvas, bands = lanes.canvas.hidden ? null : lanes.canvas;
  const row = 20 * ratio, head = 40 * ratio, canvas = document.createElement("canvas");
  canvas.width = plot.width;
  canvas.height = head + plot.height + (bands ? bands.height + 8 * ratio : 0) + row * (lines.length + 1);
  const ctx = canvas.getContext("2d");
  ctx.fillStyle = palette.surface;
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  ctx.fillStyle = palette.text;
  ctx.font = `600 ${14 * ratio}px sans-serif`;
  ctx.fillText(title, 12 * ratio, 18 * ratio);
  ctx.fillStyle = palette.axis;
  ctx.font = `${12 * ratio}px sans-serif`;
  ctx.fillText(`${stamp.format(from * 1000)} – ${stamp.format(to * 1000)}`, 12 * ratio, 34 * ratio);
  ctx.drawImage(plot, 0, head);
  if (bands) ctx.drawImage(bands, 0, head + plot.height + 4 * ratio);
  lines.forEach((line, i) => {
    const top = canvas.height - row * (lines.length - i) - 4 * ratio, found = statistics(line.track, from, Math.min(to, line.track.until));
    ctx.fillStyle = line.color;
    ctx.fillRect(12 * ratio, top, 12 * ratio, 12 * ratio);
    ctx.fillStyle = palette.text;
    const figures = found && !line.states ? `  ${line.words(found.low)} … ${line.words(found.high)}, ⌀ ${number(found.mean, line.decimals)} ${line.unitText}` : "";
    ctx.fillText(`${line.place} · ${line.title}${figures}`, 32 * ratio, top + 11 * ratio);
  });
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

/** A row for every moment at which something was recorded; of buckets the mean. Empty where nothing is known. */
export function table(lines, [from, to]) {
  const cut = language === "ru" ? ";" : ",", point = language === "ru" ? "," : ".";
  const times = new Set();
  for (const { track } of lines) for (let i = Math.max(0, track.after(from) - 1); i < track.size && track.t[i] < to && times.size < MOST_ROWS; i += 1) times.add(Math.max(from, track.t[i]));
  const quote = (text) => (/[";,\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const rows = [["time", ...lines.map((line) => `${line.tag}${line.unitText ? ` [${line.unitText}]` : ""}`)].map(quote).join(cut)];
  for (const time of [...times].sort((a, b) => a - b)) {
    const cells = lines.map((line) => { const value = line.track.at(time); return Number.isNaN(value) ? "" : line.states ? quote(line.words(value)) : String(Number(value.toFixed(6))).replace(".", point); });
    rows.push([new Date(Math.round(time * 1000)).toISOString(), ...cells].join(cut));
  }
  return new Blob(["\ufeff", rows.join("\r\n"), "\r\n"], { type: "text/csv" });
}
