"""A browser over the real UI process and a fake plant that scans."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tagdb.accounts import Role
from tests.ui.conftest import cookie_of, scanning, serve
from tests.ui.fake_alarms import FakeAlarms, write_history
from tests.ui.fake_plant import FakePlant, show_alarms

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
#: for a machine under load; what is there sooner is seen sooner
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@dataclass
class Site:
    """What a test looks at and changes."""

    url: str
    plant: FakePlant
    #: hold it to change tags
    lock: threading.Lock
    browser: Browser
    #: what went wrong in the pages, to be found empty
    complaints: list[str] = field(default_factory=list)

    @contextmanager
    def page(
        self, path: str = "/", phone: bool = False, language: str = "ru", theme: str = "light",
        role: Role | None = Role.ADMINISTRATOR, forgiven: str = "",
    ) -> Iterator[Page]:  # fmt: skip
        """A page in a context of its own, opened by somebody of a role; afterwards nothing may have been complained
        about, but for what has ``forgiven`` in it. ``role``: None = a visitor, who may look."""
        size = PHONE if phone else WIDE
        context = self.browser.new_context(viewport=size, color_scheme=theme, has_touch=phone)  # type: ignore[arg-type]
        context.add_cookies([{"name": "lang", "value": language, "url": self.url}])
        if role:
            name, value = cookie_of(self.plant.folder.folder, self.url.removeprefix("http://"), role)
            context.add_cookies([{"name": name, "value": value, "url": self.url, "sameSite": "Strict"}])
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: _note(message, complaints))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: self._check(request.url, complaints))
        page.goto(self.url + path)
        yield page
        context.close()
        assert [one for one in complaints if not forgiven or forgiven not in one] == []

    def _check(self, url: str, complaints: list[str]) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.hostname != "127.0.0.1":
            complaints.append(f"a request left this machine: {url}")

    def set(self, name: str, value: float) -> None:
        """Change a tag between two scans."""
        with self.lock:
            self.plant.set(name, value)


def _note(message: ConsoleMessage, complaints: list[str]) -> None:
    if "/api/history?" in message.location.get("url", ""):
        return  # the fake plant records no values; the pages go without curves then
    if message.type in ("error", "warning"):
        complaints.append(message.text)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM.exists(), "install chromium: these tests look at the pages in a real browser"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    plant = FakePlant(tmp_path_factory.mktemp("plant") / "run")
    with (
        FakeAlarms(plant.folder.channel, []).answering(),
        scanning(plant, 0.1) as lock,
        serve(plant.folder.folder) as (address, _),
    ):
        yield Site(f"http://{address}", plant, lock, browser)
    plant.close()


class Watch(Site):
    """A site with alarms."""

    alarms: FakeAlarms

    def publish(self) -> None:
        """What the runtime would do after a change of the list."""
        with self.lock:
            show_alarms(self.plant, self.alarms.tags())


@pytest.fixture
def watch(browser: Browser, tmp_path: Path) -> Iterator[Watch]:
    plant = FakePlant(tmp_path / "run")
    url = write_history(tmp_path, 150)
    with (
        FakeAlarms(plant.folder.channel, []).answering() as alarms,
        scanning(plant, 0.1) as lock,
        serve(plant.folder.folder, "--history", url) as (address, _),
    ):
        site = Watch(f"http://{address}", plant, lock, browser)
        site.alarms = alarms
        site.publish()
        yield site
    plant.close()
