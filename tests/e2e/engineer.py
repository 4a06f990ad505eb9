"""Somebody who works with maintenance, for tests in which the server refuses or cannot be reached."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page

from tagdb.accounts import Role
from tests.e2e.tabs import Tabs
from tests.ui.conftest import cookie_of

__all__ = ["engineers_page"]


@contextmanager
def engineers_page(tabs: Tabs, address: str, run_dir: Path, phone: bool = True, language: str = "en") -> Iterator[Page]:
    """A blank page, whose scripts may not fail. A server that refuses is no complaint: that is tested."""
    complaints: list[str] = []
    name, value = cookie_of(run_dir, address, Role.ENGINEER)
    with tabs.tab(f"http://{address}", {"lang": language, name: value}, phone) as page:
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
    assert complaints == []
