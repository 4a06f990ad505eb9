"""The control panel in a browser, over the whole program and the simulated plant: a command, a refusal, a tag-out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import pytest
from playwright.sync_api import Locator, Page, expect

from runtime.settings import load_settings
from tagdb.accounts import Role
from tests.e2e.tabs import Tabs
from tests.support.demo import LivePlant, demo_ini, live_plant
from tests.support.running import Running, running_program
from tests.ui.conftest import serve


@dataclass
class Room:
    """The program, its plant, and browsers that look at it."""

    url: str
    running: Running
    plant: LivePlant
    tabs: Tabs

    @contextmanager
    def page(
        self, path: str, role: Role | None = Role.OPERATOR, phone: bool = False, language: str = "en"
    ) -> Iterator[Page]:
        """A page of somebody with this role; None = a visitor."""
        cookies = {"lang": language}
        if role:
            assert self.running.program is not None
            secret, _ = self.running.program.accounts.sessions.begin(role.word, "127.0.0.1", "tests", "demo")
            cookies[f"scada_{self.url.rpartition(':')[2]}"] = secret
        complaints: list[str] = []
        with self.tabs.tab(self.url, cookies, phone) as page:
            page.on("pageerror", lambda error: complaints.append(str(error)))
            # A refusal is a 409, which the browser tells on its console; anything else is a complaint.
            page.on(
                "console", lambda m: complaints.append(m.text) if m.type == "error" and "409" not in m.text else None
            )
            page.goto(self.url + path)
            yield page
        assert complaints == []

    def pulses(self, device: str, coil: int) -> int:
        return self.plant.call(lambda: self.plant.plant.controllers[device].pulses[coil])


@pytest.fixture(scope="module")
def room(tabs: Tabs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    folder = tmp_path_factory.mktemp("control")
    quick = {
        "map = hgm9520n": "map = hgm9520n\nperiods = fast:0.3 slow:0.6 alarms:0.3",
        "map = hgm9560": "map = hgm9560\nperiods = fast:0.3 slow:0.6 alarms:0.3",
        "line = 9600-8N2": "line = 115200-8N2",
    }
    ini = demo_ini(folder, **quick)
    with live_plant(ini) as plant, running_program(ini, folder / "run") as running:
        plant.fault("mkz", "quiet")
        running.wait_for("mkz.gpu1.mode_auto", True)
        running.wait_for("mkz.shpr.mode_auto", True)
        accounts = json.dumps(load_settings(ini).accounts.to_json())
        with serve(running.run_dir.folder, "--demo", "--accounts", accounts) as (address, _):
            yield Room(f"http://{address}", running, plant, tabs)


def command(page: Page, name: str) -> Locator:
    return page.locator(f'[data-command="{name}"]')


def hold(page: Page, milliseconds: float) -> None:
    """Press the button by mouse for so long."""
    box = page.locator(".hold").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.wait_for_timeout(milliseconds)
    page.mouse.up()


def test_a_command_from_the_page_to_the_controller(room: Room) -> None:
    before = room.pulses("mkz.gpu1", 4)
    with room.page("/devices/mkz.gpu1") as page:
        expect(command(page, "auto")).to_have_attribute("aria-disabled", "true")
        expect(page.locator("#why-auto")).to_have_text("Auto mode is on already")
        command(page, "manual").click()
        dialog = page.locator("#command")
        expect(dialog.locator(".steps li")).to_have_count(3)
        expect(dialog.locator(".steps code").nth(1)).to_contain_text("01 05 00 04 ff 00")
        expect(dialog.locator(".left")).to_contain_text("s left")
        hold(page, 200)
        expect(dialog).to_be_visible()
        assert room.pulses("mkz.gpu1", 4) == before, "let go too early: nothing was sent"
        hold(page, 1600)
        expect(dialog).to_be_hidden()
        expect(page.locator(".operation.verdict-done .stages li.proof-done")).to_have_count(2)
        expect(page.locator("#told")).to_contain_text("Manual mode: Done")
        expect(page.locator("#state")).to_contain_text("Manual")
        assert room.pulses("mkz.gpu1", 4) == before + 1


def test_a_setting_by_keyboard_on_a_phone(room: Room) -> None:
    with room.page("/devices/mkz.shpr", phone=True, language="ru") as page:
        command(page, "load_p_setpoint").tap()
        page.locator("#command input").fill("33.5")
        page.locator("#command input").press("Enter")
        expect(page.locator("#command .change strong")).to_have_text("33,5 %")
        page.locator(".hold").focus()
        page.keyboard.down("Enter")
        expect(page.locator("#command")).to_be_hidden()
        page.keyboard.up("Enter")
        expect(page.locator(".operation.verdict-done")).to_contain_text("33,5 %")
        expect(command(page, "load_p_setpoint")).to_contain_text("33,5 %")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, "nothing sticks out of a phone"


def test_a_button_stays_under_the_finger_while_its_value_changes(room: Room) -> None:
    """A press that begins on one element and ends on another is no click. Other news may draw the panel anew, but not
    each time."""
    with room.page("/devices/mkz.shpr") as page:
        button, kept = command(page, "load_q_setpoint"), False
        for tenths in range(201, 206):
            button.evaluate("button => { window.pressed = button; }")
            room.plant.call(partial(room.plant.plant.controllers["mkz.shpr"].write_register, 4354, tenths))
            expect(button.locator(".command-now")).to_have_text(f"{tenths / 10:.1f} %")
            kept = kept or page.evaluate("window.pressed.isConnected")
        assert kept


def test_a_refusal_is_told_in_the_language_of_the_page(room: Room) -> None:
    with room.page("/devices/mkz.gpu2", language="ru") as page:
        command(page, "start").click(force=True)  # not offered, but it says why
        expect(page.locator("#told")).to_have_text("Пуск действует только в ручном режиме")


def test_a_tag_out_is_seen_by_all_and_taken_back_by_its_owner(room: Room) -> None:
    with room.page("/devices/yakz.gpu1") as page, room.page("/devices/yakz.gpu1", Role.ENGINEER) as other:
        page.locator("#lock-button").click()
        page.locator("#reason textarea").fill("Oil change")
        page.locator("#reason-go").click()
        for one in (page, other):
            expect(one.locator(".lock-banner")).to_contain_text("Oil change")
            expect(command(one, "stop")).to_have_attribute("aria-disabled", "true")
        expect(other.locator("#unlock")).to_have_count(0)
        room.running.wait_for("yakz.gpu1.tag_out", "operator: Oil change")
        page.locator("#unlock").click()
        expect(other.locator(".lock-banner")).to_have_count(0)
        expect(command(other, "stop")).not_to_have_attribute("aria-disabled", "true")


def test_a_visitor_may_look(room: Room) -> None:
    with room.page("/devices/mkz.gpu1", None) as page:
        expect(page.locator(".look")).to_be_visible()
        expect(command(page, "stop")).to_have_attribute("aria-disabled", "true")
        expect(page.locator("#lock-button")).to_have_count(0)


def test_an_engineer_forces_a_tag_and_everybody_sees_it(room: Room) -> None:
    with room.page("/tags/yakz.gpu2.coolant_temp", Role.ENGINEER) as page, room.page("/devices/yakz.gpu2") as other:
        page.get_by_role("button", name="Force the value…").click()
        page.locator(".force-dialog input").fill("99")
        page.locator(".force-dialog textarea").fill("Test of the alarm")
        page.locator(".force-dialog .primary").click()
        expect(page.locator(".force-banner")).to_contain_text("Test of the alarm")
        expect(page.locator("#value")).to_have_text("99")
        expect(page.locator("#quality")).to_contain_text("forced")
        expect(other.locator("#forced")).to_contain_text("99")
        expect(other.locator("#forced button")).to_have_count(0)
        page.locator(".force-banner button").click()
        expect(page.locator(".force-banner")).to_have_count(0)
        expect(other.locator("#forced-card")).to_be_hidden()
