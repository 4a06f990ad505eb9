"""The pages of a tag, of the devices and of the runtime, and what they all say when the data are not live."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.conftest import Site
from tests.e2e.tabs import Tabs
from tests.support.ports import free_ports
from tests.ui.conftest import scanning, serve
from tests.ui.fake_alarms import FakeAlarms
from tests.ui.fake_plant import FakePlant

POWER = "mkz.gpu1.power_total"


def test_a_tag(site: Site) -> None:
    with site.lock:
        site.plant.set(POWER, 130.1, raw=1301)
    with site.page(f"/tags/{POWER}", language="en") as page:
        expect(page.locator("#label")).to_have_text("Active power total")
        expect(page.locator("#value")).to_have_text("130.1")
        expect(page.locator("#attributes")).to_contain_text("@180 (0x00B4)")
        expect(page.locator("#attributes")).to_contain_text("1301 · 0x0515")
        expect(page.locator("#attributes")).to_contain_text("hgm9520n.yaml:220")
        expect(page.locator("#trend canvas")).to_be_visible()
        site.set(POWER, 140.4)
        expect(page.locator("#value")).to_have_text("140.4")
        page.click("#next")
        page.wait_for_url("**/tags/mkz.gpu1.reactive_total")
        page.click("#crumbs a >> text=Power")
        page.wait_for_url("**/?prefix=mkz.gpu1.&group=power")


def test_states_are_words(site: Site) -> None:
    with site.page("/tags/mkz.gpu1.gen_status") as page:
        expect(page.locator("#value")).to_have_text("Работа")
        site.set("mkz.gpu1.gen_status", 0)
        expect(page.locator("#value")).to_have_text("Ожидание")
        site.set("mkz.gpu1.gen_status", 9)


def test_devices_and_links(site: Site) -> None:
    site.set("mkz.gpu2.comm_state", 3)
    site.set("mkz.gpu1.warning_overspeed", 1)
    with site.page("/devices") as page:
        expect(page.locator(".device")).to_have_count(6)
        expect(page.locator(".device.offline .device-state")).to_have_text("Нет связи")
        first = page.locator(".device").first
        expect(first.locator(".device-states")).to_contain_text("Работа")
        expect(first.locator(".device-alarms")).to_contain_text("Превышение оборотов")
        expect(page.locator("#links tbody tr")).to_have_count(6)
        site.set("mkz.gpu2.comm_state", 1)
        expect(page.locator(".device.offline")).to_have_count(0)
    site.set("mkz.gpu1.warning_overspeed", 0)


def test_runtime(site: Site) -> None:
    with site.page("/runtime", language="en") as page:
        expect(page.locator("#measures tbody tr")).to_have_count(7)
        expect(page.locator("#measures tbody tr").nth(1)).to_contain_text("Start latency")
        expect(page.locator("#refused")).to_be_hidden()
        with site.lock:
            site.plant.set("scada.config.error", "scada.ini:3: unknown key 'perod_ms'")
        expect(page.locator("#refused")).to_contain_text("unknown key 'perod_ms'")
        with site.lock:
            site.plant.set("scada.config.error", "")
        expect(page.locator("#refused")).to_be_hidden()


def test_stale_data_and_a_lost_server_are_told_plainly(tabs: Tabs, tmp_path: Path) -> None:
    plant = FakePlant(tmp_path / "run")
    with FakeAlarms(plant.folder.channel, []).answering(), serve(plant.folder.folder) as (address, _):
        site = Site(f"http://{address}", plant, None, tabs)  # type: ignore[arg-type]
        with site.page(forgiven="status of 503") as page:
            with scanning(plant):
                expect(page.locator("#scan")).to_have_attribute("data-state", "live")
                expect(page.locator("#banner")).to_be_hidden()
            expect(page.locator("#banner")).to_contain_text("Скан остановился")
            expect(page.locator("#scan")).to_have_attribute("data-state", "stale")
            with scanning(plant):
                expect(page.locator("#banner")).to_be_hidden()
            plant.close()
            expect(page.locator("#banner")).to_contain_text("Исполняющая система остановлена")


def test_a_restart_of_the_ui_is_noticed_and_got_over(tabs: Tabs, tmp_path: Path) -> None:
    plant = FakePlant(tmp_path / "run")
    address = f"127.0.0.1:{free_ports(1)[0]}"
    with scanning(plant) as lock, tabs.tab(f"http://{address}", {}) as page:
        with serve(plant.folder.folder, listen=address):
            page.goto(f"http://{address}/tags/{POWER}")
            expect(page.locator("#value")).to_have_text("124,0")
        expect(page.locator("#banner")).to_contain_text("Нет связи с сервером")
        with lock:
            plant.set(POWER, 150.0)
        with serve(plant.folder.folder, listen=address):
            expect(page.locator("#banner")).to_be_hidden()
            expect(page.locator("#value")).to_have_text("150,0")
    plant.close()
