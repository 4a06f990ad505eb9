"""The audit trail: in order, complete, unchangeable, and never in the way."""

from __future__ import annotations

import csv
import errno
import io
import json
import multiprocessing
import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tagdb.audit import AuditEntry, AuditFilter, AuditTrail, csv_of, json_of, reading, verify
from tagdb.audit.chain import canonical, fields_of, hash_of
from tagdb.audit.spool import Spool

PROCESSES, EACH = 3, 20


def entry(action: str = "login", **more: object) -> AuditEntry:
    fields = {"who": "Иванов", "role": "operator", "origin": "10.0.0.5", "session": "session:1", **more}
    return AuditEntry(1_700_000_000.25, action=action, **fields)  # type: ignore[arg-type]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "audit.sqlite3"


def write(path: Path, *entries: AuditEntry, writer: str = "pages") -> AuditTrail:
    trail = AuditTrail(path, writer)
    trail.start()
    for one in entries:
        trail.note(one)
    assert trail.flush(20)
    trail.stop()
    return trail


def test_lines_come_back_as_they_were_noted(path: Path) -> None:
    write(path, entry(), entry("command.operate", site="mkz", target="mkz.gpu1", old="0", new="1", detail={"b": 1}))
    with reading(path) as book:
        second, first = book.lines(AuditFilter())
        assert (first.number, first.who, first.time, first.result) == (1, "Иванов", 1_700_000_000.25, "done")
        assert (second.action, second.target, second.detail) == ("command.operate", "mkz.gpu1", '{"b":1}')
        assert second.previous == first.hash
        assert verify(book.all_lines()).lines == 2
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("statement", ["UPDATE audit SET who = 'x'", "DELETE FROM audit"])
def test_triggers_refuse_changes(path: Path, statement: str) -> None:
    write(path, entry())
    with closing(sqlite3.connect(path)) as connection, pytest.raises(sqlite3.DatabaseError, match="append-only"):
        connection.execute(statement)


@pytest.mark.parametrize(
    ("statement", "broken", "reason"),
    [
        ("UPDATE audit SET who = 'Petrov' WHERE number = 3", 3, "was changed"),
        ("UPDATE audit SET time = time + 1 WHERE number = 2", 2, "was changed"),
        ("UPDATE audit SET detail = '{}' WHERE number = 4", 4, "was changed"),
        ("DELETE FROM audit WHERE number = 3", 3, "is missing: line 4 follows"),
        ("DELETE FROM audit WHERE number = 1", 1, "is missing"),
        ("UPDATE audit SET previous = hash WHERE number = 5", 5, "does not follow"),
    ],
)
def test_the_first_broken_line_is_named(path: Path, statement: str, broken: int, reason: str) -> None:
    write(path, *(entry(detail={"n": n}) for n in range(6)))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TRIGGER audit_no_update")
        connection.execute("DROP TRIGGER audit_no_delete")
        connection.execute(statement)
    with reading(path) as book:
        verdict = verify(book.all_lines())
    assert verdict.broken == broken
    assert reason in verdict.reason
    assert verdict.lines == broken - 1


def test_a_trail_that_was_cut_short_is_told_by_a_head_noted_before(path: Path) -> None:
    write(path, *(entry(detail={"n": n}) for n in range(3)))
    with reading(path) as book:
        head = verify(book.all_lines()).head
        assert verify(book.all_lines(), head).holds is True
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TRIGGER audit_no_delete")
        connection.execute("DELETE FROM audit WHERE number = 3")
    with reading(path) as book:
        verdict = verify(book.all_lines(), head)
    assert verdict.broken is None
    assert verdict.holds is False


def _work(path: str, writer: int) -> None:
    trail = AuditTrail(Path(path), f"w{writer}", lock_timeout_s=20)
    trail.start()
    for number in range(EACH):
        trail.note(entry(who=str(writer), detail={"n": number}))
        if number % 5 == 0:
            trail.flush(20)
    trail.stop(30)


def test_processes_write_one_chain(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_work, args=(str(path), number)) for number in range(PROCESSES)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    with reading(path) as book:
        lines = list(book.all_lines())
        verdict = verify(lines)
    assert (verdict.broken, verdict.lines) == (None, PROCESSES * EACH)
    for number in range(PROCESSES):
        mine = [json.loads(line.detail)["n"] for line in lines if line.who == str(number)]
        assert mine == list(range(EACH)), "in the order of the notes"


