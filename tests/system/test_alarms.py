"""Alarms from the simulated controllers' bits to the list and the journal, over a kill and a restart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime.settings import load_settings
from tagdb import Channel, ChannelError
from tagdb.audit import reading
from tagdb.history import History, JournalFilter, open_history
from tests.support.demo import LivePlant, demo_ini, live_plant
from tests.support.running import Running, running_program, wait_until

KEY = "mkz.gpu2.shutdown_overspeed"


@pytest.fixture
def ini(tmp_path: Path) -> Path:
    return demo_ini(tmp_path, **{"map = hgm9520n": "map = hgm9520n\nperiods = fast:0.3 slow:1 alarms:0.3"})


@pytest.fixture
def plant(ini: Path) -> Iterator[LivePlant]:
    with live_plant(ini, moving=False) as plant:
        yield plant


def channel(running: Running) -> Channel:
    return Channel(running.run_dir.channel)


def actor(running: Running, role: str = "operator") -> dict[str, Any]:
    """Somebody who has taken this role of the demo, as the pages hand it over."""
    assert running.program
    sessions = running.program.accounts.sessions
    begun = sessions.begin_screen("screen", "127.0.0.1") if role == "viewer" else sessions.begin(role, "127.0.0.1")
    return begun[1].actor.to_json()


def forged() -> dict[str, Any]:
    return {"name": "mallory", "role": "administrator", "sites": ["*"], "origin": "cli", "session": "session:guess"}


def alarms(running: Running) -> dict[str, dict[str, Any]]:
    return {row["key"]: row for row in channel(running).call("alarms")["alarms"]}


def events(history: History, key: str) -> list[str]:
    """Of one alarm, oldest first."""
    return [entry.event.event for entry in history.journal(JournalFilter(key=key))][::-1]


def test_an_alarm_is_raised_acknowledged_and_returns(ini: Path, plant: LivePlant, tmp_path: Path) -> None:
    url = load_settings(ini).history.url
    with running_program(ini, tmp_path / "run") as running:
        running.wait_for("mkz.gpu2.comm_state", 1)
        running.wait_for(KEY, False)
        plant.fault("mkz.gpu2", "alarm=shutdown_overspeed")
        wait_until(lambda: KEY in alarms(running), "the alarm in the list")
        row = alarms(running)[KEY]
        assert (row["state"], row["priority"], row["first_out"]) == ("unacknowledged", 1, True)
        assert row["label"]["ru"] == "Превышение оборотов"
        assert "mkz.gpu2.engine_speed" in row["snapshot"]
        # a loaded machine has an overrun or two, which are alarms themselves
        wait_until(lambda: int(running.value("scada.alarms.unacknowledged") or 0) >= 1, "the alarm in the counts")
        order = {"items": [row["id"]], "actor": actor(running), "comment": "вижу"}
        assert channel(running).call("acknowledge", **order)["outcomes"][0]["verdict"] == "done"
        assert channel(running).call("acknowledge", **order)["outcomes"][0]["verdict"] == "already", "executed once"
        assert alarms(running)[KEY]["state"] == "acknowledged"
        plant.fault("mkz.gpu2", "clear")
        wait_until(lambda: KEY not in alarms(running), "it has returned and was seen: it is over")
        for who, code in ((actor(running, "viewer"), "not-allowed"), ({}, "bad-actor"), (forged(), "no-session")):
            with pytest.raises(ChannelError) as refused:
                channel(running).call("acknowledge", items=[row["id"]], actor=who)
            assert refused.value.code == code
        assert running.program
        assert running.program.audit.flush(20)
    history = open_history(url, read_only=True)
    assert events(history, KEY) == ["raise", "acknowledge", "return"]
    record = history.alarm(row["id"])
    assert record is not None
    assert (record.who, record.comment, record.state) == ("operator", "вижу", "normal")
    assert record.cleared_at is not None
    with reading(load_settings(ini).accounts.audit) as book:
        lines = [line for line in book.all_lines() if line.action == "alarm.acknowledge"]
    assert [(line.who, line.result, line.target) for line in lines] == [
        ("operator", "done", KEY), ("operator", "done", KEY), ("screen", "refused", ""), ("", "refused", ""),
        ("mallory", "refused", ""),
    ]  # fmt: skip
    runtime = history.journal(JournalFilter(category=("runtime",)))
    assert [entry.event.event for entry in runtime if entry.event.event != "heartbeat"] == ["stop", "start"]


def test_an_open_alarm_survives_a_restart_with_nothing_lost_or_doubled(
    ini: Path, plant: LivePlant, tmp_path: Path
) -> None:
    url = load_settings(ini).history.url
    with running_program(ini, tmp_path / "run") as running:
        running.wait_for(KEY, False)
        plant.fault("mkz.gpu2", "alarm=shutdown_overspeed")
        wait_until(lambda: KEY in alarms(running), "the alarm in the list")
        before, who = alarms(running)[KEY], actor(running)
        channel(running).call("acknowledge", items=[before["id"]], actor=who, comment="")
        channel(running).call("shelve", key="mkz.gpu1.warning_gas_leak", seconds=3600, reason="датчик", actor=who)
    with running_program(ini, tmp_path / "run") as running:
        running.wait_for(KEY, True)
        after = alarms(running)[KEY]
        assert (after["id"], after["raised_at"], after["state"]) == (before["id"], before["raised_at"], "acknowledged")
        shelves = channel(running).call("alarms")["shelves"]
        assert [(shelf["key"], shelf["reason"]) for shelf in shelves] == [("mkz.gpu1.warning_gas_leak", "датчик")]
    assert events(open_history(url, read_only=True), KEY) == ["raise", "acknowledge"]


def test_a_lost_device_is_an_alarm_and_the_totals_of_its_site_say_so(
    ini: Path, plant: LivePlant, tmp_path: Path
) -> None:
    with running_program(ini, tmp_path / "run") as running:
        running.wait_for("yakz.gpu1.comm_state", 1)
        plant.fault("yakz.gpu1", "offline")
        wait_until(lambda: "yakz.gpu1.comm_state" in alarms(running), "connection lost in the list", 30)
        assert alarms(running)["yakz.gpu1.comm_state"]["label"]["en"] == "Connection lost"
