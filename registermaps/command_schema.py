"""The keys of ``commands:`` in a register map, one row each; part of the table in ``schema``."""

from __future__ import annotations

from registermaps.command import CommandKind, Danger
from registermaps.scalars import Choice, Duration, Flag, ListOf, Number, Range, Text, Whole
from registermaps.shape import Key, Names, Record, Table

__all__ = ["COMMANDS"]

_NAME = Text("a name in lower-case letters, digits and '_'", pattern=r"[a-z][a-z0-9_]*")
_EN = Key("en", Text("English text"), "Text in English.", required=True)
_RU = Key("ru", Text("Russian text"), "Text in Russian.", required=True)

_PULSE = Record(
    (
        Key("lead", Duration(), "From the first OFF to ON.", default=0.1, default_text="`100ms`"),
        Key("on", Duration(), "From ON to the last OFF.", default=0.6, default_text="`600ms`"),
    ),
    "{lead: ..., on: ...}",
)

_CONDITION = Record(
    (
        Key("require", Text("an expression"), "Expression over the device's tags that must be true.", required=True),
        _EN,
        _RU,
    ),
    "the keys of an interlock",
)

_EFFECT = Record(
    (
        Key("when", Text("an expression"), "Expression over the device's tags that becomes true."),
        Key("follows", _NAME, "Or the point that takes the written value."),
        Key("within", Duration(), "Time after the write within which it must show.", required=True),
        Key("hint", Record((_EN, _RU), "both texts, {en: ..., ru: ...}"), "What to look at where it does not show."),
    ),
    "the keys of an effect",
)

COMMAND = Record(
    (
        _EN,
        _RU,
        Key("kind", Choice([kind.value for kind in CommandKind]), "What it is about: its heading in the panel.",
            required=True),
        Key("danger", Choice([level.value for level in Danger]), "How much harm it can do.", default="medium"),
        Key("hold", Duration(), "How long the button must be held to give it.",
            default_text="by `danger`: 600ms, 1200ms, 2s"),
        Key("coil", Whole(0, 65535), "Coil it writes by function 05, counted from 0."),
        Key("register", Whole(0, 65535), "Or the holding register it writes by function 06, counted from 0."),
        Key("pulse", _PULSE, "Timing of OFF, ON, OFF; a coil without this key is written ON once."),
        Key("toggle", Flag(), "true: each ON turns the thing over. Written once, and never again before its effect is "
            "known.", default=False),
        Key("level", Flag(), "true: the coil keeps its state; the command takes 0 or 1.", default=False),
        Key("unit", Text(empty=True), "Unit of the value.", default=""),
        Key("scale", Number("positive"), "Value of one count, in units.", default=1.0),
        Key("range", Range(), "Values that may be written, in units; required for a register without `enum`."),
        Key("enum", _NAME, "The values that may be written, one of `enums:`."),
        Key("read_back", Flag(), "false: what is written cannot be read.", default_text="true for registers"),
        Key("settle", Duration(), "Wait before it is read back, 300ms or more.", default=0.3, default_text="`300ms`"),
        Key("interlocks", ListOf(_CONDITION, "a list of {require: ..., en: ..., ru: ...}"),
            "What must be true at select and again at operate.", default=[]),
        Key("effect", _EFFECT, "How the plant shows that it worked."),
        Key("confirmed", Flag(), "false: worked out, never seen on a controller; then it is off unless enabled.",
            default=True),
        Key("enabled", Flag(), "false: offered only where a device's section in scada.ini enables it.",
            default_text="as `confirmed`"),
        Key("note", Text(), "A remark shown beside the command.", default=""),
    ),
    "the keys of a command",
)  # fmt: skip

COMMANDS = Table(Names("command"), COMMAND)
