"""First-out: what came first in a device's burst, and what is put under it."""

from dataclasses import replace

from runtime.scan.alarms import Priority
from tests.runtime.scan.alarms.plant import Plant


def burst(plant: Plant) -> dict[str, tuple[bool, str]]:
    """Alarm -> first-out, and the alarm it is put under."""
    found = {occurrence.id: occurrence for _, occurrence in plant.engine.open()}
    return {
        occurrence.key.removeprefix("mkz."): (
            occurrence.first_out,
            found[occurrence.group].key.removeprefix("mkz.") if occurrence.group else "",
        )
        for occurrence in found.values()
    }


def test_the_first_leads_for_two_seconds(running: Plant) -> None:
    running.poll(trip=1)
    running.scan()
    running.clock.now += 0.5
    running.poll(warn=1)
    running.scan(0.5)
    running.poll(unknown=1)
    running.scan(0.9)
    assert burst(running) == {
        "gpu1.trip": (True, ""),
        "gpu1.warn": (False, "gpu1.trip"),
        "gpu1.unknown": (False, "gpu1.trip"),
    }


def test_what_is_more_urgent_is_never_put_under_what_came_before_it(running: Plant) -> None:
    running.poll(warn=1)
    running.scan()
    running.poll(trip=1)
    running.scan(0.5)
    running.poll(stop=1)
    running.scan(0.5)
    running.poll(unknown=1)
    running.scan(0.5)
    assert burst(running) == {
        "gpu1.warn": (True, ""),
        "gpu1.trip": (False, ""),
        "gpu1.stop": (False, ""),
        "gpu1.unknown": (False, "gpu1.stop"),
    }


def test_what_the_same_reading_brings_has_no_known_order(running: Plant) -> None:
    running.poll(warn=1, trip=1)
    running.scan()
    assert burst(running) == {"gpu1.trip": (False, ""), "gpu1.warn": (False, "gpu1.trip")}
    touched = {occurrence.key for occurrence in running.engine.touched()}
    assert touched == {"mkz.gpu1.warn", "mkz.gpu1.trip"}


def test_two_blocks_of_one_poll_have_no_known_order(running: Plant) -> None:
    running.set(source_time=running.now.time + 0.3, trip=1)
    running.scan(0.4)
    assert burst(running) == {"gpu1.trip": (True, "")}
    running.set(source_time=running.now.time, warn=1)
    running.scan(0.1)
    assert burst(running) == {"gpu1.trip": (False, ""), "gpu1.warn": (False, "gpu1.trip")}


def test_what_stands_alone_is_put_under_nothing(running: Plant) -> None:
    running.definitions = [
        replace(row, priority=Priority.CRITICAL, alone=True) if row.key == "mkz.gpu1.warn" else row
        for row in running.definitions
    ]
    running.restart()
    running.online()
    running.poll(stop=1)
    running.scan()
    running.poll(warn=1, trip=1)
    running.scan(0.5)
    assert burst(running) == {"gpu1.stop": (True, ""), "gpu1.warn": (False, ""), "gpu1.trip": (False, "gpu1.stop")}


def test_of_two_as_urgent_the_one_that_stands_alone_leads(running: Plant) -> None:
    running.definitions = [
        replace(row, priority=Priority.CRITICAL, alone=True) if row.key == "mkz.gpu1.warn" else row
        for row in running.definitions
    ]
    running.restart()
    running.online()
    running.poll(stop=1, warn=1)
    running.scan()
    assert burst(running) == {"gpu1.warn": (False, ""), "gpu1.stop": (False, "gpu1.warn")}


def test_what_comes_later_under_an_open_alarm_stands_for_itself(running: Plant) -> None:
    running.set(stop=1)
    running.scan()
    running.set(trip=1)
    running.scan(5.0)
    running.set(warn=1)
    running.scan(0.5)
    assert burst(running) == {"gpu1.stop": (True, ""), "gpu1.trip": (False, ""), "gpu1.warn": (False, "")}


def test_a_standing_warning_does_not_hide_the_first_of_a_shutdown(running: Plant) -> None:
    running.poll(warn=1)
    running.scan()
    running.poll(trip=1)
    running.scan(3600.0)
    running.poll(stop=1)
    running.scan(1.0)
    assert burst(running)["gpu1.trip"] == (True, "")
    assert burst(running)["gpu1.stop"] == (False, ""), "more urgent than what came first: in sight by itself"


def test_within_one_scan_the_most_urgent_comes_first(running: Plant) -> None:
    read = running.now.time
    running.set(source_time=read + 0.2, stop=1)
    running.set(source_time=read + 0.1, warn=1, trip=1)
    running.scan()
    assert [step.key for step in running.log] == ["mkz.gpu1.stop", "mkz.gpu1.trip", "mkz.gpu1.warn"]
    assert not any(first for first, _ in burst(running).values())


def test_devices_have_bursts_of_their_own(running: Plant) -> None:
    running.set(stop=1, service=1)
    running.write({"mkz.gpu2.stop": 1})
    running.scan()
    assert burst(running) == {"gpu1.stop": (True, ""), "gpu2.stop": (True, ""), "gpu1.service": (False, "")}


def test_a_new_burst_after_everything_returned(running: Plant) -> None:
    running.set(stop=1)
    running.scan()
    running.set(stop=0)
    running.scan(10.0)
    running.set(trip=1)
    running.scan()
    assert burst(running)["gpu1.trip"] == (True, "")


def test_the_window_runs_on_the_monotonic_clock(running: Plant) -> None:
    running.set(stop=1)
    running.scan()
    running.clock.wall_offset -= 86400.0
    running.set(trip=1)
    running.scan(1.0)
    assert burst(running)["gpu1.trip"] == (False, "gpu1.stop")


def test_raised_again_it_belongs_to_the_burst_of_now(running: Plant) -> None:
    running.poll(stop=1)
    running.scan()
    running.poll(stop=0)
    running.scan()
    running.poll(trip=1)
    running.scan(3600.0)
    running.poll(stop=1)
    running.scan()
    assert burst(running) == {"gpu1.trip": (True, ""), "gpu1.stop": (False, "")}
    running.poll(warn=1)
    running.scan()
    assert burst(running)["gpu1.warn"] == (False, "gpu1.stop")
