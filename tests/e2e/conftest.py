"""A browser over the real UI process and a fake plant that scans."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from tagdb.accounts import Role
from tests.e2e.tabs import PATIENCE_MS, Tabs
from tests.ui.conftest import cookie_of, scanning, serve
from tests.ui.fake_alarms import FakeAlarms, write_history
from tests.ui.fake_plant import FakePlant, show_alarms

expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Site:
    """What a test looks at and changes."""

    url: str
    plant: FakePlant
    #: hold it to change tags
    lock: threading.Lock
    tabs: Tabs

    @contextmanager
    def page(
        self, path: str = "/", phone: bool = False, language: str = "ru", theme: str = "light",
        role: Role | None = Role.ADMINISTRATOR, forgiven: str = "",
    ) -> Iterator[Page]:  # fmt: skip
        """A page in a context of its own, opened by somebody of a role; afterwards nothing may have been complained
        about, but for what has ``forgiven`` in it. ``role``: None = a visitor, who may look."""
        cookies = {"lang": language}
        if role:
            name, value = cookie_of(self.plant.folder.folder, self.url.removeprefix("http://"), role)
            cookies[name] = value
        complaints: list[str] = []
        with self.tabs.tab(self.url, cookies, phone, theme) as page:
            page.on("console", lambda message: _note(message, complaints))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("request", lambda request: self._check(request.url, complaints))
            page.goto(self.url + path)
            yield page
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


HERE = Path(__file__).parent
_open: list[Tabs] = []


@pytest.fixture(scope="module")
def tabs() -> Tabs:
    """The browser, from the first test that needs it to the last of this folder."""
    if not _open:
        _open.append(Tabs())
    return _open[0]


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """Playwright keeps this thread's event loop, which other tests have one of their own for: it ends with the last
    test of this folder."""
    if _open and (nextitem is None or HERE not in nextitem.path.parents):
        _open.pop().close()


@pytest.fixture(scope="module")
def site(tabs: Tabs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    plant = FakePlant(tmp_path_factory.mktemp("plant") / "run")
    with (
        FakeAlarms(plant.folder.channel, []).answering(),
        scanning(plant, 0.1) as lock,
        serve(plant.folder.folder) as (address, _),
    ):
        yield Site(f"http://{address}", plant, lock, tabs)
    plant.close()


class Watch(Site):
    """A site with alarms."""

    alarms: FakeAlarms

    def publish(self) -> None:
        """What the runtime would do after a change of the list."""
        with self.lock:
            show_alarms(self.plant, self.alarms.tags())


@pytest.fixture
def watch(tabs: Tabs, tmp_path: Path) -> Iterator[Watch]:
    plant = FakePlant(tmp_path / "run")
    url = write_history(tmp_path, 150)
    with (
        FakeAlarms(plant.folder.channel, []).answering() as alarms,
        scanning(plant, 0.1) as lock,
        serve(plant.folder.folder, "--history", url) as (address, _),
    ):
        site = Watch(f"http://{address}", plant, lock, tabs)
        site.alarms = alarms
        site.publish()
        yield site
    plant.close()
