"""The pages of maintenance over a fake plant: fleet, last services, the editor by drag and keys, conflicts, photos."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from programmes import standard_programme
from tagdb.maintenance import Answer, MaintenanceStore, Programme
from tests.e2e.engineer import engineers_page
from tests.e2e.tabs import Tabs
from tests.ui.conftest import scanning, serve
from tests.ui.fake_plant import FakePlant
from tests.ui.maintenance.test_services import picture


@dataclass
class Fleet:
    """A site with a maintenance store."""

    tabs: Tabs
    address: str
    run_dir: Path
    store: MaintenanceStore

    @contextmanager
    def page(self, path: str, phone: bool = False, language: str = "en") -> Iterator[Page]:
        """Opened by an engineer; afterwards no script may have failed."""
        with engineers_page(self.tabs, self.address, self.run_dir, phone, language) as page:
            page.goto(f"http://{self.address}{path}")
            yield page


@pytest.fixture
def fleet(tabs: Tabs, tmp_path: Path) -> Iterator[Fleet]:
    plant = FakePlant(tmp_path / "run")
    url = f"sqlite:///{tmp_path}/history.sqlite3"
    store = MaintenanceStore(url, demo=False)
    store.seed([standard_programme()], 1.0)
    store.adopt(["mkz.gpu1", "mkz.gpu2"], "standard", 1.0)
    store.enter("initial-1", "mkz.gpu1", "to4", 1.0, 1000.0, "Иванов", 2.0)
    store.note_points({"mkz.gpu1": 1260.0, "mkz.gpu2": 16908.0}, 1.79e9)
    more = ["--history", url, "--photos", str(tmp_path / "photos")]
    with scanning(plant, 0.1), serve(plant.folder.folder, *more) as (address, _):
        yield Fleet(tabs, address, plant.folder.folder, store)
    plant.close()


def order(page: Page, level: str) -> list[str]:
    rows = page.locator(f'[data-level="{level}"] .maint-edit-tasks li')
    return [str(row.get_attribute("data-key")) for row in rows.all()]


def test_the_fleet_and_the_last_services_of_a_device_that_was_added(fleet: Fleet) -> None:
    with fleet.page("/maintenance") as page:
        cards = page.locator(".maint-card")
        expect(cards.nth(0)).to_contain_text("TO-1 10 h over")
        expect(cards.nth(1)).to_contain_text("Last services not entered")
        cards.nth(1).get_by_role("link", name="Enter last services").click()
        form = page.locator(".maint-initial")
        form.get_by_label("TO-4: Engine hours").fill("15 400,5")
        form.get_by_role("button", name="Enter").click()
        expect(page.locator("#told")).to_contain_text("both hours and date")
        form.locator("input[type=date]").first.fill("2026-06-01")
        form.get_by_role("button", name="Enter").click()
        expect(page.locator("table.maint-levels")).to_contain_text("Overdue")
        expect(page.locator("table.maint-levels tbody tr").nth(3)).to_contain_text("TO-4 at 15,401 h")
        page.goto(f"http://{fleet.address}/maintenance/calendar")
        expect(page.locator(".maint-month")).to_have_count(4)
        expect(page.locator(".maint-event.overdue").first).to_be_visible()


def test_tasks_are_moved_by_keys_and_by_dragging_and_saved_as_a_version(fleet: Fleet) -> None:
    with fleet.page("/maintenance/programmes/standard") as page:
        before = [task.id for task in standard_programme().levels[0].tasks]
        grips = page.locator('[data-level="to1"] .maint-grip')
        grips.nth(0).focus()
        page.keyboard.press("ArrowDown")
        assert order(page, "to1")[:2] == [before[1], before[0]]
        page.keyboard.press("ArrowUp")
        assert order(page, "to1") == before
        start, end = grips.nth(0).bounding_box(), grips.nth(2).bounding_box()
        assert start
        assert end
        page.mouse.move(start["x"] + 10, start["y"] + 10)
        page.mouse.down()
        page.mouse.move(start["x"] + 10, start["y"] + 60, steps=4)
        page.mouse.move(end["x"] + 10, end["y"] + end["height"], steps=6)
        page.mouse.up()
        assert order(page, "to1")[:3] == [before[1], before[2], before[0]]
        expect(page.locator(".maint-edit-head")).to_contain_text("unsaved edits")
        page.get_by_role("button", name="Save").click()
        page.locator("dialog [name=comment]").fill("order of the workshop")
        page.locator("dialog").get_by_role("button", name="Save").click()
        expect(page.locator("#told")).to_have_text("Saved: version 2")
        expect(page.locator("body")).to_contain_text("order of the workshop")
    saved = fleet.store.programme("standard")
    assert [task.id for task in saved.programme.levels[0].tasks][:3] == [before[1], before[2], before[0]]
    assert saved.who == "engineer"


def test_of_two_editors_the_second_is_told_and_nothing_is_overwritten(fleet: Fleet) -> None:
    with fleet.page("/maintenance/programmes/standard") as page:
        first = page.locator('[data-level="to1"]').get_by_label("Every, h")
        expect(first).to_have_value("250")
        theirs = standard_programme().to_json()
        theirs["levels"]["to1"]["every_h"] = 200
        from_other = Programme.from_json(theirs)
        fleet.store.save_programme(from_other, 1, "Петров", 3.0)
        first.fill("300")
        page.get_by_role("button", name="Save").click()
        page.locator("dialog").get_by_role("button", name="Save").click()
        told = "Петров has saved version 2 meanwhile, you edited version 1"
        expect(page.locator(".notice.bad").first).to_contain_text(told)
        expect(first).to_have_value("300")
        assert fleet.store.programme("standard").programme.levels[0].every_h == 200
        first.fill("-5")
        page.reload()
        expect(page.locator('[data-level="to1"]').get_by_label("Every, h")).to_have_value("200")


def test_an_answer_of_somebody_else_is_shown_and_a_photo_is_kept(fleet: Fleet, tmp_path: Path) -> None:
    fleet.store.start("service-1", "mkz.gpu1", "to1", "Иванов", 10.0)
    photo = tmp_path / "leak.jpg"
    photo.write_bytes(picture())
    with fleet.page("/maintenance/services/service-1", phone=True, language="ru") as page:
        expect(page.locator("#bar-state")).to_have_text("всё сохранено")
        waits = '[["to1.clean_air_filter", {"said": {"answer": "na"}, "revision": 0, "stamp": "s"}]]'
        page.evaluate("row => localStorage.setItem('maint.queue.Иванов.service-1', row)", waits)
        page.reload()
        expect(page.locator("#bar-state")).to_have_text("всё сохранено")  # what Иванов entered is sent by him alone
        task = page.locator('[data-task="to1.check_fasteners"]')
        expect(task).to_be_visible()
        page.route("**/items/**", lambda route: route.abort())
        task.locator("[data-answer=na]").click()
        expect(page.locator("#bar-state")).to_contain_text("нет связи")
        fleet.store.answer("service-1", "to1.check_fasteners", Answer("done"), 0, "other", "Петров", 11.0)
        page.unroute("**/items/**")
        expect(task.locator(".maint-conflict")).to_contain_text("Петров тем временем ответил: Сделано")
        task.get_by_role("button", name="Принять").click()
        expect(task.locator("[data-answer=done]")).to_have_attribute("aria-pressed", "true")
        task.get_by_role("button", name="Подробнее").click()
        task.locator("input[type=file]").set_input_files(photo)
        expect(page.locator('[data-task="to1.check_fasteners"] .maint-photos img')).to_have_count(1)
    service = fleet.store.service("service-1")
    assert service.photos[0].name == "leak.jpg"
    assert [item.task for item in service.items] == ["to1.check_fasteners"]


def test_work_is_done_when_it_is_signed_until_somebody_says_otherwise(fleet: Fleet) -> None:
    """The page stands open for as long as the work takes."""
    fleet.store.start("service-1", "mkz.gpu1", "to1", "Иванов", 10.0)
    for task in ("change_engine_oil", "replace_oil_filter", "check_oil_pressure"):
        fleet.store.answer("service-1", f"to1.{task}", Answer("done"), 0, task, "Иванов", 11.0)
    with fleet.page("/maintenance/services/service-1", phone=True) as page:
        page.clock.install(time="2026-11-28T08:00:00")
        page.reload()
        at, hours = page.locator("[name=at]"), page.locator("[name=hours]")
        expect(at).to_have_value(re.compile("^2026-11-28T08:0"))
        expect(hours).to_have_value("1260.0")
        hours.fill("1255")
        fleet.store.note_points({"mkz.gpu1": 1262.0}, 1.79e9 + 7200)
        page.clock.fast_forward("02:00:00")
        expect(at).to_have_value(re.compile("^2026-11-28T10:0"))
        expect(page.locator(".maint-sign")).to_contain_text("now 1262.0")
        expect(hours).to_have_value("1255")
        hours.fill("126,2")
        page.locator("#sign").click()
        expect(page.locator("dialog[open]")).to_contain_text("126.2 h is 1136 h less than the engine shows now")
        page.locator("dialog[open]").get_by_role("button", name="Cancel").click()
        expect(page.locator("#sign")).to_be_visible()
    assert fleet.store.service("service-1").state == "open"
