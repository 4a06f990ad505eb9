"""The page of reports, and a report as it is opened and printed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from reports import ReportSettings, Shelf
from tagdb.samples import samples_url
from tests.e2e.conftest import Site
from tests.e2e.tabs import Tabs
from tests.reports.test_forms import REPORT
from tests.tagdb.samples.bench import Bench
from tests.ui.conftest import scanning, serve
from tests.ui.fake_alarms import FakeAlarms
from tests.ui.fake_history import write_events
from tests.ui.fake_plant import FakePlant


@pytest.fixture(scope="module")
def desk(tabs: Tabs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("reports")
    plant = FakePlant(folder / "run")
    url = f"sqlite:///{folder / 'history.sqlite3'}"
    now = time.time()
    write_events(url, folder, now)
    bench = Bench(samples_url(url), folder, list(plant.tags), now - 600)
    bench.scan(now - 600, {"mkz.gpu1.energy_kwh": 100.0, "mkz.gpu1.power_total": 80.0})
    bench.scan(now - 60, {"mkz.gpu1.energy_kwh": 112.0})
    bench.write(now)
    bench.close()
    settings = ReportSettings(folder / "kept", zone="Europe/Moscow")
    Shelf(settings.folder).put(REPORT, "ru")
    Shelf(settings.folder).put(replace(REPORT, kind="shift", period="2026-11-24-2"), "ru")
    with (
        FakeAlarms(plant.folder.channel, []).answering(),
        scanning(plant, 0.1) as lock,
        serve(plant.folder.folder, "--history", url, "--reports", json.dumps(settings.to_json())) as (address, _),
    ):
        yield Site(f"http://{address}", plant, lock, tabs)
    plant.close()


def test_kept_reports_are_listed_and_opened(desk: Site) -> None:
    with desk.page("/reports") as page:
        expect(page.locator("#kept tbody tr")).to_have_count(2)
        expect(page.locator("#kept tbody tr").first).to_contain_text("24 ноября 2026 г., смена 2")
        page.select_option("#which", "day")
        expect(page.locator("#kept tbody tr")).to_have_count(1)
        with page.expect_popup() as popup:
            page.click("#kept tbody a >> nth=0")
        report = popup.value
        expect(report.locator("h1")).to_have_text("МКЗ")
        expect(report.locator("body")).to_contain_text("Суточный отчёт")
        assert report.evaluate("getComputedStyle(document.querySelector('.total')).fontWeight") == "600"
        with page.expect_download() as download:
            page.click("#kept tbody a >> text=XLSX")
        assert download.value.suggested_filename == "day-2026-11-24-mkz.xlsx"


def test_a_report_on_demand(desk: Site) -> None:
    with desk.page("/reports", language="en") as page:
        expect(page.locator("#zone")).to_have_text("Times in Europe/Moscow")
        page.click('[data-kind="shift"]')
        expect(page.locator("#shift option")).to_have_count(2)
        page.click('[data-kind="month"]')
        today = time.strftime("%Y-%m", time.gmtime(time.time() + 3 * 3600))
        page.fill("#month", today)
        with page.expect_popup() as popup:
            page.click("#show")
        expect(popup.value.locator("body")).to_contain_text("The period is not over")
        expect(popup.value.locator("h1")).to_have_text("MKZ")


def test_a_report_fits_a_sheet_and_a_phone(desk: Site) -> None:
    with desk.page("/api/reports/day/2026-11-24/mkz.html?lang=en") as page:
        assert page.pdf(format="A4", prefer_css_page_size=True).count(b"/Type /Page\n") == 1
    with desk.page("/reports", phone=True, language="en") as page:
        expect(page.locator("#kept tbody tr")).to_have_count(2)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
