// States of enumerations and bits as bands below the curves, on the same time; hatched where no state is known.

import { colors } from "../colors.js";
import { states } from "./track.js";

const HEIGHT = 26, GAP = 4;

export class Lanes {
  constructor(canvas) {
    this.canvas = canvas;
    this.rows = []; // {tag, title, color, track, other, shift, word(value), quiet(value)}
  }

  show(rows) {
    this.rows = rows;
    this.canvas.hidden = !rows.length;
    this.canvas.style.height = `${rows.length * (HEIGHT + GAP)}px`;
  }

  /** box: where the plot is, {left, width} in CSS pixels. */
  draw(box, from, to) {
    if (!this.rows.length) return;
    const palette = colors(), ratio = devicePixelRatio, { canvas } = this, ctx = canvas.getContext("2d");
    const width = canvas.clientWidth, height = this.rows.length * (HEIGHT + GAP);
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) { canvas.width = Math.round(width * ratio); canvas.height = Math.round(height * ratio); }
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, width, height);
    ctx.font = "12px sans-serif";
    ctx.textBaseline = "middle";
    const x = (time) => box.left + Math.max(0, Math.min(1, (time - from) / (to - from))) * box.width;
    this.rows.forEach((row, i) => {
      const top = i * (HEIGHT + GAP), tall = row.other ? HEIGHT - 9 : HEIGHT;
      this.name(ctx, row, top, box, palette);
      for (const run of states(row.track, from, to)) band(ctx, row, run, x, top, tall, palette, true);
      if (row.other) for (const run of states(row.other, from, to, -row.shift)) band(ctx, row, run, x, top + tall + 2, 6, palette, false);
    });
  }

  name(ctx, row, top, box, palette) {
    ctx.fillStyle = row.color;
    ctx.fillRect(box.left - 5, top, 3, HEIGHT);
    if (box.left < 60) return;
    ctx.fillStyle = palette.axis;
    ctx.textAlign = "right";
    ctx.fillText(cut(ctx, row.title, box.left - 12), box.left - 9, top + HEIGHT / 2);
  }
}

function band(ctx, row, [begin, end, value], x, top, height, palette, words) {
  const left = x(begin), width = Math.max(1, x(end) - left);
  if (value !== value) { hatch(ctx, left, top, width, height, palette); return; }
  const quiet = row.quiet(value);
  ctx.globalAlpha = quiet ? 0.16 : words ? 0.34 : 0.5;
  ctx.fillStyle = row.color;
  ctx.fillRect(left, top, width, height);
  ctx.globalAlpha = 1;
  ctx.fillRect(left, top, 1, height);
  if (!words || width < 26) return;
  ctx.fillStyle = palette.text;
  ctx.textAlign = "left";
  ctx.fillText(cut(ctx, row.word(value), width - 8), left + 5, top + height / 2);
}

function hatch(ctx, left, top, width, height, palette) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.strokeStyle = palette.axis;
  ctx.globalAlpha = 0.4;
  ctx.beginPath();
  for (let at = left - height; at < left + width; at += 7) { ctx.moveTo(at, top + height); ctx.lineTo(at + height, top); }
  ctx.stroke();
  ctx.restore();
}

function cut(ctx, text, width) {
  if (ctx.measureText(text).width <= width) return text;
  let end = text.length;
  while (end > 1 && ctx.measureText(`${text.slice(0, end)}…`).width > width) end -= 1;
  return end > 1 ? `${text.slice(0, end)}…` : "";
}