def test_a_locked_file_loses_nothing_and_keeps_nobody_waiting(path: Path) -> None:
    write(path, entry())
    trail = AuditTrail(path, "pages", lock_timeout_s=0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        trail.start()
        for number in range(3):
            trail.note(entry(detail={"n": number}))
        assert not trail.flush(20), "not in the trail yet"
        status = trail.status()
        assert (status.spooled, status.written, status.lost) == (3, 0, 0)
        assert "locked" in status.trouble
        other.execute("ROLLBACK")
    trail.note(entry(detail={"n": 3}))
    assert trail.flush(20)
    trail.stop()
    assert trail.status().trouble == ""
    with reading(path) as book:
        lines = list(book.all_lines())
    assert [json.loads(line.detail).get("n") for line in lines] == [None, 0, 1, 2, 3]
    assert verify(lines).broken is None


def test_what_a_run_spooled_is_written_by_the_next_one(path: Path) -> None:
    path.mkdir(parents=True)  # nobody can write there
    trail = AuditTrail(path, "pages")
    trail.start()
    trail.note(entry(who="before"))
    trail.flush(20)
    trail.stop()
    path.rmdir()
    write(path, entry(who="after"))
    with reading(path) as book:
        assert [line.who for line in book.all_lines()] == ["before", "after"]


def test_no_disk_at_all_is_told_and_ends(path: Path) -> None:
    path.parent.parent.joinpath("var").write_text("a file where the folder should be")
    trail = AuditTrail(path, "pages")
    trail.start()
    trail.note(entry())
    trail.flush(0.1)
    trail.stop(20)
    assert trail.status().trouble


def test_filters(path: Path) -> None:
    write(
        path,
        entry("login", who="Петров", result="refused"),
        entry("command.select", target="mkz.gpu1", site="mkz"),
        entry("command.operate", target="yakz.gpu1", site="yakz", detail={"reason": "Обкатка"}),
    )
    with reading(path) as book:

        def actions(**which: object) -> list[str]:
            return [line.action for line in book.lines(AuditFilter(**which))]  # type: ignore[arg-type]

        assert actions(action="command.") == ["command.operate", "command.select"]
        assert actions(action="login") == ["login"]
        assert actions(who="Петров") == ["login"]
        assert actions(result="refused") == ["login"]
        assert actions(site="mkz") == ["command.select"]
        assert actions(text="обкатка") == ["command.operate"]
        assert actions(text="' OR 1=1 --") == []
        assert actions(since=1_700_000_001.0) == []
        assert len(actions(until=1_700_000_001.0)) == 3
        assert [line.number for line in book.lines(AuditFilter(), 1, before=3)] == [2]


def test_exports(path: Path) -> None:
    write(path, entry(who="=cmd|x", detail={"text": 'a;"b"\n'}))
    with reading(path) as book:
        text = "".join(csv_of(book.all_lines()))
        exported = [json.loads(line) for line in "".join(json_of(book.all_lines())).splitlines()]
    (row,) = csv.DictReader(io.StringIO(text.removeprefix("\N{BYTE ORDER MARK}")), delimiter=";")
    assert (row["who"], row["time"]) == ("'=cmd|x", "2023-11-14T22:13:20.250Z")
    assert json.loads(row["detail"]) == {"text": 'a;"b"\n'}
    (line,) = exported
    assert hash_of(line["previous"], 1, line) == line["hash"], "another program can verify it"


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.builds(
            entry,
            action=st.text(max_size=20),
            who=st.text(st.characters(), max_size=20),
            detail=st.dictionaries(st.text(max_size=5), st.none() | st.integers() | st.floats() | st.text(max_size=5)),
        ),
        max_size=5,
    )
)
def test_whatever_is_noted_verifies(tmp_path_factory: pytest.TempPathFactory, entries: list[AuditEntry]) -> None:
    path = tmp_path_factory.mktemp("audit") / "audit.sqlite3"
    write(path, entry(), *entries)
    with reading(path) as book:
        assert verify(book.all_lines()).lines == 1 + len(entries)


def test_canonical_json_is_the_same_for_the_same_value() -> None:
    assert canonical({"b": 1, "a": "й"}) == canonical({"a": "й", "b": 1}) == '{"a":"й","b":1}'


def test_a_spool_takes_all_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is nearly full takes the first bytes, then none."""
    spool = Spool(tmp_path / "spool.jsonl")
    spool.keep([fields_of(entry("first"))])
    real, left = os.write, [40]

    def write_some(handle: int, data: memoryview) -> int:
        if not left[0]:
            raise OSError(errno.ENOSPC, "no space left")
        size = min(left[0], len(data))
        left[0] -= size
        return real(handle, data[:size])

    monkeypatch.setattr(os, "write", write_some)
    with pytest.raises(OSError, match="no space"):
        spool.keep([fields_of(entry("second"))])
    left[0] = 10_000
    spool.keep([fields_of(entry("third"))])
    assert [row["action"] for row in spool.read()] == ["first", "third"]


def test_a_line_behind_a_half_written_one_is_not_lost(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool.jsonl")
    spool.path.write_text('{"who": "half', encoding="utf-8")
    spool.keep([fields_of(entry("whole"))])
    assert [row["action"] for row in spool.read()] == ["whole"]


def test_the_head_is_told_in_the_log_once_a_day(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "scada.audit")
    trail = AuditTrail(path, "pages")
    trail.start()
    for day in (0, 0, 1, 1):
        trail.note(replace(entry(), time=1_700_000_000.0 + day * 86400))
        assert trail.flush(30)
    trail.stop(30)
    with reading(path) as book:
        heads = {line.number: line.hash for line in book.all_lines()}
    told = [record.getMessage() for record in caplog.records if "head" in record.getMessage()]
    assert told == [f"audit: line {number} has the head {heads[number]}" for number in (1, 3)]
