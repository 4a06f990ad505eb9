"""What is exported can be imported again, and is the same; tables and workbooks hold what they should."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tagdb import Kind, Quality
from tagdb.samples import (
    COLUMNS,
    BadFile,
    Samples,
    import_file,
    long_csv,
    long_rows,
    open_samples,
    pieces,
    wide_csv,
    wide_rows,
    write_parquet,
    write_sheet,
)
from tests.tagdb.samples.bench import HOUR, NOON, Bench, tag
from tests.tagdb.samples.test_keeping import rollups_equal_raw

Make = Callable[..., Bench]
MS = round(NOON * 1000)
SPAN = (MS - 86_400_000, MS + 3 * 86_400_000)
KINDS = [Kind.FLOAT, Kind.INT, Kind.BOOL, Kind.ENUM, Kind.U64, Kind.TEXT]
TAGS = [tag(f"a.b.{kind}", slot, kind, unit="kW" if slot == 0 else "", decimals=1 - slot % 2)
        for slot, kind in enumerate(KINDS)]  # fmt: skip
NAMES = [one.name for one in TAGS]


def fill(one: Bench, hours: int = 14) -> None:
    noise = np.random.default_rng(7)
    for number in range(hours * 6):
        now = NOON + number * 600
        numbers = [float(noise.normal()), int(noise.integers(-5, 5)), bool(noise.integers(0, 2)), number % 4]
        texts = ['"; ,', "Нет связи", "", "line\nend", "=1+1", "'-x"]
        values = [*numbers, 2**63 + number, texts[number % 6]]
        one.scan(now, dict(zip(NAMES, values, strict=True)))
        if number % 20 == 7:
            one.mark(now + 1, "a.b.float", Quality.NOT_CONNECTED)
        if number % 20 == 9:
            one.scan(now + 2, {"a.b.int": np.nan}, quality=Quality.NO_DATA)
    one.write()


def everything(samples: Samples) -> dict[str, list[tuple[int, object, int]]]:
    return {
        name: [(int(time), curve.plain(i), int(curve.quality[i])) for i, time in enumerate(curve.time)]
        for name, curve in samples.curves(NAMES, *SPAN).items()
    }


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_export_then_import_is_identity(bench: Make, tmp_path: Path, url: str, suffix: str) -> None:
    first = bench(TAGS)
    fill(first)
    first.keep()
    file = tmp_path / f"values.{suffix}"
    samples = first.samples()
    if suffix == "csv":
        file.write_text("".join(long_csv(samples, NAMES, *SPAN)), encoding="utf-8", newline="")
    else:
        pytest.importorskip("pyarrow")
        write_parquet(file, pieces(samples, NAMES, *SPAN))
    target = f"sqlite:///{tmp_path}/other.sqlite3"
    shares: list[float] = []
    count = import_file(target, file, shares.append)
    other = open_samples(target)
    assert everything(other) == everything(samples)
    assert other.tags() == samples.tags()
    assert count == sum(map(len, everything(samples).values()))
    # once more into where it came from: nothing changes
    import_file(url, file)
    assert everything(first.samples()) == everything(other)
    fill_up = bench(TAGS, now=NOON + 15 * HOUR)
    fill_up.write(NOON + 16 * HOUR + 60)
    fill_up.keep()
    rollups_equal_raw(fill_up, NOON, NOON + 16 * HOUR)


def test_a_span_holds_what_is_in_it(bench: Make) -> None:
    one = bench(TAGS)
    fill(one, 2)
    found = pieces(one.samples(), ["a.b.u64"], MS + 600_000, MS + 1_800_000)
    rows = [row for piece in found for row in long_rows(*piece)]
    assert [(row[0], row[2]) for row in rows] == [
        ("2026-11-24T12:10:00.000Z", 2**63 + 1),
        ("2026-11-24T12:20:00.000Z", 2**63 + 2),
    ]


def test_a_table_has_means_and_states(bench: Make) -> None:
    one = bench(TAGS)
    one.scan(NOON, {"a.b.float": 10.0, "a.b.enum": 2, "a.b.text": "x"})
    one.scan(NOON + 30, {"a.b.float": 20.0})
    one.scan(NOON + 90, {"a.b.enum": 3})
    one.write(NOON + 120)
    text = "".join(wide_csv(one.samples(), ["a.b.float", "a.b.enum", "a.b.text", "none"], MS + 1, MS + 180_000, 60_000))
    assert text.splitlines() == [
        'time,"a.b.float, kW",a.b.enum,a.b.text,none',
        "2026-11-24T12:00:00.000Z,15.0,2,x,",
        "2026-11-24T12:01:00.000Z,20.0,2,x,",
        "2026-11-24T12:02:00.000Z,,3,x,",
    ]


def test_a_csv_runs_nothing_in_a_spreadsheet(bench: Make) -> None:
    one = bench([tag("a.b.text", 0, Kind.TEXT)])
    one.scan(NOON, {"a.b.text": "=cmd|'/c calc'!A1"})
    one.write()
    for text in (long_csv(one.samples(), ["a.b.text"], *SPAN), wide_csv(one.samples(), ["a.b.text"], *SPAN, 3_600_000)):
        assert ",'=cmd|'/c calc'!A1" in "".join(text)


def test_a_slip_of_centuries_reads_what_is_there(bench: Make) -> None:
    one = bench([tag("a.b.float", 0)])
    one.scan(NOON, {"a.b.float": 1.0})
    one.write()
    asked = []
    curves = Samples.curves
    samples = one.samples()
    samples.curves = lambda *args: (asked.append(args), curves(samples, *args))[1]  # type: ignore[method-assign]
    ages = (-62_135_596_800_000, 253_402_300_799_000)
    assert len(list(pieces(samples, ["a.b.float"], *ages))) == 1
    assert len(list(wide_rows(samples, ["a.b.float"], *ages, 3_600_000))) == 1 + 24
    assert len(asked) == 2


def test_a_workbook_keeps_what_looks_like_a_formula(tmp_path: Path) -> None:
    file = tmp_path / "values.xlsx"
    assert write_sheet(file, [COLUMNS, ("2026-11-24T12:00:00.000Z", "a.b", "=1+1", 192, "text", "", 0, "step")]) == 1
    with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "=1+1" in sheet
    assert "<f>" not in sheet


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ":1: expected the columns time,tag,"),
        ("a,b\n", ":1: expected the columns time,tag,"),
        (",".join(COLUMNS) + "\nyesterday,a,1,192,float,,0,step\n", ":2: Invalid isoformat string: 'yesterday'"),
        (",".join(COLUMNS) + "\n2026-01-01T00:00:00Z,a,x,192,float,,0,step\n", ":2: could not convert string to float"),
        (",".join(COLUMNS) + "\n2026-01-01T00:00:00Z,a\n", ":2: zip"),
        (",".join(COLUMNS) + "\n2026-01-01T00:00:00Z,a,yes,192,bool,,0,step\n", ":2: 'yes': expected True or False"),
        (",".join(COLUMNS) + "\n2026-01-01T00:00:00Z,a,1,70000,float,,0,step\n", ":2: 70000: expected 0 to 65535"),
        (
            ",".join(COLUMNS) + f"\n2026-01-01T00:00:00Z,a,{1 << 64},192,u64,,0,step\n",
            ":2: 18446744073709551616: expec",
        ),
        (",".join(COLUMNS) + "\n2026-01-01T00:00:00Z,\udcff,1,192,float,,0,step\n", ":2: 'utf-8' codec can't decode"),
    ],
)
def test_what_is_no_export_is_told_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "values.csv"
    file.write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(BadFile, match=message):
        import_file(f"sqlite:///{tmp_path}/other.sqlite3", file)
