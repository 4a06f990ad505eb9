"""Commands whose outcome an earlier run did not live to tell are found in the audit trail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runtime.unfinished import unfinished
from tagdb.audit import AuditEntry
from tagdb.audit.book import Book
from tagdb.audit.chain import fields_of
from tagdb.audit.spool import Spool


def line(action: str, result: str = "done", **detail: Any) -> dict[str, Any]:
    who = ("Анна", "operator", "10.0.0.7", "session:1")
    return fields_of(AuditEntry(1.0, *who, action, "mkz", "mkz.gpu1", result=result, detail=detail))


def test_a_command_without_an_outcome_is_found(tmp_path: Path) -> None:
    path = tmp_path / "audit.sqlite3"
    assert unfinished(path) == [], "a first start has no trail yet"
    book = Book(path)
    book.append([
        line("command.select", command="stop"),
        line("command.operate", command="stop", number=7),
        line("command.operate", command="start", number=8),
        line("command.operate", "refused", command="start", code="busy"),
        line("command.outcome", "unknown", command="stop", number=7),
        line("command.operate", command="auto", number=9),
    ])  # fmt: skip
    book.close()
    assert [(one.who, one.target, one.detail) for one in unfinished(path)] == [
        ("Анна", "mkz.gpu1", '{"command":"start","number":8}'),
        ("Анна", "mkz.gpu1", '{"command":"auto","number":9}'),
    ]


def test_a_trail_that_cannot_be_read_stops_nothing(tmp_path: Path) -> None:
    path = tmp_path / "audit.sqlite3"
    path.write_bytes(b"no database at all, but long enough to be taken for one" * 20)
    assert unfinished(path) == []


def test_an_outcome_that_waits_beside_the_trail_counts(tmp_path: Path) -> None:
    path = tmp_path / "audit.sqlite3"
    book = Book(path)
    book.append([line("command.operate", command="stop", number=7)])
    book.close()
    assert len(unfinished(path)) == 1
    Spool(tmp_path / "audit.sqlite3.scan-spool.jsonl").keep([line("command.outcome", command="stop", number=7)])
    assert unfinished(path) == []
