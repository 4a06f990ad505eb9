"""From the one-time link of the first start to a log-in, a second factor and a session that is ended, in a browser."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tagdb.accounts import Accounts, Role
from tagdb.accounts.totp import code_at
from tests.e2e.conftest import Site
from tests.e2e.tabs import Tabs, ready
from tests.support.accounts import CHEAP, PASSWORD, account_settings
from tests.ui.conftest import scanning, serve
from tests.ui.fake_plant import FakePlant


@pytest.fixture
def fresh(tabs: Tabs, tmp_path: Path) -> Iterator[tuple[Site, Accounts]]:
    """A real plant that nobody administers yet."""
    plant, settings = FakePlant(tmp_path / "run"), account_settings(tmp_path)
    accounts = Accounts(settings, time.time, CHEAP)
    given = ["--accounts", json.dumps(settings.to_json())]
    with scanning(plant, 0.1) as lock, serve(plant.folder.folder, *given) as (address, _):
        yield Site(f"http://{address}", plant, lock, tabs), accounts
    accounts.close()
    plant.close()


def test_from_the_first_link_to_a_session_that_is_ended(fresh: tuple[Site, Accounts]) -> None:
    """The password itself is typed wrong once, the second factor comes from a recovery code."""
    site, accounts = fresh
    with site.tabs.tab(site.url, {"lang": "en"}) as page:
        first_log_in(page, site, accounts)


def first_log_in(page: Page, site: Site, accounts: Accounts) -> None:
    page.goto(f"{site.url}/setup#{accounts.first_link()}")
    page.locator("[name=name]").fill("chief")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=again]").fill(PASSWORD)
    page.locator("#setup-go").click()
    page.wait_for_url("**/login")

    page.goto(f"{site.url}/devices")
    expect(page).to_have_url(f"{site.url}/login?next=/devices")
    page.locator("[name=name]").fill("chief")
    page.locator("[name=password]").fill("wrong")
    page.locator("#login button").click()
    expect(page.locator("#trouble")).to_have_text("Name or password is wrong")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("#login button").click()
    page.wait_for_url("**/devices")
    ready(page)
    expect(page.locator("a.who")).to_contain_text("chief")

    page.goto(f"{site.url}/profile")
    page.get_by_role("button", name="Set it up").click()
    key = page.locator(".key").inner_text().replace(" ", "")
    page.locator("#factor input[type=password]").fill(PASSWORD)
    page.locator("#factor input[inputmode=numeric]").fill(code_at(key, int(time.time() // 30)))
    page.get_by_role("button", name="Switch it on").click()
    codes = page.locator(".codes li")
    expect(codes).to_have_count(10)
    code = codes.first.inner_text()
    page.locator("#log-out").click()
    page.wait_for_url(re.compile("/login"))

    page.locator("[name=name]").fill("chief")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("#login button").click()
    expect(page.locator("#code-field")).to_be_visible()
    page.locator("[name=code]").fill(code)
    page.locator("#login button").click()
    ready(page)
    (session,) = accounts.sessions.open("chief")
    accounts.sessions.end(session.reference, "revoked")
    page.wait_for_url(re.compile("/login"))  # the feed tells the open page


def test_an_operator_is_not_offered_what_the_server_refuses(site: Site) -> None:
    with site.page("/profile", language="en", role=Role.OPERATOR) as page:
        expect(page.locator(".account-tabs a")).to_have_count(1)
        expect(page.locator("#facts")).to_contain_text("give commands")
        expect(page.locator("#facts")).not_to_contain_text("force tags")
    with site.page("/users", language="en") as page:
        expect(page.locator("#users tbody tr")).to_have_count(3)


def test_the_demo_is_looked_at_by_anybody_and_acted_in_by_a_switch(site: Site) -> None:
    # What an open page asks for between the end of one role and its being loaded anew is refused.
    with site.page("/", language="en", role=None, forgiven="status of 401") as page:
        ready(page)
        page.locator("#act-as").select_option("engineer")
        rights = "view alarms command tag-out maintain out-of-service force engineer"
        expect(page.locator("html")).to_have_attribute("data-rights", rights)
        ready(page)
        page.locator("#act-as").select_option("viewer")
        expect(page.locator("html")).to_have_attribute("data-rights", "view")


@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
@pytest.mark.parametrize("path", ["/profile", "/users", "/sessions", "/tokens", "/audit", "/login", "/setup"])
def test_account_pages_fit(site: Site, path: str, phone: bool) -> None:
    with site.page(path, phone=phone) as page:
        expect(page.locator("#main")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= (390 if phone else 1440)
