"""Section [reports] and the time zones of the sites."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from registermaps import ConfigError
from reports import Kind
from runtime.settings import load_settings

SITE = """
[site mkz]
[site yakz]
time_zone = Asia/Omsk
[device mkz.gpu1]
link = tcp://127.0.0.1:1
map = hgm9520n
"""


def ini(folder: Path, text: str) -> Path:
    path = folder / "site.ini"
    path.write_text(text + SITE, encoding="utf-8")
    return path


def test_zones_and_the_timetable(tmp_path: Path) -> None:
    text = "[scada]\ntime_zone = Europe/Moscow\n[reports]\nmake = day shift\nshifts = 07:30, 19:30\nfolder = r\n"
    found = load_settings(ini(tmp_path, text)).reports
    assert (found.kinds, found.shifts) == ((Kind.DAY, Kind.SHIFT), (time(7, 30), time(19, 30)))
    assert found.folder == tmp_path / "r"
    assert [str(found.zone_at(site)) for site in ("mkz", "yakz")] == ["Europe/Moscow", "Asia/Omsk"]


def test_a_demo_has_a_folder_of_its_own(tmp_path: Path) -> None:
    plant = load_settings(ini(tmp_path, "[scada]\n")).reports
    demo = load_settings(ini(tmp_path, "[scada]\ndemo = yes\n")).reports
    assert (plant.folder, demo.folder) == (tmp_path / "var/reports", tmp_path / "var/demo-reports")
    assert str(plant.zone_at("mkz")) == "UTC"
    assert plant.kinds == (Kind.SHIFT, Kind.DAY, Kind.MONTH)
    assert load_settings(ini(tmp_path, "[scada]\n[reports]\nmake = none\n")).reports.kinds == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[scada]\ntime_zone = Europe/Moskow\n", "key 'time_zone': found 'Europe/Moskow', expected the name of a time"),
        ("[reports]\nshifts = 20:00 08:00\n", "key 'shifts': found '20:00 08:00', expected up to six times of day in"),
        ("[reports]\nshifts = 25:00\n", "expected up to six times of day in order, like 08:00 20:00"),
        ("[reports]\nmake = week\n", "key 'make': found 'week', expected some of shift, day, month; or none"),
        ("[reports]\nkeep_days = -1\n", "key 'keep_days': found '-1', expected a whole number from 0 to 36500"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(ini(tmp_path, text))
    assert any(expected in str(fault) for fault in caught.value.faults), [str(fault) for fault in caught.value.faults]
