// Colours of the current theme for what is drawn on a canvas.

let cache = null;
addEventListener("themechange", () => { cache = null; });

export function colors() {
  if (!cache) {
    const style = getComputedStyle(document.documentElement);
    const read = (name) => style.getPropertyValue(name).trim();
    cache = {
      line: read("--trend"), line2: read("--trend-2"), axis: read("--muted"), grid: read("--grid"), bad: read("--bad"), fill: read("--trend-fill"),
      warn: read("--warn-mark"), future: read("--sunken"), accent: read("--accent"), text: read("--text"), surface: read("--surface"),
      p1: read("--p1"), p2: read("--p2"), p3: read("--p3"), p4: read("--p4"), p5: read("--p5"),
      lines: Array.from({ length: 12 }, (_, i) => read(`--t${i + 1}`)),
    };
  }
  return cache;
}
