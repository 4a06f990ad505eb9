"""Eight tags of 100,000 points each in a real browser: a picture of the trend page beside plain uPlot with all points.

Both pan and zoom over the same curves, a picture in each animation frame. The peer is uPlot as vendored, without our
decimation: once as eight tags really are (each at its own times, joined by ``uPlot.join``), once in the case that suits
it best (all at the same times). Prints work for a picture, the time between two frames and the ratio.
Run: python benchmarks/bench_trends.py [POINTS]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.e2e.tabs import CHROMIUM, FLAGS, WIDE
from tests.ui.conftest import serve
from tests.ui.fake_plant import FakePlant

TAGS, FRAMES = 8, 60

SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


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
