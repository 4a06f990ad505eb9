"""The tag directory comes back as it was written."""

import math
from pathlib import Path

from tagdb import DeviceInfo, Directory, Kind, LinkInfo, ReportInfo, SiteInfo, Tag, TrendInfo

WORDS = {"en": "Site", "ru": "Площадка"}


def test_round_trip(tmp_path: Path) -> None:
    tags = [
        Tag("mkz.gpu1.t", 0, Kind.FLOAT, "mkz", "mkz.gpu1", "engine", WORDS, "°C", 1, low=-50, high=200,
            stale_after_s=4.5, origin={"address": 220}),
        Tag("mkz.gpu1.n", 1, Kind.TEXT, "mkz", "mkz.gpu1", "comm", WORDS, text_row=0),
    ]  # fmt: skip
    directory = Directory(
        3, WORDS, True, 0.1, tags,
        [SiteInfo("mkz", WORDS)], [DeviceInfo("mkz.gpu1", "mkz", WORDS, "hgm9520n", WORDS, "mkz_gpu1", 1)],
        [LinkInfo("mkz_gpu1", "tcp", "127.0.0.1:15021")], {"e": {"0": WORDS}}, {"engine": WORDS}, {"warning": WORDS},
            [TrendInfo("hgm9520n", "power", WORDS, ["t"], ["total.p"], 900.0)],
            [ReportInfo("hgm9520n", "e", ["h", "m"], outage=["stop"], ends={"e": 65536.0})],
    )  # fmt: skip
    directory.write(tmp_path / "directory.json")
    assert Directory.read(tmp_path / "directory.json") == directory
    assert math.isinf(Directory.read(tmp_path / "directory.json").tags[1].stale_after_s)
    assert (tmp_path / "directory.json").stat().st_mode & 0o777 == 0o600
