"""A site with two gensets whose days are known to the kilowatt-hour, recorded into a real database."""

from __future__ import annotations

from datetime import datetime, time
from pathlib import Path
from typing import Any

from reports import Kind, Period, Report, make_report, parse_period, zone_of
from tagdb import DeviceInfo, Directory, Quality, ReportInfo, SiteInfo, Tag
from tagdb import Kind as TagKind
from tagdb.history import open_history
from tagdb.samples import samples_url
from tests.tagdb.samples.bench import Bench
from tests.ui.fake_history import write_events

__all__ = ["SHIFTS", "ZONE", "Site"]

ZONE = zone_of("Europe/Berlin")
SHIFTS = (time(8), time(20))
WORDS = {"en": "Site", "ru": "Площадка"}
POINTS: tuple[tuple[str, TagKind, str], ...] = (
    ("energy_kwh", TagKind.FLOAT, "kWh"), ("run_hours", TagKind.INT, "h"), ("run_minutes", TagKind.INT, "min"),
    ("start_count", TagKind.INT, ""), ("power_total", TagKind.FLOAT, "kW"), ("p_now_pct", TagKind.FLOAT, "%"),
    ("fuel_used_total", TagKind.FLOAT, "L"), ("fuel_rate", TagKind.FLOAT, "L/h"), ("gen_closed", TagKind.BOOL, ""),
    ("alarm_shutdown", TagKind.BOOL, ""), ("mode_stop", TagKind.BOOL, ""), ("maint_state", TagKind.INT, ""),
    ("maint_next", TagKind.TEXT, ""), ("maint_left_h", TagKind.FLOAT, "h"),
)  # fmt: skip
ROLES = ReportInfo(
    "hgm9520n", "energy_kwh", ["run_hours", "run_minutes"], "start_count", "power_total", "p_now_pct",
    "fuel_used_total", "fuel_rate", "gen_closed", ["alarm_shutdown", "mode_stop"], {"start_count": 65536.0},
)  # fmt: skip


class Site:
    """Records; then reports."""

    def __init__(self, url: str, folder: Path, start: datetime) -> None:
        self.url = url
        names = [(device, *point) for device in ("mkz.gpu1", "mkz.gpu2") for point in POINTS]
        tags = [
            Tag(
                f"{device}.{point}",
                slot,
                kind,
                "mkz",
                device,
                "power",
                {"en": point, "ru": point},
                unit,
                1,
                text_row=slot if kind is TagKind.TEXT else -1,
            )
            for slot, (device, point, kind, unit) in enumerate(names)
        ]
        devices = [
            DeviceInfo(name, "mkz", {"en": title, "ru": title}, "hgm9520n", WORDS, "line", 1)
            for name, title in (("mkz.gpu1", "GPU-1"), ("mkz.gpu2", "GPU-2"))
        ]
        self.directory = Directory(
            1, WORDS, False, 0.1, tags, [SiteInfo("mkz", WORDS)], devices, reports=[ROLES]
        )  # fmt: skip
        self.folder = folder
        self.bench = Bench(samples_url(self.url), folder, tags, start.timestamp())

    def read(self, at: datetime, device: str = "mkz.gpu1", quality: Quality = Quality.GOOD, **values: Any) -> None:
        """One scan that brings these points."""
        named = {f"{device}.{point}": value for point, value in values.items()}
        self.bench.scan(at.timestamp(), named, quality, at.timestamp())

    def run(self, start: datetime, hours: float, kw: float, energy: float, minutes: float, **more: Any) -> None:
        """Carry ``kw`` for so long, read once in ten minutes; counters begin at ``energy`` and ``minutes``."""
        begin = start.timestamp()
        for n in range(round(hours * 6) + 1):
            at = datetime.fromtimestamp(begin + 600 * n, ZONE)
            counted = round(minutes + 10 * n)
            self.read(
                at, energy_kwh=round(energy + kw * n / 6, 3), run_hours=counted // 60, run_minutes=counted % 60,
                power_total=kw, p_now_pct=kw / 2, gen_closed=1, **more,
            )  # fmt: skip

    def report(self, kind: str, name: str, now: datetime) -> Report:
        """What is recorded until ``now``, reported."""
        self.bench.write(now.timestamp())
        self.bench.keep()
        period: Period = parse_period(Kind(kind), name, ZONE, SHIFTS)
        write_events(self.url, self.folder, now.timestamp())
        history = open_history(self.url, read_only=True)
        services = {"mkz.gpu1": {"to1": {"en": "TO-1", "ru": "ТО-1"}, "to2": {"en": "TO-2", "ru": "ТО-2"}}}
        return make_report(self.directory, self.bench.samples(), history, "mkz", period, now.timestamp(), services)
