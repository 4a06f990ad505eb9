"""What must hold before a command is written: the device answers, it is not in local control, its interlocks are true;
and what shows its effect afterwards.

Looked at when a command is selected, when it is operated, and in every scan until it is written, on the live tags.
"""

from __future__ import annotations

from collections.abc import Iterable

from runtime.scan.control.operation import Operation, Phase
from runtime.scan.control.refusal import Refused
from runtime.scan.control.spec import CommandSpec, DeviceControls
from runtime.scan.logic import Expression, Frame
from tagdb import Quality, TagStore

__all__ = ["check_command", "check_device", "check_value", "shows_effect"]

#: the reasons of qualities in Russian, for sentences
_RU = {
    Quality.LAST_KNOWN: "последнее известное значение", Quality.INITIAL: "ещё не прочитано", Quality.STALE: "устарело",
    Quality.NOT_CONNECTED: "нет связи", Quality.OUT_OF_RANGE: "вне диапазона", Quality.NO_DATA: "нет данных",
    Quality.COMM_FAILURE: "сбой чтения", Quality.FAILURE: "ошибка правила",
}  # fmt: skip
#: values of ``comm_state`` in which commands are taken: online, and disturbed (it answers, with failed reads between)
_ANSWERING = (1.0, 2.0)


def check_device(device: DeviceControls, store: TagStore, frame: Frame) -> None:
    """The link is connected, the device answers, and it is not in local control. Raises Refused."""
    if store.quality[device.connected] != Quality.GOOD or not store.cell[device.connected]:
        raise Refused("link-down")
    if store.quality[device.comm_state] != Quality.GOOD or store.cell[device.comm_state] not in _ANSWERING:
        raise Refused("offline")
    if device.local is not None:
        _trusted(device.local, store)
        if device.local.evaluate(frame)[0]:
            raise Refused("local")


def check_command(spec: CommandSpec, store: TagStore, frame: Frame) -> None:
    """The interlocks are true and every tag they read can be trusted; so can those of the effect. Raises Refused."""
    for interlock in spec.interlocks:
        if interlock.expression is None:
            raise Refused("interlock-unreadable", message=interlock.message)
        _trusted(interlock.expression, store)
        value, _quality = interlock.expression.evaluate(frame)
        if value != value or not value:
            raise Refused("interlock", message=interlock.message)
    effect = spec.effect
    if effect is not None and effect.when is not None:
        _trusted(effect.when, store)
    if effect is not None and effect.follows >= 0:
        _good((effect.follows,), store)


def check_value(spec: CommandSpec, value: float | None) -> int:
    """The value as counts for the wire; 1 for a coil without a value. Raises Refused."""
    wanted = spec.value
    if wanted is None:
        if value is not None:
            raise Refused("no-value")
        return 1
    if value is None:
        raise Refused("value-needed")
    shown = f"{value:g}"
    if wanted.texts:
        if not float(value).is_integer() or int(value) not in wanted.texts:
            raise Refused("unknown-value", value=shown)
        return int(value)
    if not wanted.low <= value <= wanted.high:  # false for NaN, too
        limits = {"low": f"{wanted.low:g}", "high": f"{wanted.high:g}", "unit": wanted.unit}
        raise Refused("bad-value", value=shown, **limits)
    raw = round(value / wanted.scale)
    if abs(raw * wanted.scale - value) > 1e-6 * max(1.0, abs(value)):
        raise Refused("too-fine", value=shown, scale=f"{wanted.scale:g}")
    return raw


def shows_effect(operation: Operation, store: TagStore, frame: Frame) -> bool | None:
    """Whether the plant shows the effect; None where what was read after the write does not tell yet."""
    effect = operation.spec.effect
    if effect is None or operation.phase is not Phase.PROVING or operation.blind:
        return None
    slots = [one.slot for one in effect.when.inputs] if effect.when else [effect.follows]
    for slot in slots:
        if slot < 0 or store.quality[slot] != Quality.GOOD or store.seen(slot) <= operation.written_at:
            return None
    if effect.when is not None:
        return bool(effect.when.evaluate(frame)[0])
    return abs(float(store.cell[effect.follows]) - (operation.value or 0.0)) <= effect.tolerance


def _trusted(expression: Expression, store: TagStore) -> None:
    _good((one.slot for one in expression.inputs), store)


def _good(slots: Iterable[int], store: TagStore) -> None:
    for slot in slots:
        quality = Quality(int(store.quality[slot]))
        if quality is Quality.GOOD:
            continue
        tag = store.by_slot[slot]
        label = tag.label or {"en": tag.name, "ru": tag.name}
        if quality is Quality.FORCED:
            raise Refused("forced-input", tag=label)
        raise Refused("stale", tag=label, quality={"en": quality.reason, "ru": _RU.get(quality, quality.reason)})
