"""The keys of a register map, one row each: validation, messages, JSON Schema and the reference all come from here."""

from __future__ import annotations

from registermaps.command_schema import COMMANDS
from registermaps.model import PointType
from registermaps.scalars import Choice, Duration, Flag, ListOf, Markers, Number, Range, Span, Text, Whole
from registermaps.shape import Key, Names, Record, Table
from registermaps.views_schema import REPORT, TRENDS

__all__ = ["ALARM_ROW", "CLOCK_PARTS", "MAP", "POINT"]

_ADDRESS = Whole(0, 65535)
_NAME = Text("a name in lower-case letters, digits and '_'", pattern=r"[a-z][a-z0-9_]*")
_EN = Key("en", Text("English text"), "Text in English.", required=True)
_RU = Key("ru", Text("Russian text"), "Text in Russian.", required=True)

LABEL = Record((_EN, _RU), "both texts, {en: ..., ru: ...}")

#: in `points:` a row each, in `flags:` and alarm layouts a row for each bit
_STATE = (
    Key("confirmed", Flag(), "false: worked out, never seen on a controller; then it is off unless enabled.",
        default=True),
    Key("enabled", Flag(), "false: read only where a device's section in scada.ini enables it.",
        default_text="as `confirmed`"),
    Key("note", Text(), "A remark shown on the page of the tag.", default=""),
)  # fmt: skip

_PRIORITIES = ("critical", "high", "medium", "low")
_URGENCY = (
    Key("priority", Choice(_PRIORITIES), "At least this urgent, whatever the class.", default_text="as the class says"),
    Key("alone", Flag(), "true: never shown under another alarm, as if it followed from it.", default=False),
)

ALARM_ROW = Record(
    (
        Key("class", _NAME, "The alarm class, one of `alarms: classes:`.", required=True),
        Key("code", Text(), "The controller's own code of the alarm.", required=True),
        *_URGENCY,
    )
)

POINT = Record(
    (
        Key("at", _ADDRESS, "Protocol address, counted from 0, as it goes on the wire.", required=True),
        Key("type", Choice([kind.value for kind in PointType]), "How the words are read.", default="u16"),
        _EN,
        _RU,
        Key("group", _NAME, "Heading it stands under in the UI, one of `groups:`.", required=True),
        Key("poll", _NAME, "Poll class, one of `polls:`.", default_text="the first of `polls:`"),
        Key("function", Choice([1, 2, 3, 4]), "1 coils, 2 discrete inputs, 3 holding, 4 input registers.",
            default_text="`function` of the map"),
        Key("unit", Text(empty=True), "Unit as shown: V, kW, °C.", default=""),
        Key("scale", Number("nonzero"), "Value of one count, in units.", default=1.0),
        Key("offset", Number(), "Added after scaling, in units.", default=0.0),
        Key("range", Range(), "Valid values in units; outside them the quality is bad, out of range."),
        Key("wrap", Number("positive"), "Period of a value that wraps: taken off above the range (359.8 → -0.2)."),
        Key("no_data", Markers(), "Raw values that mean there is no sensor; false for none.",
            default_text="`no_data` of the map for this type"),
        Key("deadband", Number("natural"), "Smallest change, in units, that history keeps.", default=0.0),
        Key("compression", Choice(["deadband", "swinging-door"]),
            "How history keeps it: steps, or straight lines that pass every reading within the deadband.",
            default="deadband"),
        Key("decimals", Whole(0, 9), "Digits after the point, for display.", default_text="those of `scale`"),
        Key("enum", _NAME, "The texts of type enum (or bits), one of `enums:`."),
        Key("bit", Whole(0, 15), "The lowest bit of types bit and bits; 0 is the least significant.",
            default_text="required for bit and bits in registers"),
        Key("width", Whole(1, 16), "How many bits, for type bits.", default=1),
        Key("words", Whole(1, 125), "How many registers, for types bcd and ascii.", default=1),
        Key("order", Choice(["high", "low"]), "Which word of a 32- or 64-bit value comes first.",
            default_text="`words: order:` of the map"),
        Key("bytes", Choice(["big", "little"]), "Byte order within a register.",
            default_text="`words: bytes:` of the map"),
        Key("hex", Flag(), "Show as a hexadecimal word.", default=False),
        Key("view", Flag(), "true: another view of words that other points read too.", default=False),
        Key("alarm", ALARM_ROW, "Makes a bit an alarm."),
        *_STATE,
    ),
    "the keys of a point",
)  # fmt: skip

_FLAG = Record(
    (
        Key("name", _NAME, "Name of the point.", required=True),
        _EN,
        _RU,
        Key("alarm", ALARM_ROW, "Makes the flag an alarm."),
        *_STATE,
    ),
    "the keys of a flag",
)

_FLAG_WORD = Record(
    (
        Key("group", _NAME, "Heading of these flags in the UI, one of `groups:`.", required=True),
        Key("poll", _NAME, "Poll class, one of `polls:`.", default_text="the first of `polls:`"),
        Key("function", Choice([3, 4]), "3 holding, 4 input registers.", default_text="`function` of the map"),
        Key("bits", Table(Names("bit", (0, 15)), _FLAG, may_be_empty=False), "Bit → flag.", required=True),
    ),
    "the keys of a flag word",
)

