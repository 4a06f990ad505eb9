"""One browser for all these tests of a worker; its contexts are emptied and used again.

A new context is a new process of the browser, which compiles every script of the pages anew: a second of a core for
each page, of which half a second is left here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

__all__ = ["CHROMIUM", "FLAGS", "PATIENCE_MS", "WIDE", "Tabs", "leap", "ready"]

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    "--renderer-process-limit=1",  # the pages of a context share one
]  # fmt: skip
#: for a machine under load; what is there sooner is seen sooner
PATIENCE_MS = 60_000
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


class Tabs:
    """Pages, each with cookies and storage of its own. The browser starts with the first of them."""

    def __init__(self) -> None:
        assert CHROMIUM.exists(), "install chromium: these tests look at the pages in a real browser"
        self._playwright = sync_playwright().start()
        self._browser: Browser = self._playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        self._free: dict[bool, list[BrowserContext]] = {False: [], True: []}

    @contextmanager
    def tab(self, url: str, cookies: Mapping[str, str], phone: bool = False, theme: str = "light") -> Iterator[Page]:
        """A blank page on a desk or a phone, for which the site at ``url`` has set these cookies."""
        free = self._free[phone]
        context = free.pop() if free else self._new(phone)
        context.add_cookies(
            [{"name": name, "value": value, "url": url, "sameSite": "Strict"} for name, value in cookies.items()]
        )
        page = context.new_page()
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        try:
            yield page
        except BaseException:
            context.close()  # whatever state it is in
            raise
        _empty(context, url)
        free.append(context)

    def close(self) -> None:
        """End the browser."""
        self._browser.close()
        self._playwright.stop()

    def _new(self, phone: bool) -> BrowserContext:
        size = PHONE if phone else WIDE
        context = self._browser.new_context(viewport=size, has_touch=phone)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        context.new_page()  # it stays open and empty, and with it the process
        return context


def _empty(context: BrowserContext, url: str) -> None:
    first, *others = context.pages
    for page in others:
        page.close()
    session = context.new_cdp_session(first)
    session.send("Storage.clearDataForOrigin", {"origin": url, "storageTypes": "all"})
    session.detach()
    context.clear_cookies()
    context.clear_permissions()
    context.set_offline(False)


def ready(page: Page) -> None:
    """Wait until the scripts of the page that is shown have run and its feed is live; before that a click is lost.

    ``goto``, ``reload``, ``go_back`` and ``wait_for_url`` wait for the scripts too; this is for what a page does by
    itself.
    """
    expect(page.locator("#scan")).to_have_attribute("data-state", "live")


def leap(page: Page, key: str, url: str) -> None:
    """Go to a section by the keys "g" and another one, which must follow within 1.5 s: again where it was too slow."""
    for _ in range(10):
        page.keyboard.press("g")
        page.keyboard.press(key)
        with suppress(Error):
            page.wait_for_url(url, timeout=5000)
            return
    raise AssertionError(f"the keys 'g {key}' do not lead to {url}")
