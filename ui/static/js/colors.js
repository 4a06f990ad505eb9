// Colours of the current theme for what is drawn on a canvas.

let cache = null;
addEventListener("themechange", () => { cache = null; });

export function colors() {
  if (!cache) {
    const style = getComputedStyle(document.documentElement);
    const read = (name) => style.getPropertyValue(name).trim();
    cache = { line: read("--trend"), line2: read("--trend-2"), axis: read("--muted"), grid: read("--grid"), bad: read("--bad"), fill: read("--trend-fill") };
  }
  return cache;
}
