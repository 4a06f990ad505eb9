"""The rules page: what works, what has failed, what a rule reads; deep links."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import Watch
from tests.ui.fake_alarms import rule


def test_rules_are_found_opened_and_linked(watch: Watch) -> None:
    watch.alarms.rules = [
        rule("tag:mkz.total", title={"en": "Total power", "ru": "Мощность"}, mean_us=9.0),
        rule("rule:hot:mkz.gpu1", "alarm", title={"en": "Hot", "ru": "Горячо"}, active=True, priority=2),
        rule("python:fuel:mkz.gpu1", "python", title={"en": "Fuel", "ru": "Расход"}, fault="Trace\nZeroDivisionError"),
        *(rule(f"tag:more.{n}", title={"en": f"More {n}", "ru": f"Ещё {n}"}) for n in range(400)),
    ]  # fmt: skip
    with watch.page("/runtime", language="en") as page:
        page.get_by_role("link", name="Rules", exact=True).click()
        page.wait_for_url("**/rules")
        rows = page.locator("#rules tr.row")
        expect(rows).to_have_count(300)
        expect(page.locator("#figures")).to_contain_text("Faulted1")
        page.fill("[name=q]", "coolant_temp fuel")
        expect(rows).to_have_count(1)
        expect(rows).to_contain_text("Fault")
        rows.get_by_role("button").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#rules pre")).to_contain_text("ZeroDivisionError")
        expect(page.locator("#skipped")).to_contain_text("no tag fuel_level")
        assert "rule=python" in page.url
        page.reload()
        expect(page.locator("#rules pre")).to_contain_text("ZeroDivisionError")
        page.fill("[name=q]", "")
        page.select_option("[name=sort]", "cost")
        expect(rows.first).to_contain_text("Total power")
        page.select_option("[name=state]", "active")
        expect(rows).to_have_count(1)
        rows.locator(".c-rule").click()
        page.locator("tr.inside a", has_text="mkz.gpu1.coolant_temp").click()
        page.wait_for_url("**/tags/mkz.gpu1.coolant_temp")
        page.go_back()
        expect(rows).to_have_count(1)


def test_rules_on_a_phone(watch: Watch) -> None:
    watch.alarms.rules = [rule("rule:a_rather_long_name_of_a_rule.high_high:mkz.gpu1", "alarm", active=False)]
    with watch.page("/rules?rule=rule:a_rather_long_name_of_a_rule.high_high:mkz.gpu1", phone=True) as page:
        inside = page.locator("#rules tr.inside td")
        expect(inside).to_contain_text("Читает")
        assert inside.evaluate("(cell) => cell.scrollHeight <= cell.clientHeight"), "it covers the rules below"
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
