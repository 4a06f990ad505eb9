"""The keys of a maintenance programme: one table from which checking, error texts and the reference page come."""

from __future__ import annotations

from registermaps.scalars import Flag, ListOf, Number, Text, Whole
from registermaps.shape import Key, Names, Record, Table
from tagdb.maintenance import Thresholds

__all__ = ["CONSUMABLE", "LEVEL", "PROGRAMME", "TASK", "THRESHOLDS"]

_LIMITS = Thresholds()
_NAME = Text("a name of lower-case letters, digits and '_'", r"[a-z][a-z0-9_]*")

TITLE = Record(
    (
        Key("en", Text(), "In English", required=True),
        Key("ru", Text(), "In Russian", required=True),
    ),
    "texts in English and Russian",
)

CONSUMABLE = Record(
    (
        Key("en", Text(), "Name in English", required=True),
        Key("ru", Text(), "Name in Russian", required=True),
        Key("quantity", Number("positive"), "How much of it is needed", default=1.0),
        Key("unit", Text(empty=True), "Unit of the quantity: l, pcs", default=""),
    ),
    "a consumable with en, ru, quantity, unit",
)

TASK = Record(
    (
        Key("en", Text(), "Text in English", required=True),
        Key("ru", Text(), "Text in Russian", required=True),
        Key("critical", Flag(), "true: a service cannot be signed before it is answered", default=False),
        Key("minutes", Whole(0, 10000), "How long it takes", default=0),
        Key("measure", Text(empty=True), "Unit of a value that is to be measured: mm", default=""),
        Key("consumables", ListOf(CONSUMABLE, "a list of consumables"), "What it uses up", default=()),
    ),
    "a task with en and ru",
)

LEVEL = Record(
    (
        Key("title", TITLE, "What it is called", required=True),
        Key("every_h", Number("positive"), "Interval in engine hours", default_text="by the calendar alone"),
        Key("every_days", Number("positive"), "Interval in days; whichever comes first", default_text="by hours alone"),
        Key("includes", ListOf(_NAME, "a list of levels"), "Levels whose work is part of it", default=()),
        Key("tasks", Table(Names("task"), TASK), "What is to be done, in this order", required=True),
    ),
    "a level",
)

THRESHOLDS = Record(
    (
        Key("warning_h", Number("natural"), "Hours before the due point: warning", default=_LIMITS.warning_h),
        Key("critical_h", Number("natural"), "Hours before the due point: critical", default=_LIMITS.critical_h),
        Key("warning_days", Number("natural"), "Days before a date: warning", default=_LIMITS.warning_days),
        Key("critical_days", Number("natural"), "Days before a date: critical", default=_LIMITS.critical_days),
        Key("together_h", Number("natural"), "A level due so many hours after one that it includes takes it over",
            default=_LIMITS.together_h),
        Key("together_days", Number("natural"), "The same for dates", default=_LIMITS.together_days),
    ),
    "thresholds",
)  # fmt: skip

PROGRAMME = Record(
    (
        Key("programme", _NAME, "Its name; unique", required=True),
        Key("title", TITLE, "What it is called", required=True),
        Key("thresholds", THRESHOLDS, "When it is told, and what counts as due together", default_text="50 and 20 h"),
        Key("levels", Table(Names("level"), LEVEL, may_be_empty=False), "Its levels, the lowest first", required=True),
    ),
    "a maintenance programme",
)
