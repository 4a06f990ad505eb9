"""Commands of the maps bound to the tags of each device: interlocks and effects become expressions with slots.

Part of putting the program together; pure. A name that exists nowhere is a fault with the place in the map; a point
that a device has switched off makes the command that needs it unavailable there, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping

from registermaps import Command, ConfigError, Fault, RegisterMap, UnknownPoints, select_commands
from runtime.rules import Plant, ScopeNames
from runtime.scan.control import CommandSpec, DeviceControls, EffectSpec, Interlock, ValueSpec, WriteSpec
from runtime.scan.logic import Expression, ExpressionError, parse
from runtime.settings import DeviceSettings, LinkSettings, Settings
from tagdb import Words

__all__ = ["bind_controls"]

#: how far a tag that follows a value may be off: half a count of rounding in the controller, and half a count here
_TOLERANCE_COUNTS = 1.0
_UNSEEN = {"en": "its effect cannot be seen", "ru": "результат не будет виден"}


def bind_controls(
    settings: Settings, maps: Mapping[str, RegisterMap], plant: Plant, slots: Mapping[str, int]
) -> dict[str, DeviceControls]:
    """Device -> its commands. Raises ConfigError with the faults of all maps and devices."""
    faults: list[Fault] = []
    controls = {
        device.name: _Device(device, settings, maps[device.map], plant, slots, faults).controls()
        for device in settings.devices.values()
    }
    if faults:
        raise ConfigError(dict.fromkeys(faults))
    return controls


class _Device:
    """Binds the commands of one device."""

    def __init__(
        self,
        device: DeviceSettings,
        settings: Settings,
        map_: RegisterMap,
        plant: Plant,
        slots: Mapping[str, int],
        faults: list[Fault],
    ) -> None:
        self._device = device
        self._ini = settings.file
        self._link = settings.links[device.link]
        self._map = map_
        self._plant = plant
        self._slots = slots
        self._faults = faults
        self._names = ScopeNames(plant, device.name, map_.name)

    def controls(self) -> DeviceControls:
        """All of it; faults are noted."""
        device = self._device
        try:
            chosen = select_commands(self._map, device.enable_commands, device.disable_commands)
        except UnknownPoints as error:
            chosen = ()
            for message in error.messages:
                self._fault(self._ini, device.ini_line, 0, message)
        return DeviceControls(
            device=device.name,
            site=device.site,
            comm_state=self._slots[f"{device.name}.comm_state"],
            connected=self._slots[f"links.{device.link}.connected"],
            local=self._local(),
            commands={command.name: self._command(command) for command in chosen},
            place=f"{self._link.address} unit {device.unit}",
        )

    def _local(self) -> Expression | None:
        """The local-mode switch of the site. One that cannot be read must not pass for "not local"."""
        if not self._device.local:
            return None
        try:
            return parse(self._device.local).bind(self._names)
        except ExpressionError as error:
            for problem in error.problems:
                message = f"key 'local': column {problem.column}: {problem.message}"
                self._fault(self._ini, self._device.ini_line, 0, message)
            return None

    def _command(self, command: Command) -> CommandSpec:
        device = self._device
        effect = self._effect(command)
        interlocks = [
            Interlock(
                self._bind(command, one.require, one.line, one.column), {"en": one.message.en, "ru": one.message.ru}
            )
            for one in command.interlocks
        ]
        if command.toggle and effect is None:
            interlocks.append(Interlock(None, _UNSEEN))
        shows = f"{device.name}.{command.shows}"
        return CommandSpec(
            key=f"{device.name}.{command.name}",
            device=device.name,
            site=device.site,
            name=command.name,
            label={"en": command.label.en, "ru": command.label.ru},
            kind=str(command.kind),
            danger=str(command.danger),
            hold_s=command.hold_s,
            write=_write(command, device, self._link),
            toggle=command.toggle,
            value=self._value(command),
            interlocks=tuple(interlocks),
            effect=effect,
            shows=shows if command.shows and shows in self._slots else "",
            note=command.note,
            confirmed=command.confirmed,
        )

    def _value(self, command: Command) -> ValueSpec | None:
        if not command.has_value:
            return None
        texts: dict[int, Words] = {}
        if command.enum:
            texts = {number: {"en": t.en, "ru": t.ru} for number, t in self._map.enums[command.enum].items()}
        elif command.level:
            texts = {0: {"en": "Off", "ru": "Откл"}, 1: {"en": "On", "ru": "Вкл"}}
        return ValueSpec(
            command.low or 0.0, command.high or 0.0, command.scale, command.decimals, command.unit, texts
        )

    def _effect(self, command: Command) -> EffectSpec | None:
        effect = command.effect
        if effect is None:
            return None
        hint = {"en": effect.hint.en, "ru": effect.hint.ru} if effect.hint else {}
        if effect.follows:
            slot = self._slots.get(f"{self._device.name}.{effect.follows}")
            tolerance = _TOLERANCE_COUNTS * command.scale + 1e-9
            return None if slot is None else EffectSpec(effect.within_s, None, slot, tolerance, hint)
        when = self._bind(command, effect.when, effect.line, effect.column)
        if when is None:
            return None
        own = [one.name for one in when.inputs if "address" in self._plant.tags[one.name].origin]
        if len(own) != len(when.inputs):
            message = "when: an effect must be shown by points of the controller itself, read after the write"
            self._fault(self._map.file, effect.line, effect.column, message, f"command '{command.name}'")
        return EffectSpec(effect.within_s, when, -1, 0.0, hint)

    def _bind(self, command: Command, text: str, line: int, column: int) -> Expression | None:
        """None where a point it needs is switched off on this device, or after noting a fault."""
        try:
            parsed = parse(text)
            off = [name for name in parsed.names if self._names.find(name) is None and self._names.absent(name)]
            if off:
                return None
            return parsed.bind(self._names)
        except ExpressionError as error:
            for problem in error.problems:
                message = f"column {problem.column} of '{text}': {problem.message}"
                self._fault(self._map.file, line, column, message, f"command '{command.name}'")
            return None

    def _fault(self, file: str, line: int, column: int, message: str, path: str = "") -> None:
        self._faults.append(Fault(file, line, column, path or f"section [device {self._device.name}]", message))


def _write(command: Command, device: DeviceSettings, link: LinkSettings) -> WriteSpec:
    return WriteSpec(
        link=device.link,
        unit=device.unit,
        coil=command.coil,
        address=command.address,
        pulse=(command.pulse.lead_s, command.pulse.on_s) if command.pulse else None,
        read_back=command.read_back,
        settle_s=command.settle_s,
        timeout_s=device.timeout_s if device.timeout_s is not None else link.timeout_s,
    )
