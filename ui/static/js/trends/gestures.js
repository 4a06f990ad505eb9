// Pointer, wheel, fingers and keys over the plot: pan, zoom, select a span, move the crosshair.

const WHEEL = 0.0016, KEY_PAN = 0.1, KEY_ZOOM = 0.7;

/**
 * element: the plot's own. to: {window() -> [from, to], set(from, to, done), live(), point(time), tap(time), width()}.
 * A gesture calls set() as it goes on, and once more with done when it has ended.
 */
export function gestures(element, to) {
  const fingers = new Map();
  let start = null, settle = 0;
  const share = (event) => { const box = element.getBoundingClientRect(); return (event.clientX - box.left) / box.width; };
  const done = () => { clearTimeout(settle); settle = setTimeout(() => to.set(...to.window(), true), 160); };

  function zoom(factor, at) {
    const [from, until] = to.window(), middle = from + (until - from) * at;
    to.set(middle - (middle - from) * factor, middle + (until - middle) * factor, false);
    done();
  }

  function pan(part) {
    const [from, until] = to.window(), by = (until - from) * part;
    to.set(from + by, until + by, false);
    done();
  }

  element.addEventListener("wheel", (event) => {
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 33 : event.deltaMode === 2 ? 400 : 1;
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) pan(((event.deltaX || event.deltaY) * unit) / element.clientWidth);
    else zoom(Math.exp(Math.max(-400, Math.min(400, event.deltaY * unit)) * WHEEL), share(event));
  }, { passive: false });

  element.addEventListener("pointerdown", (event) => {
    if (event.button > 0) return;
    fingers.set(event.pointerId, share(event));
    element.setPointerCapture(event.pointerId);
    begin(event);
  });

  function begin(event) {
    const [from, until] = to.window(), at = [...fingers.values()];
    start = { from, until, at, x: event.clientX, y: event.clientY, moved: false, select: event.shiftKey && at.length === 1 };
    if (start.select) { start.box = element.appendChild(document.createElement("div")); start.box.className = "select-span"; }
  }

  element.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId) || !start) return;
    fingers.set(event.pointerId, share(event));
    if (Math.abs(event.clientX - start.x) > 3 || fingers.size > 1) start.moved = true;
    if (!start.moved) return;
    const { from, until, at } = start, now = [...fingers.values()], span = until - from;
    if (start.select) { Object.assign(start.box.style, { left: `${100 * Math.min(at[0], now[0])}%`, width: `${100 * Math.abs(now[0] - at[0])}%` }); return; }
    if (now.length >= 2 && at.length >= 2) {
      // the moments under both fingers stay under them
      const apart = Math.max(0.02, Math.abs(now[1] - now[0])), was = Math.max(0.02, Math.abs(at[1] - at[0]));
      const wide = (span * was) / apart, middle = from + (span * (at[0] + at[1])) / 2;
      const left = middle - (wide * (now[0] + now[1])) / 2;
      to.set(left, left + wide, false);
    } else {
      const by = (at[0] - now[0]) * span;
      to.set(from + by, until + by, false);
    }
  });

  function end(event) {
    if (!fingers.delete(event.pointerId) || !start) return;
    if (start.select) {
      start.box.remove();
      const [low, high] = [start.at[0], share(event)].sort((a, b) => a - b);
      if (high - low > 0.005) to.set(start.from + (start.until - start.from) * low, start.from + (start.until - start.from) * high, true);
    } else if (start.moved) to.set(...to.window(), true);
    else if (event.type === "pointerup") to.tap(start.from + (start.until - start.from) * share(event));
    if (fingers.size) begin(event); else start = null;
  }
  element.addEventListener("pointerup", end);
  element.addEventListener("pointercancel", end);
  element.addEventListener("dblclick", () => to.live());

  return {
    zoom, pan,
    /** Whether a key was one of ours. */
    key(event) {
      const by = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
      if (by && event.shiftKey) to.step(by);
      else if (by) pan(by * KEY_PAN);
      else if (event.key === "+" || event.key === "=") zoom(KEY_ZOOM, 0.5);
      else if (event.key === "-" || event.key === "_") zoom(1 / KEY_ZOOM, 0.5);
      else if (event.key === "PageUp") pan(-0.9);
      else if (event.key === "PageDown") pan(0.9);
      else if (event.key === "End" || event.key === "l" || event.key === "д") to.live();
      else return false;
      return true;
    },
  };
}
