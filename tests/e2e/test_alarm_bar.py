"""The alarm bar that every page has: what is most urgent, counts, title and icon of the tab, the sound."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Watch
from tests.ui.fake_alarms import alarm

#: counts the tones that a page makes, by frequency, and lets a test say whether the browser allows sound
LISTEN = """
window.tones = [];
const make = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () {
  const tone = make.call(this), start = tone.start;
  tone.start = (...when) => { window.tones.push(tone.frequency.value); return start.apply(tone, when); };
  return tone;
};
"""


def raise_alarms(watch: Watch, *rows: dict[str, object]) -> None:
    watch.alarms.alarms = list(rows)
    watch.alarms.revision += 1
    watch.publish()


def tones(page: Page) -> set[float]:
    return set(page.evaluate("window.tones"))


@pytest.mark.parametrize("path", ["/tags/mkz.gpu1.power_total", "/runtime"])
def test_every_page_shows_the_most_urgent_alarm(watch: Watch, path: str) -> None:
    raise_alarms(watch, alarm(8, "warning_overspeed", 4), alarm(7, device="mkz.gpu2"))
    with watch.page(path, language="en") as page:
        bar = page.locator("#alarm-bar")
        expect(bar).to_have_attribute("data-level", "p1")
        top = page.locator("#alarm-bar-top")
        expect(top).to_contain_text("Critical")
        expect(top.locator(".prio")).to_have_text("1")
        expect(top).to_contain_text("Engine temperature high")
        expect(top).to_contain_text("MKZ · Genset 2")
        expect(page.locator("#alarm-said")).to_have_text("Critical: Engine temperature high, MKZ · Genset 2")
        assert page.title().startswith("⬣ 2 · ")
        expect(page.locator('link[rel="icon"]')).to_have_attribute("type", "image/png")
        top.click()
        page.wait_for_url("**/alarms?alarm=7")
        expect(page.locator("#detail")).to_contain_text("Engine temperature high")


def test_it_is_quiet_when_all_is_seen_and_says_when_it_does_not_know(watch: Watch) -> None:
    with watch.page("/devices", language="en", forgiven="status of 503") as page:
        bar, text = page.locator("#alarm-bar"), page.locator("#alarm-bar-top")
        expect(text).to_contain_text("No alarms")
        raise_alarms(watch, alarm(7, acknowledged=True, state="acknowledged"), alarm(8, state="shelved"))
        expect(text).to_contain_text("All alarms acknowledged, in the list: 1")
        expect(bar).to_have_attribute("data-level", "none")
        expect(page.locator(".bar-count").first).to_have_attribute("aria-label", "Critical: 1, not acknowledged 0")
        assert page.title() == "Devices · Demo plant"
        watch.plant.close()
        expect(text).to_contain_text("The state of the alarms is not known")
        expect(bar).to_have_attribute("data-level", "unknown")


def test_sound_waits_for_a_click_differs_by_priority_and_can_be_silenced_and_muted(watch: Watch) -> None:
    raise_alarms(watch, alarm(8, "warning_overspeed", 3))
    with watch.page("/journal", language="en") as page:
        page.add_init_script(LISTEN)
        page.reload()
        sound, silence = page.locator("#sound"), page.locator("#silence")
        expect(sound).to_have_attribute("data-state", "blocked")
        expect(sound).to_have_text("No sound: click here")
        sound.click()
        expect(sound).to_have_attribute("data-state", "on")
        page.wait_for_function("() => window.tones.includes(587)")
        assert 988 not in tones(page)

        page.keyboard.press("m")
        expect(silence).to_be_hidden()
        raise_alarms(watch, alarm(8, "warning_overspeed", 3), alarm(7) | {"raised_at": watch.alarms.now() + 5})
        expect(silence).to_be_visible()
        page.wait_for_function("() => window.tones.includes(988)")
        silence.click()
        expect(silence).to_be_hidden()
        expect(page.locator("#alarm-bar")).to_have_attribute("data-level", "p1")

        sound.click()
        expect(sound).to_have_attribute("data-state", "muted")
        page.reload()
        expect(sound).to_have_attribute("data-state", "muted")
        expect(sound).to_have_attribute("aria-pressed", "false")
        raise_alarms(watch, alarm(9, "trip_reverse_power", 2) | {"raised_at": watch.alarms.now() + 50})
        expect(page.locator("#alarm-bar")).to_have_attribute("data-level", "p2")
        assert page.evaluate("window.tones") == []


def test_on_a_phone_the_bar_keeps_to_the_screen(watch: Watch) -> None:
    raise_alarms(watch, alarm(7), alarm(8, "warning_overspeed", 4))
    with watch.page("/devices", phone=True) as page:
        expect(page.locator("#alarm-bar-top")).to_contain_text("Высокая температура двигателя")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        box = page.locator("#sound").bounding_box()
        assert box is not None
        assert box["height"] >= 44
