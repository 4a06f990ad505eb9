"""Every command of both maps, on both simulated controllers, over both kinds of links, with a fault at each step.

The table of outcomes is kept in ``golden/command_outcomes.csv``; what counts most is its last column: how often the
switching frame reached the controller, which is 0 or 1 and never 2.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from runtime.scan.control import CommandSpec
from runtime.simulator.breaker import Breaker, SwitchState
from runtime.simulator.controller import Controller
from runtime.simulator.engine import Engine
from runtime.simulator.generator import Generator
from runtime.simulator.genset import Genset
from runtime.simulator.hgm9520n import GensetController
from runtime.simulator.modes import Mode
from runtime.simulator.sequence import GensetState
from runtime.wire import LinkKind
from tests.support.wired import Wired

GOLDEN = Path(__file__).parent / "golden" / "command_outcomes.csv"
#: what is done to the one frame that switches, or (the last ones) to the controller
FAULTS = ("", "lost-echo", "refuse-write=2", "cut-echo", "wrong-echo", "late-echo=1", "refuse-write=4", "local")
#: values for commands that take one; the other one where the first is in force
VALUES = {"load_mode": (0, 2), "setpoint": (35.5, 44.0), "output": (1, 0)}


def arrange(wired: Wired, device: str, command: str) -> None:
    """Put the plant into a state in which the command is of use."""
    controller = wired.controller(device)
    tie = controller.site.tie  # type: ignore[attr-defined]
    if isinstance(controller, GensetController):
        genset = controller.genset
        genset.mode = Mode.AUTO if command == "manual" else Mode.MANUAL
        running = command not in ("start", "p_setpoint", "q_setpoint")
        genset.called = running
        genset.sequence.state = GensetState.RUNNING if running else GensetState.STANDBY
        revive(genset, running)
        tie.mode = Mode.MANUAL  # or it would close the mains by itself
        settle(genset.breaker, running and command != "gen_close")
        if command == "gen_close":
            genset.sequence.state = GensetState.WAITING_FOR_LOAD
        genset.alarms.reset()
        if command == "alarm_reset":
            genset.alarms.raise_alarm("warning_gas_leak")
    else:
        tie.mode = Mode.AUTO if command == "manual" else Mode.MANUAL
        tie.outputs = [False] * 6
        tie.alarms.reset()
        if command == "alarm_reset":
            tie.alarms.raise_alarm("warning_input_1")
        settle(tie.bus_breaker, command != "busbar_close")
        for genset in controller.site.gensets.values():  # type: ignore[attr-defined]
            genset.mode = Mode.AUTO
            still = command == "start"
            genset.called, genset.sequence.state = not still, GensetState.STANDBY if still else GensetState.RUNNING
            revive(genset, not still)
            settle(genset.breaker, not still)
    settle(tie.mains_breaker, command != "mains_close")
    controller.publish()


def revive(genset: Genset, running: bool) -> None:
    """Machine and generator as they are at work, or at rest."""
    genset.engine = Engine(genset.rng, running)
    genset.generator = Generator(genset.rng, 402.0 if running else 0.0)


def settle(breaker: Breaker, closed: bool) -> None:
    breaker.state, breaker.left_s = SwitchState.CLOSED if closed else SwitchState.OPEN, 0.0


async def outcome(wired: Wired, device: str, command: str, fault: str) -> list[str]:
    """Verdict, code and the count of switching frames."""
    spec = wired.room.devices[device].commands[command]
    values = next((pair for name, pair in VALUES.items() if name in command), (None, None))
    controller = wired.controller(device)
    wired.plant.fault(device, "clear")
    arrange(wired, device, command)
    await wired.until(lambda: possible(wired, device, command), 60.0, f"{device} {command} can be given")
    counted = controller.levels if spec.write.pulse is None and spec.write.coil else controller.pulses
    counted = counted if spec.write.coil else controller.writes
    before = counted[spec.write.address]
    value = values[values[0] is not None and in_force(controller, spec, values[0])]
    if fault:
        wired.plant.fault(device, fault)
    operation = wired.give(device, command, value)
    await wired.until(lambda: operation.over, 150.0, f"{device} {command} {fault} comes to an end")
    await wired.scan(2.0)  # whatever comes late must not be a second one
    reached = counted[spec.write.address] - before
    return [str(operation.verdict), operation.code, str(reached)]


def in_force(controller: Controller, spec: CommandSpec, value: float) -> bool:
    """Whether the controller has this value already, so that writing it would show nothing."""
    address = spec.write.address
    if spec.write.coil:
        return controller.read_coils(address, 1) == [bool(value)]
    if isinstance(controller, GensetController):
        percent = controller.genset.p_target_pct if address == 4368 else controller.genset.q_target_pct
        return percent == value
    return controller.bank.words[address] == round(value / (spec.value.scale if spec.value else 1.0))


def possible(wired: Wired, device: str, command: str) -> bool:
    spec = wired.room.devices[device].commands[command]
    return wired.room.possible(spec, None, wired.now) is None


def faults_of(spec: CommandSpec) -> tuple[str, ...]:
    """All of them, but for what is declared alike and for what means minutes of waiting for nothing."""
    if spec.name.startswith(("key_", "output_")) and spec.name not in ("key_up", "output_1"):
        return FAULTS[:2]
    waits = spec.effect is not None and spec.effect.within_s > 20.0
    return FAULTS[:-2] if waits and spec.name != "mains_open" else FAULTS


def table(kind: LinkKind, device: str) -> list[list[str]]:
    wired = Wired(kind)
    rows: list[list[str]] = []

    async def work() -> None:
        for command, spec in wired.room.devices[device].commands.items():
            for fault in faults_of(spec):
                rows.append([device, kind, command, fault, *await outcome(wired, device, command, fault)])

    wired.run(work)
    return rows


@pytest.mark.parametrize("kind", ["tcp", "rtu-tcp"])
@pytest.mark.parametrize("device", ["mkz.gpu1", "mkz.shpr"])
def test_every_command_with_a_fault_at_each_step(kind: LinkKind, device: str) -> None:
    rows = table(kind, device)
    assert {row[-1] for row in rows} <= {"0", "1"}, "no command may ever reach a controller twice"
    with GOLDEN.open(encoding="utf-8", newline="") as file:
        expected = [row for row in csv.reader(file) if row[:2] == [device, kind]]
    assert rows == expected


if __name__ == "__main__":
    with GOLDEN.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["device", "link", "command", "fault", "verdict", "code", "reached"])
        for one in ("mkz.gpu1", "mkz.shpr"):
            for link in ("tcp", "rtu-tcp"):
                writer.writerows(table(link, one))  # type: ignore[arg-type]
