"""The forms of a report: a page that needs nothing else, a sheet, a workbook; the folder and the timetable."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import schedule

from reports import (
    STYLE,
    AlarmCount,
    GensetFacts,
    Kind,
    MaintenanceFacts,
    Period,
    Report,
    ReportSettings,
    Shelf,
    Timetable,
    file_of,
    html_of,
)
from reports.words import moment
from tests.reports.plant import ZONE

WORDS = {"en": "Genset <1>", "ru": "ГПУ <1>"}
GENSET = GensetFacts(
    "mkz.gpu1", WORDS, 12345.6, 20.5, 3, 0.9375, 0.85, 0.9, 602.2, 75.0, 1012.5, 1_795_521_600.0, 101.0, 3703.7, "m³",
    True, 16912.5, 1824310.4, MaintenanceFacts(4, "M500", -12.0, None), (("energy", "reset", 1),),
)  # fmt: skip
REPORT = Report(
    "day", "2026-11-24", "Europe/Berlin", 1_795_474_800.0, 1_795_561_200.0, 1_795_561_300.0, 1_795_561_299.0,
    {"en": "Plant", "ru": "Установка"}, "mkz", {"en": "MKZ", "ru": "МКЗ"}, [GENSET, GensetFacts("mkz.gpu2", WORDS)],
    {"1": 2, "2": 0}, [AlarmCount("k", "mkz.gpu1", {"en": "Hot", "ru": "Жарко"}, 1, 2)],
)  # fmt: skip


def test_a_page_needs_nothing_else_and_says_everything() -> None:
    html = html_of(REPORT, "en")
    for text in ("12,346", "20.5", "93.8", "1,012.5", "≈ 3,704 m³", "≈ 0.300 m³/kWh", "16,912.5", "M500", "Due", "Hot"):
        assert text in html, text
    assert "Genset &lt;1&gt;" in html
    assert "<script" not in html
    assert not re.search(r"""\s(?:src|href|style|on\w+)=""", html)
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style
    assert "sha256-" + base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode() == STYLE
    assert "@page { size: A4" in style[1]
    assert "energy counter: began anew (1)" in html
    assert "data for 0.0 % of the period" in html


def test_services_have_their_names_and_the_site_its_gas() -> None:
    due = MaintenanceFacts(4, "to2 + to1", -12.0, None, {"en": "TO-2 + TO-1", "ru": "ТО-2 + ТО-1"})
    both = [replace(GENSET, maintenance=due), replace(GENSET, device="mkz.gpu2", fuel=100.0, fuel_estimated=False)]
    report = replace(REPORT, gensets=both)
    html = html_of(report, "ru")
    assert "<td>ТО-2 + ТО-1</td>" in html
    assert "≈ 3\u202f804 м³" in html, "the sum of both"
    assert "ТО-2 + ТО-1" in file_of(report, "csv", "ru").decode("utf-8-sig")
    several = replace(report, gensets=[both[0], replace(both[1], fuel_unit="L")])
    assert several.fuel_unit is None
    assert "3\u202f804" not in html_of(several, "ru"), "litres and cubic metres have no sum"


def test_a_time_that_the_wall_shows_twice_is_told_with_its_offset() -> None:
    first = datetime(2026, 10, 25, 2, 30, tzinfo=ZONE).timestamp()
    assert moment(first, "Europe/Berlin", "ru") == "25.10.2026 02:30 (UTC+02:00)"
    assert moment(first + 3600, "Europe/Berlin", "en") == "25/10/2026 02:30 (UTC+01:00)"
    assert moment(first + 7200, "Europe/Berlin", "ru") == "25.10.2026 03:30"


def test_a_page_in_russian() -> None:
    html = html_of(REPORT, "ru")
    assert "12\u202f346" in html
    assert "Пора ТО" in html
    assert "−12 ч" in html
    assert "23.11.2026 00:00 – 24.11.2026 00:00 (24 ч), Europe/Berlin" not in html
    assert "24.11.2026 00:00 – 25.11.2026 00:00 (24 ч), Europe/Berlin" in html


def test_a_report_that_came_too_early_says_so() -> None:
    early = replace(REPORT, made_at=REPORT.end - 3600, until=REPORT.end - 3600)
    assert "The period is not over: figures up to 24/11/2026 23:00" in html_of(early, "en")
    assert "not over" not in html_of(REPORT, "en")


@pytest.mark.parametrize(("language", "cut", "energy"), [("en", ",", "12345.6"), ("ru", ";", "12345,6")])
def test_a_sheet(language: str, cut: str, energy: str) -> None:
    text = file_of(REPORT, "csv", language).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=cut))
    assert rows[5][1:] == [energy, "", energy]
    assert all(len(row) < 6 for row in rows)


def test_a_workbook() -> None:
    with zipfile.ZipFile(io.BytesIO(file_of(REPORT, "xlsx", "ru"))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        strings = book.read("xl/sharedStrings.xml").decode()
        styles = book.read("xl/styles.xml").decode()
    assert "<v>12345.6</v>" in sheet
    assert "Энергия, кВт·ч" in strings
    assert 'paperSize="9"' in sheet
    assert 'formatCode="#,##0.0##"' in styles
    assert "#,##0.##" not in styles, "a whole number would end with a comma"


def test_the_shelf_keeps_figures_and_files(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "reports")
    assert shelf.list() == []
    shelf.put(REPORT, "en")
    shelf.put(replace(REPORT, kind="month", period="2026-10"), "en")
    assert shelf.read(Kind.DAY, "2026-11-24", "mkz") == REPORT
    assert [(kept.kind, kept.period, kept.site) for kept in shelf.list()] == [
        ("day", "2026-11-24", "mkz"), ("month", "2026-10", "mkz"),
    ]  # fmt: skip
    names = {path.name for path in shelf.folder.iterdir()}
    assert {f"day-2026-11-24-mkz.{form}" for form in ("json", "html", "csv", "xlsx")} <= names
    (shelf.folder / "day-2026-11-24-mkz.json").write_text('{"form": 9}')
    assert shelf.read(Kind.DAY, "2026-11-24", "mkz") is None
    assert shelf.thin(2e9 * 2) == 2
    assert list(shelf.folder.iterdir()) == []


def timetable(folder: Path, now: list[float], made: list[str], **more: object) -> Timetable:
    def make(site: str, period: Period) -> Report:
        made.append(f"{period.kind} {period.name} {site}")
        gensets = [] if period.name < "2026-11-20" else [GENSET]
        return replace(REPORT, kind=str(period.kind), period=period.name, site=site, gensets=gensets)

    settings = ReportSettings(folder, zone="Europe/Berlin", language="en", **more)  # type: ignore[arg-type]
    return Timetable(settings, ["mkz"], make, lambda: now[0])


def test_the_timetable_makes_what_is_over_once_and_makes_up_for_what_was_missed(tmp_path: Path) -> None:
    now = [datetime(2026, 11, 22, 0, 1, tzinfo=ZONE).timestamp()]
    made: list[str] = []
    table = timetable(tmp_path, now, made, kinds=(Kind.DAY,), delay_s=120.0)
    table.make_due()
    assert "day 2026-11-21 mkz" not in made, "not before the delay"
    assert [kept.period for kept in table.shelf.list()] == ["2026-11-20"]
    now[0] += 120
    assert table.make_due() == 1
    assert made[-1] == "day 2026-11-21 mkz"
    count = len(made)
    assert table.make_due() == 0
    assert len(made) == count, "days of which nothing was recorded are not looked at again"
    now[0] += 3 * 86400
    assert table.make_due() == 3


def test_the_timetable_runs_on_schedule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    now = [datetime(2026, 12, 1, 9, tzinfo=ZONE).timestamp()]
    table = timetable(tmp_path, now, made, keep_days=30)
    table.run_pending()
    assert made == []
    later = datetime.fromisoformat("2100-01-01")

    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return later

    monkeypatch.setattr(schedule.datetime, "datetime", Clock)
    table.run_pending()
    assert {line.split()[0] for line in made} == {"shift", "day", "month"}
    now[0] += 5 * 365 * 86400
    table.thin()
    assert table.shelf.list() == []


def test_settings_go_to_another_process_and_back(tmp_path: Path) -> None:
    settings = ReportSettings(tmp_path, zones={"mkz": "Asia/Omsk"}, keep_days=3)
    assert ReportSettings.from_json(settings.to_json()) == settings
    assert str(settings.zone_at("mkz")) == "Asia/Omsk"
    assert str(settings.zone_at("yakz")) == "UTC"
