"""The run directory is ours alone, and a demo never shares it with a real plant."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tagdb import RunDir
from tagdb.rundir import AlreadyRunning
from tests.support.process import ended_with_test

ROOT = Path(__file__).parents[2]
#: takes a lock, says so and keeps it until it is killed, or told to go on
HOLDER = """
import sys
from pathlib import Path
from tagdb import RunDir
with RunDir(Path(sys.argv[1])).lock(sys.argv[2]):
    print("held", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def holder(folder: Path, name: str = "program") -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock."""
    command = [sys.executable, "-c", HOLDER, str(folder), name]
    started = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with ended_with_test(started) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_one_folder_per_configuration(tmp_path: Path) -> None:
    one, two = RunDir.for_config(tmp_path / "a.ini"), RunDir.for_config(tmp_path / "b.ini")
    assert one != two
    assert one == RunDir.for_config(tmp_path / "a.ini")
    assert one != RunDir.for_config(tmp_path / "a.ini", demo=True)


def test_a_folder_that_others_can_read_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir(mode=0o755)
    with pytest.raises(PermissionError, match="others may read it"):
        RunDir(folder).create()


def test_it_is_made_private(tmp_path: Path) -> None:
    RunDir(tmp_path / "run").create()
    assert (tmp_path / "run").stat().st_mode & 0o777 == 0o700


def test_a_lock_is_held_by_one_process_and_names_it(tmp_path: Path) -> None:
    run_dir = RunDir(tmp_path / "run")
    with holder(run_dir.folder) as other, pytest.raises(AlreadyRunning) as caught, run_dir.lock():
        pass
    assert str(caught.value) == f"already running for this ini (pid {other.pid})"


def test_the_kernel_takes_a_lock_back_from_a_killed_holder(tmp_path: Path) -> None:
    run_dir = RunDir(tmp_path / "run")
    with holder(run_dir.folder) as other:
        other.kill()
        other.wait(60)
        with run_dir.lock():
            assert (run_dir.folder / "program.lock").read_text() == f"{os.getpid()}\n"


def test_waiting_for_a_holder_on_its_way_out(tmp_path: Path) -> None:
    run_dir = RunDir(tmp_path / "run")
    with holder(run_dir.folder, "scan") as other:
        assert other.stdin is not None
        timer = threading.Timer(0.2, lambda: (other.stdin.write("\n"), other.stdin.flush()))
        timer.start()
        with run_dir.lock("scan", wait_s=60):
            assert other.wait(60) == 0
        timer.join()


def test_two_locks_of_one_configuration(tmp_path: Path) -> None:
    run_dir = RunDir(tmp_path / "run")
    with holder(run_dir.folder, "program"), run_dir.lock("scan"):
        assert {path.name for path in run_dir.folder.iterdir()} == {"program.lock", "scan.lock"}


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    run_dir = RunDir(tmp_path / "run")
    with run_dir.lock():
        for path in (run_dir.image, run_dir.accepted):
            path.touch()
        run_dir.clear()
    run_dir.remove()
    assert not run_dir.folder.exists()


def test_the_files_of_a_scan_that_still_runs_are_left_alone(tmp_path: Path) -> None:
    run_dir = RunDir(tmp_path / "run")
    with run_dir.lock(), holder(run_dir.folder, "scan"):
        run_dir.image.touch()
        run_dir.clear()
        assert run_dir.image.exists()


def test_a_lock_is_not_shared_by_many_at_once(tmp_path: Path) -> None:
    """Each holder removes file and folder at its end, under the hands of those who wait."""
    run_dir = RunDir(tmp_path / "run")
    inside, most, done = [0], [0], [0]
    guard = threading.Lock()

    def work() -> None:
        for _ in range(20):
            with run_dir.lock(wait_s=30):
                with guard:
                    inside[0] += 1
                    most[0] = max(most[0], inside[0])
                with guard:
                    inside[0] -= 1
                    done[0] += 1
            run_dir.remove()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (most[0], done[0]) == (1, 80)
