"""A browser of somebody who works with maintenance, for tests in which the server refuses or cannot be reached."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page

from tagdb.accounts import Role
from tests.e2e.conftest import PHONE, WIDE
from tests.ui.conftest import cookie_of

__all__ = ["Phone"]


class Phone:
    """An engineer's browser, on a phone or on a desk. A server that refuses is no complaint here: that is tested."""

    def __init__(
        self, browser: Browser, address: str, run_dir: Path, wide: bool = False, language: str = "en"
    ) -> None:
        self.url = f"http://{address}"
        self.context = browser.new_context(viewport=WIDE if wide else PHONE, has_touch=not wide)  # type: ignore[arg-type]
        name, value = cookie_of(run_dir, address, Role.ENGINEER)
        self.context.add_cookies(
            [
                {"name": name, "value": value, "url": self.url, "sameSite": "Strict"},
                {"name": "lang", "value": language, "url": self.url},
            ]
        )
        self.context.set_default_timeout(60_000)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path: str) -> Page:
        self.page.goto(self.url + path)
        return self.page

    def close(self) -> None:
        self.context.close()
        assert self.complaints == []
