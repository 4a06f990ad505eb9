"""Pictures of every page, for the documentation: ``tools/screenshots.py URL [DIR]`` against a running UI."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

__all__ = ["CHROMIUM", "FLAGS", "main", "shoot"]

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
#: name of the picture, page, selector that tells when it is filled
PAGES = (
    ("tags", "/", "tr.row"),
    ("tags-filtered", "/?q=power&sort=value&dir=desc", "tr.row"),
    ("tag", "/tags/mkz.gpu1.power_total", "#attributes dl"),
    ("devices", "/devices", ".device"),
    ("runtime", "/runtime", "#measures tbody tr"),
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
            for theme, size, suffix in (("light", WIDE, ""), ("dark", WIDE, "-dark"), ("light", PHONE, "-phone")):
                made += _series(browser, base_url, out_dir, language, theme, size, suffix)
        browser.close()
    return made


def _series(
    browser: Browser, base_url: str, out_dir: Path, language: str, theme: str, size: dict[str, int], suffix: str
) -> list[Path]:
    context = browser.new_context(viewport=size, color_scheme=theme, device_scale_factor=1)  # type: ignore[arg-type]
    context.add_cookies([{"name": "lang", "value": language, "url": base_url}])
    page = context.new_page()
    made = []
    for name, path, ready in PAGES:
        file = out_dir / f"{name}{suffix}{'' if language == 'ru' else '-' + language}.png"
        _open(page, base_url + path, ready)
        page.screenshot(path=file)
        made.append(file)
    context.close()
    return made


def _open(page: Page, url: str, ready: str) -> None:
    page.goto(url)
    page.wait_for_selector(ready)
    page.wait_for_selector("#scan[data-state=live]")
    page.wait_for_timeout(2500)  # sparklines and trends fill


def main() -> int:
    """From the command line."""
    url = sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://127.0.0.1:8010"
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parents[1] / "docs" / "images"
    for file in shoot(url, folder):
        print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
