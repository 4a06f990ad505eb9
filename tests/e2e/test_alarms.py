"""An alarm from its raise to the shelf, as an operator sees it; the journal."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.conftest import Watch
from tests.ui.fake_alarms import alarm


def test_an_alarm_appears_is_acknowledged_with_a_comment_and_shelved(watch: Watch) -> None:
    with watch.page("/alarms", language="en") as page:
        rows = page.locator("#alarms tr.row")
        expect(page.locator("#empty")).to_have_text("No alarms: all is well")
        first = alarm(7, "shutdown_high_temp", 1, first_out=True, help={"en": "Check the fan", "ru": "Проверьте"})
        watch.alarms.alarms = [first, alarm(8, "warning_overspeed", 3), alarm(9, "trip_reverse_power", 2, group=7)]
        watch.alarms.revision = 2
        watch.publish()
        expect(rows).to_have_count(3)
        expect(rows.nth(0)).to_contain_text("Engine temperature high")
        expect(rows.nth(0)).to_contain_text("first")
        expect(rows.nth(1)).to_contain_text("Reverse power")
        expect(page.locator("#alarm-bar-top")).to_contain_text("2 more")

        rows.nth(0).locator(".alarm-open").click()
        detail = page.locator("#detail")
        expect(detail).to_contain_text("Check the fan")
        expect(detail).to_contain_text("104 °C")
        detail.locator("input").fill("fan is broken")
        detail.get_by_role("button", name="Acknowledge", exact=True).click()
        expect(rows.nth(0)).to_contain_text("administrator: fan is broken")
        expect(rows.nth(0)).to_contain_text("Acknowledged")
        expect(page.locator("#told")).to_have_text("Acknowledged: 1")

        page.locator('tr[data-id="8"] input[type=checkbox]').check()
        page.keyboard.press("g")
        page.keyboard.press("Escape")
        page.keyboard.press("a")
        expect(page.locator('tr[data-id="8"]')).to_contain_text("Acknowledged")
        watch.publish()
        expect(page.locator("#alarm-bar-top")).to_contain_text("Reverse power")

        page.goto(f"{watch.url}/alarms?alarm=9")
        page.get_by_role("button", name="Shelve", exact=True).click()
        page.locator("#order textarea").fill("sensor is ordered")
        page.locator("#order-go").click()
        page.get_by_role("tab", name="Shelved").click()
        expect(page.locator("#panel-shelved tbody tr")).to_contain_text("sensor is ordered")
        page.get_by_role("button", name="Take back").click()
        expect(page.locator("#panel-shelved")).to_contain_text("Nothing is shelved")
        page.get_by_role("tab", name="Past").click()
        expect(page.locator("#panel-past tbody tr:not(.end)")).to_have_count(2)
    assert watch.alarms.calls[-1]["verb"] != "acknowledge"


def test_an_engineer_takes_an_alarm_out_of_service_and_puts_it_back(watch: Watch) -> None:
    watch.alarms.alarms = [alarm(7)]
    watch.publish()
    with watch.page("/alarms?alarm=7", language="en") as page:
        quiet = {"key": "mkz.gpu2.warning_overspeed", "label": {"en": "Overspeed", "ru": "Обороты"}, "code": "WN0.1"}
        watch.alarms.suppressed = [
            {"cause": "suppress:still:mkz.gpu2", "reason": {"en": "Stands still", "ru": "Стоит"}, "site": "mkz",
             "device": "mkz.gpu2", "alarms": [quiet | {"priority": 3}]}
        ]  # fmt: skip
        page.get_by_role("button", name="Take out of service").click()
        page.fill("#order textarea", "Sensor under repair")
        page.locator("#order-go").click()
        expect(page.locator("#told")).to_contain_text("Out of service: 1")
        page.get_by_role("tab", name="Shelved").click()
        row = page.locator("#panel-shelved tbody tr").first
        expect(row).to_contain_text("Sensor under repair")
        expect(row).to_contain_text("until it is put back")
        expect(page.locator("#panel-shelved")).to_contain_text("Stands still")
        expect(page.locator("#panel-shelved ul.suppressed li")).to_have_text("3OverspeedWN0.1")
        row.get_by_role("button", name="Put back into service").click()
        expect(page.locator("#panel-shelved")).to_contain_text("Nothing is shelved")
    verbs = [call["verb"] for call in watch.alarms.calls]
    assert verbs.index("take-out") < verbs.index("put-back")


def test_a_latched_alarm_is_reset(watch: Watch) -> None:
    long = {"mkz.gpu1.a_point_of_a_rather_long_name_in_its_map": {"value": 1.0, "quality": 0}}
    watch.alarms.alarms = [alarm(7, state="latched", acknowledged=True, latched=True, snapshot=long)]
    watch.publish()
    with watch.page("/alarms?alarm=7", language="en") as page:
        name = page.locator("#detail .snapshot th")
        expect(name).to_contain_text("rather_long_name")
        assert name.evaluate("(cell) => cell.scrollWidth <= cell.clientWidth"), "it covers the curve beside it"
        page.get_by_role("button", name="Reset").click()
        expect(page.locator("#told")).to_contain_text("Reset: 1")
    assert any(call["verb"] == "reset-alarm" for call in watch.alarms.calls)


def test_on_a_phone_one_thumb_acknowledges(watch: Watch) -> None:
    watch.alarms.alarms = [alarm(7), alarm(8, "warning_overspeed", 3)]
    watch.publish()
    with watch.page("/alarms", phone=True) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        button = page.locator('tr[data-id="7"] .ack')
        expect(button).to_be_visible()
        expect(page.locator("#ack-shown")).to_be_visible()
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        button.click()
        expect(page.locator('tr[data-id="7"]')).to_contain_text("Квитирована")
        page.locator("#ack-shown").click()
        page.locator("#order-go").click()
        expect(page.locator("#orders")).to_be_hidden()


def test_the_journal_is_filtered_and_goes_on_as_one_scrolls(watch: Watch) -> None:
    with watch.page("/journal") as page:
        rows = page.locator("#journal tr.entry")
        expect(rows).to_have_count(100)
        expect(rows.nth(0)).to_contain_text("включён Выключатель генератора")
        page.mouse.wheel(0, 20000)
        expect(rows).to_have_count(152)
        page.fill("[name=q]", "бригаду")
        expect(rows).to_have_count(1)
        expect(rows).to_contain_text("Иванов: Вызвал бригаду")
        assert "q=" in page.url
        with page.expect_download() as download:
            page.click("#csv")
        assert "Вызвал бригаду" in Path(download.value.path()).read_text(encoding="utf-8-sig")


def test_alarm_health_beside_its_targets(watch: Watch) -> None:
    watch.alarms.alarms = [alarm(7), alarm(8, "warning_overspeed", 3)]
    watch.publish()
    with watch.page("/alarms?tab=health", language="en") as page:
        panel = page.locator("#panel-health")
        expect(panel.locator("canvas")).to_be_visible()
        expect(panel.locator(".odd-figure")).to_have_count(3)
        expect(panel).to_contain_text("Alarms in each 10 minutes")
        expect(panel.locator(".shares li").nth(3)).to_contain_text("target about 80 %")
        expect(panel.locator(".floods li")).to_contain_text("14, peak 12")
        panel.get_by_role("link", name="Overspeed").first.click()
        page.wait_for_url("**/alarms?tab=past&key=mkz.gpu1.warning_overspeed")
        expect(page.locator("#panel-past tbody tr:not(.end)")).to_have_count(1)
        page.go_back()
        expect(panel.locator("canvas")).to_be_visible()
    with watch.page("/alarms?tab=health", phone=True) as page:
        expect(page.locator("#panel-health canvas")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_curves_go_back_beyond_what_the_pages_remember(watch: Watch) -> None:
    name, now = "mkz.gpu1.power_total", time.time()
    snapshot = {name: {"value": 118.0, "quality": 0}}
    again = alarm(7, raised_at=now - 7200, last_raised_at=now - 120, again=1, snapshot=snapshot)
    watch.alarms.alarms = [again]
    watch.publish()
    recent = {"step_s": 1.0, "tags": {name: [50.0] * 20}}
    recorded = {"series": [{"tag": name, "t": [(now - 600) * 1000, (now - 60) * 1000], "v": [10.0, 40.0]}]}
    with watch.page("/alarms", language="en") as page:
        page.route("**/api/recent?**", lambda route: route.fulfill(json=recent))
        page.route("**/api/history?**", lambda route: route.fulfill(json=recorded))
        last = datetime.fromtimestamp(now - 120, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        expect(page.locator('tr[data-id="7"] [data-raised]')).to_have_attribute("data-raised", last)
        expect(page.locator("#alarm-bar-top [data-since]")).to_have_attribute("data-since", last)
        page.locator('tr[data-id="7"] .alarm-open').click()
        expect(page.locator(f'#detail a[href*="at={last}"]')).to_be_visible()
        curve = page.locator("#detail canvas")
        expect(curve).to_be_visible()
        drawn = "(c) => c.getContext('2d').getImageData(0, 0, c.width / 4, c.height).data.some((part) => part > 0)"
        assert curve.evaluate(drawn), "the pages were started a moment ago, the history knows what was before"
