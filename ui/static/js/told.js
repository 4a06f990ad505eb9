// What became of something somebody did, told shortly at the foot of the page; screen readers hear it, too.

import { setText } from "./dom.js";

const SHORT_MS = 5000, BAD_MS = 12000;
let timer = 0;

/** Needs the element #told of the page. */
export function tell(text, bad = false) {
  const told = document.getElementById("told");
  told.classList.toggle("bad", bad);
  setText(told, text);
  told.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(() => { told.hidden = true; }, bad ? BAD_MS : SHORT_MS);
}