_CAUSE = Record(
    (
        Key("name", _NAME, "Cause; the point is named `<class>_<name>`.", required=True),
        _EN,
        _RU,
        *_STATE,
        *_URGENCY,
    ),
    "the keys of an alarm cause",
)
_CAUSES = Table(Names("bit", (0, 15)), _CAUSE)

_ALARM_CLASS = Record(
    (
        Key("code", Text("capital letters", pattern=r"[A-Z]+"), "Letters its codes begin with.", required=True),
        _EN,
        _RU,
        Key("meaning", LABEL, "What the controller does about such an alarm."),
    ),
    "the keys of an alarm class",
)

_ALARM_WORDS = Record(
    (
        Key("class", _NAME, "Class of every alarm in these words, one of `classes:`.", required=True),
        Key("group", _NAME, "Heading of these alarms in the UI, one of `groups:`.", required=True),
        Key("count", Whole(1, 256), "How many words.", default=1),
        Key("layout", _NAME, "Where the causes are: one of `layouts:`."),
        Key("bits", _CAUSES, "Or the causes themselves, for a single word: bit → cause."),
        Key("poll", _NAME, "Poll class, one of `polls:`.", default_text="`poll` of `alarms:`"),
        Key("confirmed", Flag(), "false: nobody has seen these words at work; their causes are off unless enabled.",
            default=True),
    ),
    "the keys of alarm words",
)  # fmt: skip

_ALARMS = Record(
    (
        Key("poll", _NAME, "Poll class of the alarm words, one of `polls:`.", required=True),
        Key("function", Choice([3, 4]), "3 holding, 4 input registers.", default_text="`function` of the map"),
        Key("number", Choice(["offset", "address"]), "What codes and names count alarm words by.", default="address"),
        Key("classes", Table(Names("alarm class"), _ALARM_CLASS, may_be_empty=False), "Alarm classes.", required=True),
        Key("layouts", Table(Names("alarm layout"), Table(Names("word", (0, 255)), _CAUSES)),
            "Layouts of causes that several groups of words share: offset → bit → cause.", default={}),
        Key("words", Table(Names("alarm word", (0, 65535)), _ALARM_WORDS), "Address → words of one class.",
            required=True),
    ),
    "the keys of the alarms",
)  # fmt: skip

#: from the year on, as ``datetime`` takes them
CLOCK_PARTS = ("year", "month", "day", "hour", "minute", "second")

_POLL = Record(
    (
        Key("period", Duration(), "Time from one read to the next.", required=True),
        Key("while", _NAME, "A flag: read while it is set, once when it clears, and once after connecting."),
    ),
    "the keys of a poll class",
)

MAP = Record(
    (
        Key("map", _NAME, "Name of the map, as scada.ini calls it.", required=True),
        Key("title", LABEL, "What the controller is.", required=True),
        Key("maker", Text(), "Who makes it.", default=""),
        Key("words", Record(
            (
                Key("order", Choice(["high", "low"]), "Which word of a 32- or 64-bit value comes first.",
                    default="high"),
                Key("bytes", Choice(["big", "little"]), "Byte order within a register.", default="big"),
            ),
            "{order: ..., bytes: ...}",
        ), "Word and byte order, unless a point says otherwise."),
        Key("function", Choice([1, 2, 3, 4]), "Function the points are read by, unless they say otherwise.", default=3),
        Key("max_registers", Record(
            (
                Key("tcp", Whole(1, 125), "Over Modbus TCP.", default=125),
                Key("rtu", Whole(1, 125), "Over a serial line, or a converter before one.", default=125),
            ),
            "{tcp: ..., rtu: ...}",
        ), "Largest read in registers, by kind of link."),
        Key("unreadable", ListOf(Span()), "Addresses that must never be read, not even to bridge a gap.", default=[]),
        Key("no_data", Record(
            tuple(
                Key(kind, Markers(), f"Of type {kind}{' and enum' if kind == 'u16' else ''}.", default=frozenset())
                for kind in ("u16", "s16", "u32", "s32", "u64")
            ),
            "lists by type",
        ), "Raw values that mean there is no sensor, by type."),
        Key("polls", Table(Names("poll class"), _POLL, may_be_empty=False), "Poll classes.", required=True),
        Key("groups", Table(Names("group"), LABEL, may_be_empty=False), "Headings in the UI, in order.", required=True),
        Key("enums", Table(Names("enum"), Table(Names("value", (0, 65535)), LABEL, may_be_empty=False)),
            "Texts of numbers: name → number → text.", default={}),
        Key("points", Table(Names("point"), POINT), "Name → where it is, how it is read, what it means.", default={}),
        Key("flags", Table(Names("flag word", (0, 65535)), _FLAG_WORD), "Address → bits of a word.", default={}),
        Key("alarms", _ALARMS, "Alarm words: classes, layouts of causes, addresses."),
        Key("commands", COMMANDS, "Name → what the controller can be told to do.", default={}),
        Key("clock", Record(
            tuple(Key(part, _NAME, f"Point with the {part}.", required=True) for part in CLOCK_PARTS),
            "{year: ..., month: ..., day: ..., hour: ..., minute: ..., second: ...}",
        ), "Points of the controller's own clock; it is watched, and used for nothing."),
        Key("trends", TRENDS, "Name → points that are worth seeing together.", default={}),
        Key("report", REPORT, "Which points the shift, day and month reports read."),
    ),
    "the keys of a register map",
)  # fmt: skip
