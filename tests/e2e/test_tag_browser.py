"""The tag browser as a user meets it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tagdb import Quality
from tests.e2e.conftest import Site
from tests.e2e.tabs import ready

POWER = "mkz.gpu1.power_total"


def row(page: Page, tag: str):  # type: ignore[no-untyped-def]
    return page.locator("tr.row", has=page.locator(f'a[href="/tags/{tag}"]'))


def shown(page: Page) -> str:
    return page.locator("#shown").inner_text()


def test_the_table_shows_tags_and_follows_their_changes(site: Site) -> None:
    site.set(POWER, 111.1)
    with site.page() as page:
        line = row(page, POWER)
        expect(line.locator(".value")).to_have_text("111,1")
        expect(line.locator(".c-unit")).to_have_text("кВт")
        expect(line.locator("a")).to_have_text("Активная мощность суммарная")
        site.set(POWER, 122.2)
        expect(line.locator(".value")).to_have_text("122,2")
        expect(line.locator(".c-age")).to_have_text("0 с")
        ready(page)
        expect(page.locator(".demo")).to_have_text("ДЕМО")
        assert page.locator("tr.row").count() < 60, "rows out of sight are not in the document"
        assert shown(page) == f"{len(site.plant.tags):,} из {len(site.plant.tags):,}".replace(",", "")


def test_quality_is_told_by_symbol_and_word(site: Site) -> None:
    with site.lock:
        site.plant.set("mkz.gpu1.gen_ubc", 401, Quality.NOT_CONNECTED)
    with site.page("/?prefix=mkz.gpu1.&group=voltage") as page:
        line = row(page, "mkz.gpu1.gen_ubc")
        expect(line.locator(".q")).to_have_attribute("aria-label", "Недостоверно")
        expect(line.locator(".c-quality")).to_have_text("нет связи")
        expect(page.locator(".tree li", has_text="ГПУ-1").locator(".badge:not(.alarm)").first).to_have_text("1")
        page.click('[data-quality="bad"]')
        expect(page.locator("tr.row:visible")).to_have_count(1)
        site.set("mkz.gpu1.gen_ubc", 401)
        expect(page.locator("tr.row:visible")).to_have_count(0)


def test_search_by_words_and_address(site: Site) -> None:
    with site.page() as page:
        expect(row(page, POWER)).to_be_visible()
        page.keyboard.press("/")
        page.keyboard.type("coolant gpu1")
        expect(page.locator("tr.row:visible")).to_have_count(2)
        page.fill("#q", "@180")
        expect(page.locator("tr.row:visible")).to_have_count(6)
        page.fill("#q", "нет такого тега")
        expect(page.locator("#empty")).to_be_visible()
        page.press("#q", "Escape")
        expect(page.locator("#empty")).to_be_hidden()


def test_filters_make_deep_links_and_back_undoes_them(site: Site) -> None:
    with site.page() as page:
        expect(row(page, POWER)).to_be_visible()
        page.locator(".branch", has_text="ЯКЗ").click()
        page.wait_for_url("**/?prefix=yakz.")
        page.locator("#group").select_option("power")
        page.wait_for_url("**/?prefix=yakz.&group=power")
        expect(page.locator("tr.row:visible")).to_have_count(12)
        page.locator("th[data-sort=value] button").click()
        page.wait_for_url("**&sort=value")
        page.go_back()
        page.go_back()
        page.wait_for_url("**/?prefix=yakz.")
        assert page.locator("#group").input_value() == ""
    with site.page("/?prefix=yakz.&group=power&sort=tag&dir=desc") as page:
        expect(page.locator("tr.row:visible")).to_have_count(12)
        expect(page.locator("tr.row:visible .id-tail").first).to_have_text("reactive_total")


def test_alarms_and_lately_changed(site: Site) -> None:
    with site.page("/?alarms=1") as page:
        expect(page.locator("#empty")).to_have_text("Активных аварий нет.")
        site.set("mkz.gpu2.shutdown_overspeed", 1)
        line = row(page, "mkz.gpu2.shutdown_overspeed")
        expect(line.locator(".value")).to_have_text("активна")
        expect(line.locator(".alarm-class")).to_have_text("Останов")
        expect(page.locator(".branch", has_text="ГПУ-2").first.locator(".badge.alarm")).to_have_text("1")
        site.set("mkz.gpu2.shutdown_overspeed", 0)
        expect(page.locator("#empty")).to_be_visible()
    with site.page("/?changed=10&prefix=yakz.gpu1.") as page:
        site.set("yakz.gpu1.engine_speed", 1499)
        expect(row(page, "yakz.gpu1.engine_speed")).to_be_visible()


def test_keyboard_and_scrolling(site: Site) -> None:
    with site.page("/?prefix=mkz.gpu1.&sort=tag") as page:
        expect(page.locator("tr.row:visible").first).to_be_visible()
        page.focus("#scroller")
        page.keyboard.press("End")
        count = page.locator("#table").get_attribute("aria-rowcount")
        expect(page.locator(f'tr.row.current[aria-rowindex="{count}"]')).to_be_in_viewport()
        page.keyboard.press("Home")
        page.keyboard.press("ArrowDown")
        tag = page.locator("tr.current .c-id").inner_text()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/tags/{tag}")
        ready(page)
        page.keyboard.press("Escape")
        page.wait_for_url("**/?prefix=mkz.gpu1.&sort=tag")
        ready(page)
        page.keyboard.press("?")
        expect(page.locator("#help")).to_be_visible()


def test_language_and_theme(site: Site) -> None:
    with site.page("/?prefix=mkz.gpu1.&group=engine") as page:
        expect(page.locator("th.heading:visible").first).to_have_text("МКЗ · ГПУ-1 · Двигатель")
        page.click('[data-language="en"]')
        expect(page.locator("th.heading:visible").first).to_have_text("MKZ · Genset 1 · Engine")
        assert page.url.endswith("/?prefix=mkz.gpu1.&group=engine")
        page.click("#theme")
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        page.reload()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert background == "rgb(18, 22, 26)"


def test_on_a_phone(site: Site) -> None:
    with site.page(phone=True) as page:
        expect(row(page, POWER).or_(page.locator("tr.row:visible").first).first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        page.click("#tree-open")
        page.locator(".branch", has_text="ЯКЗ").click()
        expect(page.locator("#tree-where")).to_have_text("ЯКЗ")
        expect(page.locator("#tree")).not_to_be_in_viewport()
        for path in ("/devices", "/runtime", f"/tags/{POWER}"):
            page.goto(site.url + path)
            page.wait_for_selector(".card dl, .device")
            assert page.evaluate("document.documentElement.scrollWidth") == 390, path
