"""A whole service on a phone, over the whole program on both databases: from the alert to the signed act."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from programmes import standard_programme
from runtime.settings import load_settings
from tagdb import Channel
from tagdb.maintenance import MaintenanceStore
from tests.e2e.engineer import engineers_page
from tests.e2e.tabs import Tabs
from tests.support.demo import demo_ini, live_plant
from tests.support.running import running_program, wait_until
from tests.tagdb.conftest import cluster, fresh_postgresql, url
from tests.ui.conftest import serve

__all__ = ["cluster", "fresh_postgresql", "url"]

GPU = "mkz.gpu1"


@pytest.fixture
def store(url: str) -> MaintenanceStore:
    """With a log, so that the demo does not bring its own."""
    store = MaintenanceStore(url, demo=True)
    store.seed([standard_programme()], 1.0)
    store.adopt([GPU, "yakz.gpu2"], "standard", 1.0)
    store.enter("initial-0", "yakz.gpu2", "to4", 1.0, 18700.0, "Иванов", 2.0)
    return store


@pytest.fixture
def phone(tabs: Tabs, store: MaintenanceStore, url: str, tmp_path: Path) -> Iterator[tuple[Page, str]]:
    """TO-1 of the first genset is 40 h overdue, by the hours that the simulated plant shows."""
    ini = demo_ini(tmp_path, f"\n[history]\nurl = {url}\n", **{"map = hgm9520n": "map = hgm9520n\nperiods = slow:0.5"})
    run_dir = tmp_path / "run"
    more = ["--history", load_settings(ini).history.url, "--photos", str(tmp_path / "photos"), "--demo"]
    with live_plant(ini, moving=False), running_program(ini, run_dir) as running, serve(run_dir, *more) as (address, _):
        running.wait_for(f"{GPU}.maint_meter", 1)
        hours = float(running.value(f"{GPU}.maint_hours") or 0)
        store.enter("initial-1", GPU, "to4", 1.0, hours - 290.0, "Иванов", 2.0)
        Channel(running.run_dir.channel).call("maintenance-changed")
        running.wait_for(f"{GPU}.maint_state", 5, 40)
        with engineers_page(tabs, address, run_dir) as page:
            yield page, f"http://{address}"
        running.wait_for(f"{GPU}.maint_state", 2, 40)
        wait_until(lambda: running.value(f"{GPU}.maint_left_h") == pytest.approx(210, abs=2), "TO-2 is next, at 500 h")


def test_from_the_alert_to_the_signed_act_on_a_phone(phone: tuple[Page, str], store: MaintenanceStore) -> None:
    page, site = phone
    due = (store.plans(3.0)[GPU].done["to1"].hours or 0) + 250
    page.goto(f"{site}/alarms")
    expect(page.locator("#alarms")).to_contain_text(f"TO-1: overdue since {due:.0f} h")
    page.locator("#alarms").get_by_text("TO-1: overdue").click()
    page.locator("#detail").get_by_role("link", name="Maintenance").click()
    page.locator(".maint-links").get_by_role("link", name="Alarms").click()
    expect(page.locator("#alarms")).to_contain_text("TO-1: overdue")
    page.goto(f"{site}/devices")
    page.locator(".maint-badge.overdue").click()
    expect(page.locator("h1")).to_contain_text("Genset 1")
    page.locator("table.maint-levels tbody tr").first.get_by_role("button", name="Start").click()
    expect(page).to_have_url(re.compile("/maintenance/services/"))
    tasks = page.locator(".maint-task")
    expect(tasks).to_have_count(10)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    box = tasks.nth(0).locator(".answer").nth(0).bounding_box()
    assert box
    assert box["height"] >= 44, "for a thumb"
    expect(page.locator("#sign")).to_be_disabled()

    def answer(task: str, name: str = "done") -> None:
        page.locator(f'[data-task="to1.{task}"] .answer[data-answer="{name}"]').click()

    answer("change_engine_oil")
    expect(page.locator("#bar-state")).to_have_text("everything is saved")
    expect(page.locator("#offline-ready")).to_be_visible()
    page.context.set_offline(True)
    answer("replace_oil_filter")
    answer("check_fasteners", "not_done")
    page.locator('[data-task="to1.check_fasteners"] [name=reason]').fill("no spanner")
    page.locator('[data-task="to1.check_fasteners"] [name=reason]').blur()
    expect(page.locator("#bar-state")).to_have_text("no connection, kept on this device: 2")
    expect(page.locator("#sign")).to_be_disabled()
    # opened anew in the container, where there is no network: what was sent and what waits are both there
    page.reload()
    expect(tasks).to_have_count(10)
    for task in ("change_engine_oil", "replace_oil_filter"):
        pressed = page.locator(f'[data-task="to1.{task}"] .answer[data-answer="done"]')
        expect(pressed).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#bar-state")).to_have_text("no connection, kept on this device: 2")
    asked = "url => fetch(url).then(() => 'given', () => 'nothing')"
    for path in ("/maintenance", "/api/maintenance", f"/api/maintenance/devices/{GPU}"):
        assert page.evaluate(asked, path) == "nothing", "what the plant does is never told from memory"
    page.context.set_offline(False)
    expect(page.locator("#bar-state")).to_have_text("everything is saved")
    page.reload()
    expect(page.locator('[data-task="to1.check_fasteners"] [name=reason]')).to_have_value("no spanner")
    answer("check_oil_pressure")
    expect(page.locator("#bar-left")).to_have_text("all critical answered")
    page.locator("[name=hours]").fill(str(float(page.locator("[name=hours]").input_value()) - 0.5))
    page.locator("#sign").click()
    expect(page.locator("#told")).to_have_text("TO-1 is signed")
    page.get_by_role("link", name="Service record").click()
    act = page.locator("#act")
    expect(act).to_contain_text("Not done: no spanner")
    expect(act).to_contain_text("engineer")
    pdf = page.context.request.get(site + str(act.get_by_role("link", name="PDF").get_attribute("href")))
    assert pdf.body()[:5] == b"%PDF-"
    signed = store.log(GPU)[-1]
    assert (signed.state, signed.level, signed.kind, signed.signed_by) == ("signed", "to1", "service", "engineer")
