"""The supervisor with real child processes: restarts, signals, nothing left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from runtime.supervisor import ChildSpec, Supervisor, check_port_free
from tagdb import RunDir

ROOT = Path(__file__).parents[2]

#: a supervisor over the children whose programs are given as arguments
HOST = """
import sys
from pathlib import Path
from runtime.supervisor import ChildSpec, Supervisor
from tagdb import RunDir
children = [ChildSpec(f"child{i}", [sys.executable, "-c", code], reloads=True) for i, code in enumerate(sys.argv[2:])]
sys.exit(Supervisor(children, RunDir(Path(sys.argv[1]))).run())
"""
#: writes its process id to a file, one line a start, and waits
STAY = """
import os, signal, time
from tagdb.child import become_child
become_child()
{extra}
open({file!r}, "a").write(f"{{os.getpid()}}\\n")
while True: time.sleep(60)
"""


#: is still at its imports when its parent dies
LATE = """
import os, time
from tagdb.child import become_child
parent = os.getppid()
open({file!r}, "a").write(f"{{os.getpid()}}\\n")
while os.getppid() == parent: time.sleep(0.01)
become_child()
open({file!r} + ".stayed", "w")
while True: time.sleep(60)
"""


def wait_for(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        os.sched_yield()


def starts(file: Path) -> list[int]:
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def launch(tmp_path: Path, *codes: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", HOST, str(tmp_path), *codes], cwd=ROOT, stderr=subprocess.PIPE)


def finish(process: subprocess.Popen[bytes]) -> tuple[int, str]:
    _, err = process.communicate(timeout=60)
    return process.returncode, err.decode()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_all_children_and_leaves_none(tmp_path: Path, number: signal.Signals) -> None:
    files = [tmp_path / "a", tmp_path / "b"]
    process = launch(tmp_path, *(STAY.format(file=str(file), extra="") for file in files))
    wait_for(lambda: all(starts(file) for file in files))
    process.send_signal(number)
    code, told = finish(process)
    assert code == 0
    assert "killed" not in told
    assert not any(alive(pid) for file in files for pid in starts(file))


def test_a_child_that_still_loads_when_its_parent_is_killed_ends_too(tmp_path: Path) -> None:
    file = tmp_path / "a"
    code = LATE.format(file=str(file))
    process = launch(tmp_path, code)
    wait_for(lambda: bool(starts(file)))
    process.kill()
    finish(process)
    (pid,) = starts(file)
    wait_for(lambda: not alive(pid))
    assert not (tmp_path / "a.stayed").exists()


def test_a_child_that_crashes_is_started_again_and_the_other_is_left_alone(tmp_path: Path) -> None:
    files = [tmp_path / "a", tmp_path / "b"]
    process = launch(tmp_path, *(STAY.format(file=str(file), extra="") for file in files))
    wait_for(lambda: all(starts(file) for file in files))
    os.kill(starts(files[0])[0], signal.SIGKILL)
    wait_for(lambda: len(starts(files[0])) == 2)
    process.terminate()
    code, err = finish(process)
    assert code == 0
    assert "child0 has ended (SIGKILL); starting it again" in err
    assert len(starts(files[1])) == 1


def test_children_die_with_a_killed_supervisor(tmp_path: Path) -> None:
    file = tmp_path / "a"
    process = launch(tmp_path, STAY.format(file=str(file), extra=""))
    wait_for(lambda: bool(starts(file)))
    process.kill()
    finish(process)
    wait_for(lambda: not alive(starts(file)[0]))


def test_a_child_with_something_unusable_stops_everything_with_status_2(tmp_path: Path) -> None:
    file = tmp_path / "a"
    process = launch(tmp_path, STAY.format(file=str(file), extra=""), "import sys; sys.exit(2)")
    assert finish(process)[0] == 2
    assert not any(alive(pid) for pid in starts(file))


def test_what_has_run_once_and_then_finds_something_unusable_leaves_the_others_running(tmp_path: Path) -> None:
    files = [tmp_path / "a", tmp_path / "b"]
    # crashes at its first start, cannot be used at its second and third, and is well after that
    moody = """
import os, sys
number = len(open({file!r}).readlines()) if os.path.exists({file!r}) else 0
if number < 3:
    open({file!r}, "a").write(f"{{os.getpid()}}\\n")
    sys.exit((1, 2, 2)[number])
"""
    stay = [STAY.format(file=str(file), extra="") for file in files]
    process = launch(tmp_path, stay[0], moody.format(file=str(files[1])) + stay[1])
    wait_for(lambda: len(starts(files[1])) == 4, 30)
    assert len(starts(files[0])) == 1, "the other one was left alone"
    process.terminate()
    code, err = finish(process)
    assert code == 0
    assert "child1 has ended (status 2); starting it again in 1 s" in err
    assert "child1 has ended (status 2); starting it again in 2 s" in err, "with growing pauses"


def test_sighup_is_handed_on(tmp_path: Path) -> None:
    file, seen = tmp_path / "a", tmp_path / "seen"
    extra = f"signal.signal(signal.SIGHUP, lambda *_: open({str(seen)!r}, 'a').write('x'))"
    process = launch(tmp_path, STAY.format(file=str(file), extra=extra))
    wait_for(lambda: bool(starts(file)))
    process.send_signal(signal.SIGHUP)
    wait_for(seen.exists)
    process.terminate()
    assert finish(process)[0] == 0
    assert len(starts(file)) == 1


def test_a_port_in_use_is_told_before_anything_starts() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1:{port}: Address already in use"):
            check_port_free("127.0.0.1", port)
    check_port_free("127.0.0.1", port)


def test_a_new_child_has_not_started() -> None:
    assert ChildSpec("x", ["x"]).process is None


def test_the_address_is_told_once_something_listens_there(tmp_path: Path) -> None:
    told: list[str] = []
    with socket.socket() as pages:
        pages.bind(("127.0.0.1", 0))
        supervisor = Supervisor(
            [], RunDir(tmp_path), listens=pages.getsockname(), on_listening=lambda: told.append("open it")
        )
        supervisor._announce()
        assert told == [], "who clicks now is refused"
        pages.listen()
        supervisor._announce()
        supervisor._announce()
    assert told == ["open it"]


def test_what_stands_apart_is_stopped_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each waits until it has seen the other being told to stop; one after the other they would be killed."""
    monkeypatch.setattr("runtime.supervisor.STOP_PATIENCE_S", 60.0)
    told = [tmp_path / "a", tmp_path / "b"]
    code = """
import signal, sys, time
from pathlib import Path
mine, other = map(Path, sys.argv[1:])
def stop(*_):
    Path(f"{mine}.told").touch()
    while not Path(f"{other}.told").exists(): time.sleep(0.01)
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
mine.touch()
while True: time.sleep(60)
"""
    children = [
        ChildSpec(f"c{n}", [sys.executable, "-c", code, str(told[n]), str(told[1 - n])], apart=True) for n in (0, 1)
    ]
    supervisor = Supervisor(children, RunDir(tmp_path))
    for child in children:
        supervisor._start(child)
    wait_for(lambda: all(file.exists() for file in told), 30)
    supervisor._stop_all()
    assert [child.process.returncode for child in children if child.process] == [0, 0]
