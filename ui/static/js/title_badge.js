// Alarms that wait, in the title and the icon of the browser's tab, so that they are seen from another one.

import { number } from "./texts.js";

const SHAPES = { // of the priority, in a square of 1: as in the style sheet
  1: [[.3, 0], [.7, 0], [1, .3], [1, .7], [.7, 1], [.3, 1], [0, .7], [0, .3]],
  2: [[.5, 0], [1, .95], [0, .95]],
  3: [[.5, 0], [1, .5], [.5, 1], [0, .5]],
};
const SYMBOLS = { 1: "⬣", 2: "▲", 3: "◆", 4: "●", 5: "■" };
let title = document.title, waiting = 0, urgent = null;
const icon = document.querySelector('link[rel="icon"]');
const plain = icon.href;
let shown = title;

/** What the page is about, where it finds that out only later. */
export function setTitle(text) {
  title = text;
  badge(waiting, urgent);
}

/** priority null: nothing waits. */
export function badge(count, priority) {
  waiting = count;
  urgent = priority;
  const text = count ? `${SYMBOLS[priority]} ${number(count)} · ${title}` : title;
  if (text === shown) return;
  shown = text;
  document.title = text;
  icon.type = count ? "image/png" : "image/svg+xml";
  icon.href = count ? picture(count, priority) : plain;
}

function picture(count, priority) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 64;
  const pen = canvas.getContext("2d");
  const style = getComputedStyle(document.documentElement);
  pen.fillStyle = style.getPropertyValue(`--p${priority}`).trim();
  pen.beginPath();
  const shape = SHAPES[priority];
  if (shape) for (const [x, y] of shape) pen.lineTo(x * 64, y * 64);
  else pen.arc(32, 32, 32, 0, 7);
  pen.fill();
  pen.fillStyle = priority === 3 ? style.getPropertyValue("--p3-ink").trim() : "#fff";
  pen.font = "700 34px sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(count > 99 ? "99" : String(count), 32, priority === 2 ? 44 : 34);
  return canvas.toDataURL("image/png");
}
