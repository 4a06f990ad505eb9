"""The history beside its writer: readers in other threads and processes, and when it is not there."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import peewee
import pytest

from tagdb.history import AlarmRecord, Event, History, HistoryGone, HistoryWriter, Retained, open_history
from tagdb.history.database import run
from tests.support.process import ended_with_test
from tests.tagdb.history.cluster import Cluster
from tests.tagdb.history.samples import ALARM, event, keys_in

_READER = """
import sys
from tagdb.history import open_history
history = open_history(sys.argv[1], read_only=True)
print("ready", flush=True)
while len(history.journal(limit=5000)) < 2000:
    pass
print(*(entry.event.key for entry in history.journal(limit=5000)), flush=True)
"""


def test_another_process_reads_while_this_one_writes(url: str, tmp_path: Path) -> None:
    writer = HistoryWriter(url, tmp_path / "spool", batch=20, period_s=0.001)
    writer.start()
    writer.post(event(0))
    assert writer.flush(60)
    reading = subprocess.Popen([sys.executable, "-c", _READER, url], stdout=subprocess.PIPE, text=True)
    with ended_with_test(reading) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "ready\n"
        for number in range(1, 2000):
            writer.post(event(number))
        found = [int(key) for key in reader.stdout.readline().split()]
    assert found == list(reversed(range(2000)))
    writer.stop()
    assert writer.status()["last_error"] == ""


def test_a_reader_sees_what_the_writer_left(url: str, tmp_path: Path) -> None:
    writer = HistoryWriter(url, tmp_path / "spool")
    writer.post(event(1))
    writer.close()
    assert keys_in(open_history(url, read_only=True)) == [1]


def test_a_reader_cannot_write(url: str) -> None:
    open_history(url)
    history = open_history(url, read_only=True)
    database = history._database
    with database.connection_context(), pytest.raises(peewee.PeeweeException, match=r"read-?only"):
        run(database, "DELETE FROM journal")


def test_threads_ask_at_once(url: str, tmp_path: Path) -> None:
    history = open_history(url)
    writer = HistoryWriter(url, tmp_path / "spool")
    writer.post(event(1))
    writer.step()
    found: list[list[int]] = []
    threads = [threading.Thread(target=lambda: found.append(keys_in(history))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert found == [[1]] * 8
    writer.close()


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(HistoryGone, match=r"history.sqlite3: unable to open database file"):
        open_history(f"sqlite:///{tmp_path}/history.sqlite3", read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_away_is_told_and_found_again(cluster: Cluster, fresh_postgresql: str) -> None:
    history = open_history(fresh_postgresql)
    cluster.stop()
    try:
        with pytest.raises(HistoryGone, match=r"^postgresql://\w+@/history_") as caught:
            history.journal()
        assert "\n" not in str(caught.value)
    finally:
        cluster.start()
    assert history.journal() == []


def test_a_broken_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "history.sqlite3").write_bytes(b"not a database" * 1000)
    with pytest.raises(HistoryGone, match="not a database"):
        open_history(f"sqlite:///{tmp_path}/history.sqlite3")


def test_items_survive_json() -> None:
    one = event(1, text={"en": "a", "ru": "б"}, data={"n": [1, None]}, source_time=5)
    assert Event.from_json(one.to_json() | {"of a newer program": 1}) == one
    assert AlarmRecord.from_json(ALARM.to_json()) == ALARM
    assert Retained("key", (1, 2)).to_json() == {"key": "key", "value": [1, 2]}


def test_it_says_its_url_without_secrets(tmp_path: Path) -> None:
    assert History(f"sqlite:///{tmp_path}/h", read_only=True, timeout_s=1).shown == f"sqlite:///{tmp_path}/h"
