"""Eight tags of 100,000 points each in a real browser: a picture of the trend page beside plain uPlot with all points.

Both pan and zoom over the same curves, a picture in each animation frame. The peer is uPlot as vendored, without
decimation of ours: once as eight tags really are (each at its own times, joined by ``uPlot.join``), once in the case that
suits it best (all at the same times). Prints work for a picture, the time between two frames and the ratio.
Run: python benchmarks/bench_trends.py [POINTS]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.e2e.conftest import CHROMIUM, FLAGS, WIDE
from tests.ui.conftest import serve
from tests.ui.fake_plant import FakePlant

TAGS, FRAMES = 8, 60

SCRIPT = """async ([tags, points, frames]) => {
  const { Chart } = await import("/static/js/trends/chart.js");
  const { Track } = await import("/static/js/trends/track.js");
  const uPlot = (await import("/static/vendor/uplot/uPlot.esm.js")).default;
  const start = 1795521600, step = 1;
  const wave = (k, i) => Math.round(1000 * (Math.sin(i / (900 + 70 * k)) + 0.3 * Math.sin(i / 7 + k))) / 10;
  const times = (k, apart) => Float64Array.from({ length: points }, (_, i) => start + i * step + (apart ? k / tags : 0));
  const values = (k) => Float64Array.from({ length: points }, (_, i) => wave(k, i));
  const colors = ["#1f6fb4", "#c2500b", "#2a8050", "#8a4fb0", "#a4741a", "#12868f", "#b5327a", "#5b6d1e"];
  const whole = points * step;
  const window_ = (n) => { // zoom in to a fifth and out again while going along
    const span = whole * (0.6 + 0.4 * Math.cos((2 * Math.PI * n) / frames)), from = start + (whole - span) * (n / frames);
    return [from, from + span];
  };
  const box = (name) => { const e = document.createElement("div"); e.style.cssText = "width:1100px;height:400px"; document.body.replaceChildren(e); return e; };
  const frame = () => new Promise((done) => requestAnimationFrame(done));

  async function run(draw) {
    draw(...window_(0));
    await frame(); await frame();
    const work = [], gaps = [];
    let before = performance.now();
    for (let n = 0; n < frames; n += 1) {
      const at = await frame(), begun = performance.now();
      draw(...window_(n));
      await Promise.resolve().then(() => {}).then(() => {}); // uPlot draws in a microtask
      work.push(performance.now() - begun);
      if (n) gaps.push(at - before);
      before = at;
    }
    const sorted = (list) => list.sort((a, b) => a - b), at = (list, share) => list[Math.min(list.length - 1, Math.floor(list.length * share))];
    sorted(work); sorted(gaps);
    return { median: at(work, 0.5), p95: at(work, 0.95), gap: at(gaps, 0.5), gap95: at(gaps, 0.95) };
  }

  function ours() {
    const chart = new Chart(box(), { moved: () => {}, draws: () => {} });
    const lines = colors.slice(0, tags).map((color, k) => {
      const track = new Track();
      const t = times(k, true), v = values(k);
      for (let i = 0; i < points; i += 1) track.add(t[i], v[i], 192);
      return { tag: `t${k}`, unit: "kW", decimals: 1, color, track, shift: 0 };
    });
    chart.show(lines);
    return run((from, to) => chart.draw(from, to));
  }

  function plain(apart) {
    const tables = colors.slice(0, tags).map((_, k) => [times(k, apart), values(k)]);
    const data = apart ? uPlot.join(tables, tables.map(() => [0, 2])) : [tables[0][0], ...tables.map((table) => table[1])];
    const plot = new uPlot({ width: 1100, height: 400, legend: { show: false }, scales: { x: { time: true } },
      series: [{}, ...colors.slice(0, tags).map((stroke) => ({ stroke, width: 1.6, spanGaps: apart, points: { show: false } }))] }, data, box());
    return run((from, to) => plot.setScale("x", { min: from, max: to }));
  }

  const aligned = await plain(false), mine = await ours();
  return { ours: mine, joined: await plain(true), aligned };
}"""


def measure(points: int) -> dict[str, Any]:
    """Figures of the three, milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        plant = FakePlant(Path(folder) / "run")
        with serve(plant.folder.folder) as (address, _), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_context(viewport=WIDE).new_page()  # type: ignore[arg-type]
            page.goto(f"http://{address}/trends")
            page.wait_for_selector("#chart canvas")
            found: dict[str, Any] = page.evaluate(SCRIPT, [TAGS, points, FRAMES])
            browser.close()
        plant.close()
    return found


def main() -> None:
    """Print the three beside each other."""
    points = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    found = measure(points)
    print(f"{TAGS} tags of {points:,} points, {FRAMES} pictures while panning and zooming, headless Chromium")
    names = {"ours": "the trend page", "joined": "uPlot, times joined", "aligned": "uPlot, same times"}
    for key, name in names.items():
        row = found[key]
        print(
            f"  {name:<20} work {row['median']:7.1f} ms (95%: {row['p95']:7.1f})"
            f"   between frames {row['gap']:7.1f} ms (95%: {row['gap95']:7.1f})"
        )
    for key in ("joined", "aligned"):
        print(f"ratio, work for a picture: {found[key]['median'] / found['ours']['median']:.1f} ({names[key]} / ours)")


if __name__ == "__main__":
    main()
