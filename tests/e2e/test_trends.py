"""The trend page over recorded values and a live plant: past and present, zoom, comparison, sharing, a phone."""

from __future__ import annotations

import csv
import io
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tagdb import Quality
from tagdb.samples import samples_url
from tests.e2e.conftest import Site
from tests.e2e.tabs import Tabs
from tests.tagdb.samples.bench import Bench
from tests.ui.conftest import scanning, serve
from tests.ui.fake_alarms import FakeAlarms
from tests.ui.fake_history import write_events
from tests.ui.fake_plant import FakePlant

POWER, FREQ, STATE = "mkz.gpu1.power_total", "mkz.gpu1.gen_freq", "mkz.gpu1.gen_status"
#: how long the plant has been recorded, and how far a value stands from the one an hour before
RECORDED_S = 7200


def recorded(url: str, folder: Path, plant: FakePlant) -> None:
    """Two hours at a sample in ten seconds: power is the minute of the hour, then 100 more; five bad minutes."""
    now = time.time()
    start = now - RECORDED_S
    bench = Bench(samples_url(url), folder, list(plant.tags), start)
    for n in range(RECORDED_S // 10):
        at = start + 10 * n
        hour = 100 if at > now - 3600 else 0
        values = {POWER: hour + (at - start) % 3600 / 60, FREQ: 50 + n % 7 / 100, STATE: 9 if n % 90 > 4 else 0}
        bad = now - 1500 < at < now - 1200
        bench.scan(at, values, Quality.NOT_CONNECTED if bad else Quality.GOOD, at)
    bench.write(now)
    bench.keep()
    bench.close()


@pytest.fixture(scope="module")
def past(tabs: Tabs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("trends")
    plant = FakePlant(folder / "run")
    url = f"sqlite:///{folder / 'history.sqlite3'}"
    write_events(url, folder, time.time())
    recorded(url, folder, plant)
    with (
        FakeAlarms(plant.folder.channel, []).answering(),
        scanning(plant, 0.1) as lock,
        serve(plant.folder.folder, "--history", url) as (address, _),
    ):
        yield Site(f"http://{address}", plant, lock, tabs)
    plant.close()


def cell(page: Page, tag: str, name: str):  # type: ignore[no-untyped-def]
    return page.locator("#lines tbody tr", has=page.locator(f'a[href="/tags/{tag}"]')).locator(f".c-{name}")


def figure(page: Page, tag: str, name: str) -> float:
    return float(cell(page, tag, name).inner_text().replace(",", ".").replace("−", "-").split()[0])


def drawn(page: Page, tag: str = POWER) -> None:
    expect(page.locator("#chart canvas")).to_be_visible()
    expect(cell(page, tag, "mean")).not_to_have_text("—")


def hover(page: Page, share: float, y: float = 150) -> None:
    expect(page.locator("#chart")).not_to_have_attribute("aria-busy", "true")
    box = page.locator("#chart .u-over").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * share, box["y"] + y)


def moments(page: Page) -> tuple[str, ...]:
    return tuple(re.findall(r"(?:from|to)=([^&]+)", page.url))


def test_the_past_goes_over_into_the_live_edge(past: Site) -> None:
    past.set(POWER, 177.7)
    with past.page(f"/trends?tags={POWER},{STATE}&span=1200", language="en") as page:
        drawn(page)
        expect(cell(page, POWER, "value")).to_have_text("177.7")
        past.set(POWER, 181.3)
        expect(cell(page, POWER, "value")).to_have_text("181.3")
        expect(page.locator("#when")).to_have_text("Now")
        with page.expect_download() as download:
            page.click("#csv")
        rows = list(csv.reader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8-sig"))))
        assert rows[0] == ["time", f"{POWER} [kW]", STATE]
        assert [row[0] for row in rows[1:]] == sorted({row[0] for row in rows[1:]})
        values = [row[1] for row in rows[1:]]
        assert {"177.7", "181.3"} <= set(values)
        assert "" not in values[values.index("160") if "160" in values else -5 :], "no hole where both meet"
        hover(page, 0.5)
        expect(page.locator("#when")).not_to_have_text("Now")
        assert 140 < figure(page, POWER, "value") < 160


def test_statistics_and_gaps(past: Site) -> None:
    with past.page(f"/trends?tags={POWER}&span=3000", language="en") as page:
        drawn(page)
        assert figure(page, POWER, "low") < 160
        good = figure(page, POWER, "good")
        assert 80 < good < 92, "five of fifty minutes were bad"
        hover(page, 1 - 1350 / 3000)
        expect(cell(page, POWER, "value")).to_have_text("—")
        expect(cell(page, POWER, "value")).to_have_class(re.compile("bad"))


def test_zoom_and_pan_leave_the_live_edge_and_go_back(past: Site) -> None:
    with past.page(f"/trends?tags={POWER}&span=3600") as page:
        drawn(page)
        expect(page.locator("#live")).to_have_attribute("aria-pressed", "true")
        hover(page, 0.4)
        page.mouse.wheel(0, -400)
        expect(page.locator("#live")).to_have_attribute("aria-pressed", "false")
        page.wait_for_url(re.compile("from="))
        first = moments(page)
        page.mouse.down()
        hover(page, 0.6)
        page.mouse.up()
        page.wait_for_function("before => !location.search.includes(before)", arg=first[0])
        assert moments(page) < first, "dragged to the right: earlier"
        page.keyboard.press("ArrowRight")
        page.wait_for_function("before => !location.search.includes(before)", arg=moments(page)[0])
        page.keyboard.press("End")
        expect(page.locator("#live")).to_have_attribute("aria-pressed", "true")
        assert "from=" not in page.url


def test_a_span_is_chosen_with_shift(past: Site) -> None:
    with past.page(f"/trends?tags={POWER}&span=3600") as page:
        drawn(page)
        page.keyboard.down("Shift")
        hover(page, 0.25)
        page.mouse.down()
        hover(page, 0.5)
        page.mouse.up()
        page.keyboard.up("Shift")
        page.wait_for_url(re.compile("from="))
        begin, end = page.evaluate("[...new URLSearchParams(location.search).values()].slice(1).map(Date.parse)")
        assert 840_000 < end - begin < 960_000


def test_another_period_lies_under_this_one(past: Site) -> None:
    with past.page(f"/trends?tags={POWER}&span=900", language="en") as page:
        drawn(page)
        page.select_option("#compare", "3600")
        expect(page.locator("#chart")).not_to_have_attribute("aria-busy", "true")
        end = page.evaluate("Date.now()") + 2500
        page.wait_for_function("end => Date.now() > end", arg=end)
        expect(cell(page, POWER, "other")).not_to_have_text("—")
        hover(page, 0.5)
        expect(cell(page, POWER, "other")).not_to_have_text("—")
        assert abs(figure(page, POWER, "value") - figure(page, POWER, "other") - 100) < 0.6
        assert "compare=3600" in page.url


def test_a_shared_link_shows_what_its_sender_saw(past: Site) -> None:
    with past.page(f"/trends?tags={POWER},{FREQ}&hide={FREQ}&span=900", language="en") as page:
        drawn(page)
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.click("#share")
        expect(page.locator("#told")).to_be_visible()
        link = page.evaluate("navigator.clipboard.readText()")
        assert re.search("from=.*to=", link)
        page.goto(link)
        drawn(page)
        expect(page.locator("#live")).to_have_attribute("aria-pressed", "false")
        expect(page.locator("#lines tbody tr")).to_have_count(2)
        expect(page.locator("#lines tbody tr.off")).to_have_count(1)


def test_presets_search_dragging_and_saved_views(past: Site) -> None:
    with past.page("/trends", language="en") as page:
        expect(page.locator("#nothing")).to_be_visible()
        page.click('[data-preset="power"]')
        expect(page.locator("#lines tbody tr")).to_have_count(3)
        expect(page.locator("#lanes")).to_be_visible()
        page.keyboard.press("/")
        page.keyboard.type("coolant")
        page.keyboard.press("Enter")
        expect(page.locator("#lines tbody tr")).to_have_count(4)
        page.fill("#pick-search", "oil pressure")
        page.drag_and_drop('[data-tag="mkz.gpu1.oil_pressure"]', "#chart")
        expect(page.locator("#lines tbody tr")).to_have_count(5)
        page.click("#saved-open")
        page.fill("#saved-name", "Morning check")
        page.click("#saved-save")
        page.click("#saved form button:not(.quiet)")
        page.click("#clear")
        expect(page.locator("#lines tbody tr")).to_have_count(0)
        page.click("#saved-open")
        page.click("text=Morning check")
        expect(page.locator("#lines tbody tr")).to_have_count(5)
        page.go_back()
        expect(page.locator("#lines tbody tr")).to_have_count(0)


def test_events_are_told(past: Site) -> None:
    with past.page(f"/trends?tags={POWER}&span=1200", language="en") as page:
        drawn(page)
        ago = time.time() - page.evaluate("fetch('/api/journal?category=alarm&site=mkz').then(a => a.json())"
                                          ".then(a => Date.parse(a.entries[0].time) / 1000)")  # fmt: skip
        hover(page, 1 - ago / 1200, 4)
        expect(page.locator("#tip")).to_contain_text("Temperature high")
        hover(page, 0.1, 4)
        expect(page.locator("#tip")).to_be_hidden()
        with page.expect_download() as download:
            page.click("#png")
        assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


def pinch(page: Page, apart: list[int]) -> None:
    box = page.locator("#chart .u-over").bounding_box()
    assert box
    middle, y = box["x"] + box["width"] / 2, box["y"] + 100
    session = page.context.new_cdp_session(page)

    def touch(kind: str, points: list[dict[str, Any]]) -> None:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    for n, distance in enumerate(apart):
        points = [{"x": middle - distance, "y": y, "id": 0}, {"x": middle + distance, "y": y, "id": 1}]
        touch("touchMove" if n else "touchStart", points)
    touch("touchEnd", [])


def test_more_events_than_are_marked_are_told(past: Site) -> None:
    entry = {"id": 1, "time": "2026-11-27T10:00:00.000Z", "category": "runtime", "event": "clock-set", "site": "",
             "device": "", "key": "", "text": {"en": "set", "ru": "set"}}  # fmt: skip
    with past.page(f"/trends?tags={POWER}") as page:
        drawn(page)
        expect(page.locator("#notice")).to_have_text("")
        page.route("**/api/journal*", lambda route: route.fulfill(json={"entries": [entry], "next": 7}))
        page.locator("[data-span='3600']").click()
        expect(page.locator("#notice")).to_contain_text("только новейшие, с 27.11.2026, 10:00:00")
        page.locator("#marks").uncheck()
        expect(page.locator("#notice")).to_have_text("")


def test_on_a_phone(past: Site) -> None:
    with past.page(f"/trends?tags={POWER},{FREQ}&span=3600", phone=True) as page:
        drawn(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        pinch(page, [20, 40, 60, 80])
        page.wait_for_url(re.compile("from="))
        begin, end = page.evaluate("[...new URLSearchParams(location.search).values()].slice(1).map(Date.parse)")
        assert end - begin < 2_000_000, "fingers apart: a quarter of the span"
        page.click("#picker-open")
        page.click('[data-preset="power"]')
        expect(page.locator("#lines tbody tr")).to_have_count(3)
        expect(page.locator("#picker")).to_be_hidden()


def test_without_a_history_the_last_minutes_are_there(site: Site) -> None:
    with site.page(f"/trends?tags={POWER}&span=300", language="en") as page:
        expect(page.locator("#notice")).to_contain_text("only the last quarter of an hour")
        expect(cell(page, POWER, "value")).not_to_have_text("—")


TRACK = """async () => {
  const { Track, resample, statistics, states, troubles } = await import("/static/js/trends/track.js");
  const step = Track.of({ form: "samples", shape: "step", t: [0, 10000, 20000],
    v: [1, null, 5], q: [192, 522, 192] }, 30);
  const line = Track.of({ form: "samples", shape: "line", t: [0, 10000], v: [0, 10], q: [192, 192] }, 10);
  const peak = Track.of({ form: "samples", shape: "step", t: [0, 5000, 5100, 5200],
    v: [1, 99, -7, 2], q: [192, 192, 192, 192] }, 10);
  const live = new Track();
  for (const [at, value] of [[9, 4], [11, 6], [12, null]]) live.add(at, value, value === null ? 512 : 192);
  const joined = Track.of({ form: "samples", shape: "step", t: [0, 9000], v: [1, 4], q: [192, 192] }, 10);
  joined.continueWith(live);
  return {
    step: resample(step, 0, 40, 4), line: resample(line, 0, 10, 2), peak: resample(peak, 0, 10, 1),
    stats: statistics(step, 5, 30), lineStats: statistics(line, 0, 10), trouble: troubles(step, 0, 30),
    states: states(step, 0, 30).map(([from, to, value]) => [from, to, Number.isNaN(value) ? null : value]),
    joined: [...joined.t.slice(0, joined.size)], shifted: resample(step, 100, 110, 1, -100),
  };
}"""


def test_the_arithmetic_of_a_track(site: Site) -> None:
    with site.page("/trends") as page:
        found = page.evaluate(TRACK)
    assert found["step"] == [1, 1, 1, 1, None, None, None, None, 5, 5, 5, 5, None, None, None, None]
    assert found["line"] == [0, 0, 5, 5, 5, 5, 10, 10]
    assert found["peak"] == [1, -7, 99, 2], "the extremes of a column are drawn"
    assert found["stats"] == {"low": 1, "high": 5, "mean": (1 * 5 + 5 * 10) / 15, "last": 5, "good": 15 / 25}
    assert found["lineStats"] == {"low": 0, "high": 10, "mean": 5, "last": 10, "good": 1}
    assert found["trouble"] == [[10, 20, 522]]
    assert found["states"] == [[0, 10, 1], [10, 20, None], [20, 30, 5]]
    assert found["joined"] == [0, 9, 11, 12], "what both know stands there once"
    assert found["shifted"] == [1, 1, 1, 1]
