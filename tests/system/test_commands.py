"""Commands from the channel to the simulated controllers and back, over Modbus TCP and a converter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime.scan import wall_time
from runtime.settings import load_settings
from tagdb import Channel, ChannelError, Quality
from tagdb.audit import AuditEntry, AuditTrail
from tagdb.history import JournalFilter, open_history
from tests.support.demo import LivePlant, demo_ini, live_plant
from tests.support.running import Running, running_program, wait_until
from tests.support.somebody import Somebody


@pytest.fixture
def ini(tmp_path: Path) -> Path:
    quick = {
        "map = hgm9520n": "map = hgm9520n\nperiods = fast:0.2 slow:0.5 alarms:0.2",
        "map = hgm9560": "map = hgm9560\nperiods = fast:0.2 slow:0.5 alarms:0.2",
        "line = 9600-8N2": "line = 115200-8N2",
        "speed = 1": "speed = 5",
    }
    return demo_ini(tmp_path, **quick)


@pytest.fixture
def plant(ini: Path) -> Iterator[LivePlant]:
    with live_plant(ini) as plant:
        plant.fault("mkz", "quiet")
        yield plant


class Operator(Somebody):
    """Who gives commands."""

    def refusal(self, verb: str, **args: Any) -> str:
        with pytest.raises(ChannelError) as caught:
            self.call(verb, **args)
        return caught.value.code

    def give(self, device: str, command: str, **value: float) -> dict[str, Any]:
        """Select, operate, wait for the verdict."""
        selected = self.call("select", device=device, command=command, **value)
        began = self.call("operate", device=device, command=command, token=selected["token"], **value)
        return self.outcome(device, began["id"])

    def outcome(self, device: str, number: int) -> dict[str, Any]:
        told: list[dict[str, Any]] = []

        def over() -> bool:
            told[:] = [self.channel.call("command-status", device=device, id=number)]
            return bool(told[0]["verdict"] != "under-way")

        wait_until(over, f"an outcome of command {number} at {device}", 60)
        return told[0]


def test_a_command_over_each_link(ini: Path, plant: LivePlant, tmp_path: Path) -> None:
    with running_program(ini, tmp_path / "run") as running:
        running.wait_for("mkz.gpu1.mode_auto", True)
        running.wait_for("mkz.shpr.mode_auto", True)
        somebody = Operator(running)
        told = somebody.give("mkz.gpu1", "manual")
        assert (told["verdict"], told["code"]) == ("done", "effective")
        assert told["stages"] == [
            {"stage": "accepted", "proof": "done"}, {"stage": "stored", "proof": "none"},
            {"stage": "effective", "proof": "done"},
        ]  # fmt: skip
        running.wait_for("mkz.gpu1.mode_manual", True)
        told = somebody.give("mkz.shpr", "load_p_setpoint", value=33.5)
        assert (told["verdict"], told["code"], told["new"]) == ("done", "stored", "33.5 %")
        running.wait_for("mkz.shpr.load_p_setpoint", 33.5)
        controllers = plant.plant.controllers
        assert plant.call(lambda: controllers["mkz.gpu1"].pulses[4]) == 1
        assert plant.call(lambda: controllers["mkz.shpr"].writes[4352]) == 1
        running.wait_for("mkz.gpu1.control_command", "manual: done (effective), operator")
        assert somebody.refusal("select", device="mkz.gpu1", command="manual") == "interlock"
    events = open_history(load_settings(ini).history.url, read_only=True).journal(JournalFilter(category=("command",)))
    assert [entry.event.event for entry in events][::-1] == ["command.operate", "command.outcome"] * 2


def test_a_session_that_has_ended_gives_no_command(ini: Path, plant: LivePlant, tmp_path: Path) -> None:
    with running_program(ini, tmp_path / "run") as running:
        running.wait_for("mkz.gpu1.mode_auto", True)
        somebody, engineer = Operator(running), Operator(running, "engineer")
        token = somebody.call("select", device="mkz.gpu1", command="stop")["token"]
        assert engineer.refusal("select", device="mkz.gpu1", command="stop") == "held"
        somebody.accounts.sessions.end(somebody.actor.session.partition(":")[2], "revoked")
        assert somebody.refusal("operate", device="mkz.gpu1", command="stop", token=token) == "session-ended"
        forged = somebody.actor.to_json() | {"session": engineer.actor.session}
        with pytest.raises(ChannelError) as caught:  # the token is bound to who selected
            somebody.channel.call("operate", device="mkz.gpu1", command="stop", token=token, actor=forged)
        assert caught.value.code == "token-foreign"
        assert plant.call(lambda: plant.plant.controllers["mkz.gpu1"].pulses[1]) == 0


def test_locks_survive_a_restart_and_forces_do_not(ini: Path, plant: LivePlant, tmp_path: Path) -> None:
    with running_program(ini, tmp_path / "run") as running:
        running.wait_for("mkz.gpu1.mode_auto", True)
        running.wait_for("yakz.gpu1.mode_auto", True)
        somebody, engineer = Operator(running), Operator(running, "engineer")
        assert somebody.call("tag-out", device="mkz.gpu1", reason="масло")["retained"] is True
        order = {"tag": "yakz.gpu1.coolant_temp", "value": 99.0, "seconds": 60, "reason": "x"}
        assert somebody.refusal("force", **order) == "not-allowed"
        forced = engineer.call("force", tag="yakz.gpu1.coolant_temp", value=99.0, seconds=600, reason="проверка")
        assert forced["retained"] is True
        running.wait_for("yakz.gpu1.coolant_temp", Quality.FORCED)
        assert running.value("yakz.gpu1.coolant_temp") == 99.0
        running.wait_for("scada.control.forced", 1)
        engineer.call("force", tag="yakz.gpu1.mode_manual", value=1, seconds=600, reason="проверка")
        assert engineer.refusal("select", device="yakz.gpu1", command="gen_open") == "forced-input"
        engineer.call("release-force", tag="yakz.gpu1.mode_manual")
        running.wait_for("yakz.gpu1.mode_manual", False)
        assert engineer.refusal("force", tag="scada.scan.count", value=1, seconds=60, reason="x") == "not-forcible"
    leave_open(ini, "mkz.gpu2")
    with running_program(ini, tmp_path / "run") as running:
        running.wait_for("mkz.gpu1.mode_auto", True)
        running.wait_for("mkz.gpu1.tag_out", "operator: масло")
        running.wait_for("mkz.gpu2.control_unknown", 1)
        running.wait_for("mkz.gpu2.control_command", "start: unknown (restarted), operator")
        running.wait_for("scada.control.forces_dropped", 1)
        running.wait_for("yakz.gpu1.coolant_temp", Quality.GOOD)
        other = Operator(running, "engineer")
        assert other.refusal("select", device="mkz.gpu1", command="stop") == "tagged-out"
        assert other.refusal("tag-in", device="mkz.gpu1") == "not-yours"
        Operator(running, "administrator").call("tag-in", device="mkz.gpu1")
        running.wait_for("mkz.gpu1.tagged_out", False)

        def raised() -> bool:
            keys = {row["key"] for row in running_channel(running).call("alarms")["alarms"]}
            return {"scada.control.forces_dropped", "mkz.gpu2.control_unknown"} <= keys

        wait_until(raised, "alarms for the dropped force, and for the command that the restart left open")
    history = open_history(load_settings(ini).history.url, read_only=True)
    events = [(e.event.event, e.event.key) for e in history.journal(JournalFilter(category=("command",)))][::-1]
    before, after = events[:4], events[4:]
    assert before == [
        ("tag-out", "mkz.gpu1"), ("force", "yakz.gpu1.coolant_temp"), ("force", "yakz.gpu1.mode_manual"),
        ("release", "yakz.gpu1.mode_manual"),
    ]  # fmt: skip
    assert sorted(after[:2]) == [("command.outcome", "mkz.gpu2"), ("release", "yakz.gpu1.coolant_temp")]
    assert after[2:] == [("tag-in", "mkz.gpu1")]


def test_real_links_with_a_lost_answer_and_a_cut_connection(ini: Path, plant: LivePlant, tmp_path: Path) -> None:
    with running_program(ini, tmp_path / "run") as running:
        running.wait_for("yakz.gpu2.mode_auto", True)
        running.wait_for("yakz.shpr.mode_auto", True)
        somebody = Operator(running)
        plant.fault("yakz.gpu2", "cut-echo")
        told = somebody.give("yakz.gpu2", "manual")
        assert (told["verdict"], told["code"]) == ("done", "effective-echo-lost")
        plant.fault("yakz.shpr", "lost-echo")
        told = somebody.give("yakz.shpr", "load_q_setpoint", value=12.5)
        assert (told["verdict"], told["code"]) == ("done", "stored-echo-lost")
        plant.fault("yakz.shpr", "old-firmware")
        told = somebody.give("yakz.shpr", "load_q_setpoint", value=55.0)
        assert (told["verdict"], told["code"]) == ("failed", "not-stored")
        assert "12.5 %" in told["reason"]["en"]
        controllers = plant.plant.controllers
        assert plant.call(lambda: controllers["yakz.gpu2"].pulses[4]) == 1
        assert plant.call(lambda: controllers["yakz.shpr"].writes[4354]) == 2


def leave_open(ini: Path, device: str) -> None:
    """As if the program had ended between the frame and its answer."""
    trail = AuditTrail(load_settings(ini).accounts.audit, "tests")
    trail.note(
        AuditEntry(
            wall_time(), "operator", "operator", "127.0.0.1", "session:1", "command.operate", "mkz", device,
            detail={"command": "start", "number": 4711},
        )
    )  # fmt: skip
    trail.stop(30.0)


def running_channel(running: Running) -> Channel:
    return Channel(running.run_dir.channel)
