"""A runtime that is killed in the middle of a burst of 1,000 alarms: after the next start each is there, open, once."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tagdb.history import AlarmFilter, HistoryWriter, JournalFilter, open_history
from tests.support.burst import ALARMS, Burst
from tests.support.process import ended_with_test

# Raises them in scans of a hundred, and tells how many records are in the database.
_PROGRAM = """
import sys
from pathlib import Path
from tagdb.history import HistoryWriter
from tests.support.burst import ALARMS, Burst
writer = HistoryWriter(sys.argv[1], Path(sys.argv[2]), batch=7, period_s=0.001)
writer.start()
burst = Burst(writer, {})
burst.scan(0)
for count in range(100, ALARMS + 1, 100):
    burst.scan(count)
while True:
    print(writer.status()["written"], flush=True)
"""


def run_and_kill(url: str, spool: Path, written: int) -> None:
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", _PROGRAM, url, str(spool)]
    with ended_with_test(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root)) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if int(line) >= written:
                break
        child.kill()
        child.stdout.read()


@pytest.mark.parametrize("written", [40, 500])
def test_nothing_is_lost_or_doubled(url: str, tmp_path: Path, written: int) -> None:
    spool = tmp_path / "spool"
    run_and_kill(url, spool, written)
    writer = HistoryWriter(url, spool)
    writer.step()
    history = open_history(url)
    before = {alarm.key: alarm for alarm in history.open_alarms()}
    raised = Counter(entry.event.key for entry in history.journal(JournalFilter(category=("alarm",)), limit=10_000))
    retained = {key.removeprefix("alarm:") for key in history.retained() if key.startswith("alarm:mkz")}
    assert written - 1 <= len(before) <= ALARMS, "the count before"
    assert set(before) == set(raised) == retained, "step, record and state are there together, or not at all"

    burst = Burst(writer, history.retained())
    burst.scan(ALARMS)
    writer.step()
    writer.close()
    after = history.open_alarms()
    assert len(after) == len({alarm.key for alarm in after}) == ALARMS, "the count after: one open each"
    assert {alarm.key: (alarm.id, alarm.raised_at) for alarm in after if alarm.key in before} == {
        key: (alarm.id, alarm.raised_at) for key, alarm in before.items()
    }
    assert len(history.alarms(AlarmFilter(), limit=10_000)) == ALARMS, "and none besides"
    raised = Counter(entry.event.key for entry in history.journal(JournalFilter(category=("alarm",)), limit=10_000))
    assert set(raised.values()) == {1}
    assert len(raised) == ALARMS
