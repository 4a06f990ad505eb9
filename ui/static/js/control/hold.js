// A button that must be held: by mouse, finger or key. Letting go early does nothing.

import { h, setText } from "../dom.js";

/** A button with the text `label` that calls `done` when it has been held for `seconds`. */
export function holdButton(label, hint, seconds, done) {
  const fill = h("span.hold-fill", { "aria-hidden": "true" });
  const words = h("span.hold-words", {}, label);
  const note = h("span.hold-note", {}, hint);
  const button = h("button.hold", { type: "button" }, fill, h("span.hold-text", {}, words, note));
  let began = 0, frame = 0, finished = false;

  const draw = (share) => { fill.style.transform = `scaleX(${share})`; };
  const step = (now) => {
    const share = Math.min(1, (now - began) / (seconds * 1000));
    draw(share);
    if (share < 1) { frame = requestAnimationFrame(step); return; }
    finished = true;
    stop();
    button.disabled = true;
    done();
  };
  const start = () => {
    if (began || finished || button.disabled) return;
    began = performance.now();
    button.dataset.holding = "";
    frame = requestAnimationFrame(step);
  };
  const stop = () => {
    cancelAnimationFrame(frame);
    began = 0;
    delete button.dataset.holding;
    if (!finished) draw(0);
  };

  button.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    button.setPointerCapture(event.pointerId); // a finger that slides off a little has not let go
    start();
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture", "blur"]) button.addEventListener(name, stop);
  button.addEventListener("keydown", (event) => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault(); // neither a click nor a form's submit
    if (!event.repeat) start();
  });
  button.addEventListener("keyup", (event) => { if (event.key === " " || event.key === "Enter") stop(); });
  document.addEventListener("visibilitychange", stop); // nobody holds what nobody sees
  button.addEventListener("contextmenu", (event) => event.preventDefault()); // a long touch opens none
  button.addEventListener("click", (event) => event.preventDefault());
  return { button, disable: (text) => { stop(); button.disabled = true; setText(note, text); } };
}
