// A tag's last minutes in a table cell, on a canvas.

import { colors } from "./colors.js";

/** values: numbers or NaN, oldest first, filling the width. step: draw as steps (states). moment: a share of the width to mark. */
export function drawSparkline(canvas, values, step, moment = null) {
  const scale = devicePixelRatio || 1;
  const width = canvas.clientWidth, height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  if (!values) return;
  let low = Infinity, high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low === Infinity) return;
  const flat = high === low;
  const least = step ? 0 : Math.max(Math.abs(high), Math.abs(low)) * 0.01; // noise must not look like an event
  if (!flat && high - low < least) { const middle = (high + low) / 2; low = middle - least / 2; high = middle + least / 2; }
  const margin = 2.5, span = height - 2 * margin;
  const y = (value) => (flat ? height / 2 : height - margin - ((value - low) / (high - low)) * span);
  if (moment !== null) {
    pen.fillStyle = colors().bad;
    pen.fillRect(Math.round(moment * (width - 2)), 0, 1.5, height);
  }
  pen.beginPath();
  let drawing = false, last = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (Number.isNaN(value)) { drawing = false; continue; }
    const x = (i / (values.length - 1)) * (width - 2) + 1;
    if (!drawing) pen.moveTo(x, y(value));
    else { if (step) pen.lineTo(x, y(last)); pen.lineTo(x, y(value)); }
    drawing = true;
    last = value;
  }
  const palette = colors();
  pen.strokeStyle = flat ? palette.grid : palette.line;
  pen.lineWidth = 1.25;
  pen.lineJoin = "round";
  pen.stroke();
}
