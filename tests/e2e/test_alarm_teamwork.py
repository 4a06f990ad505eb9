"""Two operators at two browsers, and one without a mouse."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import Watch
from tests.e2e.tabs import leap
from tests.ui.fake_alarms import alarm


def test_what_one_acknowledges_and_shelves_the_other_sees_at_once(watch: Watch) -> None:
    watch.alarms.alarms = [alarm(7), alarm(8, "warning_overspeed", 3)]
    watch.publish()
    with watch.page("/alarms", language="en") as ivanov, watch.page("/alarms", language="en") as petrova:
        seven, eight = (petrova.locator(f'tr[data-id="{n}"]') for n in (7, 8))
        expect(seven).to_contain_text("Not acknowledged")
        # both want the same alarm, and the second one clicks before her page has heard of the first
        before = petrova.request.get(f"{watch.url}/api/alarms").text()
        petrova.route("**/api/alarms?*", lambda route: route.fulfill(body=before, content_type="application/json"))
        ivanov.locator('tr[data-id="7"] .ack').click()
        expect(ivanov.locator("#told")).to_have_text("Acknowledged: 1")
        seven.locator(".ack").click()
        expect(petrova.locator("#told")).to_contain_text("Already acknowledged by administrator at")
        petrova.unroute("**/api/alarms?*")

        watch.publish()
        expect(seven).to_contain_text("Acknowledged")
        expect(seven.locator(".ack")).to_have_count(0)
        expect(petrova.locator("#alarm-bar-top")).to_contain_text("Overspeed")

        ivanov.locator('tr[data-id="8"] .alarm-open').click()
        ivanov.get_by_role("button", name="Shelve", exact=True).click()
        ivanov.locator("#order textarea").fill("governor is being set")
        ivanov.locator("#order-go").click()
        watch.publish()
        expect(eight).to_have_count(0)
        petrova.get_by_role("tab", name="Shelved").click()
        expect(petrova.locator("#panel-shelved tbody tr")).to_contain_text("governor is being set")
        expect(petrova.locator("#panel-shelved tbody tr")).to_contain_text("administrator")
    assert [row["who"] for row in watch.alarms.alarms if row["id"] == 7] == ["administrator"]


def test_a_shift_without_a_mouse(watch: Watch) -> None:
    watch.alarms.alarms = [alarm(7), alarm(8, "trip_reverse_power", 2), alarm(9, "warning_overspeed", 3)]
    watch.publish()
    with watch.page("/devices", language="en") as page:
        leap(page, "a", "**/alarms")
        expect(page.locator("#alarms tr.row")).to_have_count(3)
        page.keyboard.press("j")
        expect(page.locator("#detail h2")).to_have_text("Engine temperature high")
        page.keyboard.press("c")
        page.keyboard.type("gone to look")
        page.keyboard.press("Enter")
        expect(page.locator('tr[data-id="7"]')).to_contain_text("administrator: gone to look")
        page.keyboard.press("Escape")
        page.keyboard.press("ArrowDown")
        expect(page.locator("#detail h2")).to_have_text("Reverse power")
        page.dispatch_event("body", "keydown", {"key": "ы", "bubbles": True})  # "s" on a Russian keyboard
        expect(page.locator("#order")).to_be_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("x")
        expect(page.locator("#picked")).to_have_text("Selected: 1")
        page.keyboard.press("a")
        expect(page.locator('tr[data-id="8"]')).to_contain_text("Acknowledged")
        page.keyboard.press("Escape")
        expect(page.locator("#detail")).to_be_hidden()
        page.keyboard.press("Shift+A")
        page.keyboard.press("Enter")
        expect(page.locator('tr[data-id="9"]')).to_contain_text("Acknowledged")
        page.keyboard.press("?")
        expect(page.locator("#help")).to_contain_text("acknowledge all shown")


def test_search_deep_links_and_the_back_button(watch: Watch) -> None:
    watch.alarms.alarms = [alarm(7), alarm(8, "trip_reverse_power", 2, comment="relay 4", who="Petrova")]
    watch.publish()
    with watch.page("/alarms?q=relay", language="en") as page:
        rows = page.locator("#alarms tr.row")
        expect(rows).to_have_count(1)
        page.fill("#q", "engine SD0.7")
        expect(rows).to_contain_text("Engine temperature high")
        rows.locator(".alarm-open").click()
        expect(page.locator("#detail")).to_be_visible()
        page.go_back()
        expect(page.locator("#detail")).to_be_hidden()
        page.get_by_role("tab", name="Past").click()
        page.locator("#panel-past .alarm-open").first.click()
        expect(page.locator("#panel-past dialog")).to_contain_text("This alarm before")
        page.keyboard.press("Escape")
        page.go_back()
        expect(rows).to_have_count(1)
        assert "q=engine" in page.url
