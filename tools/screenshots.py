"""Pictures of every page, for the documentation.

``tools/screenshots.py [URL [DIR]]``: of the UI that runs there; without a URL of the demo plant, started for it.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

__all__ = ["CHROMIUM", "FLAGS", "main", "shoot"]

ROOT = Path(__file__).parents[1]
DEMO_URL = "http://127.0.0.1:8010"
#: until sparklines and trends have something to show
_WARM_UP_S = 320
CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
WIDE: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
TREND_TAGS = "mkz.gpu1.power_total,mkz.gpu1.gen_freq,mkz.gpu2.power_total,mkz.gpu1.gen_status"
#: name of the picture, page, selector that tells when it is filled
PAGES = (
    ("tags", "/", "tr.row"),
    ("tags-filtered", "/?q=power&sort=value&dir=desc", "tr.row"),
    ("tag", "/tags/mkz.gpu1.power_total", "#attributes dl"),
    ("alarms", "/alarms", "#alarms tr.row"),
    ("alarm-health", "/alarms?tab=health", "#panel-health canvas"),
    ("journal", "/journal", "#journal tr.entry"),
    ("trends", f"/trends?span=300&tags={TREND_TAGS}", "#lines tbody tr"),
    ("devices", "/devices", ".device"),
    ("device", "/devices/mkz.gpu1", "#panel button"),
    ("maintenance", "/maintenance", "#fleet article"),
    ("runtime", "/runtime", "#measures tbody tr"),
    ("rules", "/rules", "#rules tr.row"),
)


def shoot(base_url: str, out_dir: Path, languages: tuple[str, ...] = ("ru",)) -> list[Path]:
    """Save every page, wide in both themes and on a phone; the files written.

    ``base_url`` without a slash at the end; the plant should have been running for some minutes, so that trends show.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        for language in languages:
            made += _series(browser, base_url, out_dir, language, "light", WIDE, "")
            made += _series(browser, base_url, out_dir, language, "dark", WIDE, "-dark")
            made += _series(browser, base_url, out_dir, language, "light", PHONE, "-phone")
        browser.close()
    return made


def _series(
    browser: Browser,
    base_url: str,
    out_dir: Path,
    language: str,
    theme: Literal["light", "dark"],
    size: ViewportSize,
    suffix: str,
) -> list[Path]:
    context = browser.new_context(viewport=size, color_scheme=theme, device_scale_factor=1)
    context.add_cookies([{"name": "lang", "value": language, "url": base_url}])
    page = context.new_page()
    made = []
    for name, path, ready in PAGES:
        file = out_dir / f"{name}{suffix}{'' if language == 'ru' else '-' + language}.png"
        _open(page, base_url + path, ready)
        page.screenshot(path=file)
        _shrink(file)
        made.append(file)
    context.close()
    return made


def _shrink(file: Path) -> None:
    """To 256 colours, which is enough for pages that are mostly grey: a third of the size."""
    with Image.open(file) as picture:
        small = picture.convert("RGB").quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    small.save(file, optimize=True)


def _open(page: Page, url: str, ready: str) -> None:
    page.goto(url)
    page.wait_for_selector(ready)
    page.wait_for_selector("#scan[data-state=live]")
    page.wait_for_timeout(2500)  # sparklines and trends fill


@contextmanager
def _demo_plant() -> Iterator[str]:
    """``scada run`` until the pictures are taken."""
    process = subprocess.Popen([sys.executable, "-m", "runtime", "run", "scada.ini"], cwd=ROOT)
    try:
        _wait_for(f"{DEMO_URL}/healthz", process)
        time.sleep(_WARM_UP_S)
        yield DEMO_URL
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(15)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except urllib.error.URLError:
            time.sleep(0.2)
    raise SystemExit("screenshots: the demo plant did not start")


def main() -> int:
    """From the command line."""
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "docs" / "images"
    if len(sys.argv) > 1:
        made = shoot(sys.argv[1].rstrip("/"), folder)
    else:
        with _demo_plant() as url:
            made = shoot(url, folder)
    print(*made, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
