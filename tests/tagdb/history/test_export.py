"""CSV: what a spreadsheet gets."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

from tagdb.history import JournalFilter, open_history
from tests.tagdb.history.samples import alarm, event

Write = Callable[..., None]


def test_the_journal_as_csv(url: str, write: Write) -> None:
    said = {"en": 'Said "stop", twice', "ru": "Стоп;\nдважды"}
    write(event(0, text=said, data={"a": 1}), event(1, source_time=1e9 + 0.5, comment='=HYPERLINK("http://x")'))
    text = "".join(open_history(url).journal_csv(JournalFilter()))
    heads, second, first = csv.reader(io.StringIO(text))
    assert heads[:4] == ["id", "time", "source_time", "category"]
    newest = dict(zip(heads, second, strict=True))
    assert (newest["time"], newest["source_time"]) == ("2001-09-09T01:46:41.000Z", "2001-09-09T01:46:40.500Z")
    assert newest["comment"] == '\'=HYPERLINK("http://x")'
    oldest = dict(zip(heads, first, strict=True))
    assert (oldest["text_en"], oldest["text_ru"], oldest["data"]) == (said["en"], said["ru"], '{"a":1}')
    assert oldest["source_time"] == ""


def test_for_excel_it_begins_with_a_mark_and_may_use_semicolons(url: str, write: Write) -> None:
    write(event(0))
    text = "".join(open_history(url).journal_csv(bom=True, delimiter=";"))
    assert text.startswith("\ufeffid;time;source_time;")
    assert text.count("\ufeff") == 1


def test_a_long_journal_comes_in_pieces_and_whole(url: str, write: Write) -> None:
    write(*(event(number) for number in range(2500)))
    pieces = list(open_history(url).journal_csv())
    assert len(pieces) > 2
    rows = list(csv.DictReader(io.StringIO("".join(pieces))))
    assert [int(row["key"]) for row in rows] == list(reversed(range(2500)))


def test_occurrences_as_csv(url: str, write: Write) -> None:
    write(alarm(1, cleared_at=1e9 + 2, value_raised=True, first_out=True), alarm(2, comment="-1+1", value_raised=-4.5))
    newest, oldest = csv.DictReader(io.StringIO("".join(open_history(url).alarms_csv())))
    assert (oldest["raised_at"], oldest["cleared_at"]) == ("2001-09-09T01:46:41.000Z", "2001-09-09T01:46:42.000Z")
    assert (oldest["value_raised"], oldest["first_out"], oldest["label_ru"]) == (
        "True",
        "True",
        "Низкое давление масла",
    )
    assert (newest["comment"], newest["value_raised"], newest["cleared_at"]) == ("'-1+1", "-4.5", "")


def test_an_empty_journal_is_a_heading(url: str) -> None:
    assert "".join(open_history(url).journal_csv()).startswith("id,time,")
