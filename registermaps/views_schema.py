"""The keys of ``trends:`` and ``report:`` in a register map, one row each; part of the table in ``schema``."""

from __future__ import annotations

from registermaps.scalars import Duration, ListOf, Text
from registermaps.shape import Key, Names, Record, Table

__all__ = ["REPORT", "TRENDS"]

_NAME = Text("a name in lower-case letters, digits and '_'", pattern=r"[a-z][a-z0-9_]*")
_BELOW = Text("a tag below the site, like total.load_p", pattern=r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")

TRENDS = Table(
    Names("trend"),
    Record(
        (
            Key("en", Text("English text"), "Text in English.", required=True),
            Key("ru", Text("Russian text"), "Text in Russian.", required=True),
            Key("points", ListOf(_NAME, "a list of points"), "Points of the device, at most 12.", default=[]),
            Key("site", ListOf(_BELOW, "a list of tags below the site"),
                "Tags of the site that rules make, like `total.load_p`; shown where they exist.", default=[]),
            Key("span", Duration(), "Span of time to begin with.", default=3600.0, default_text="`1h`"),
        ),
        "the keys of a trend",
    ),
)  # fmt: skip

REPORT = Record(
    (
        Key("energy", _NAME, "Counter of produced energy, in kWh or MWh."),
        Key("run_time", ListOf(_NAME, "a list of points"),
            "Parts of the engine-hours counter, in h, min or s; they are added up.", default=[]),
        Key("starts", _NAME, "Counter of starts."),
        Key("power", _NAME, "Active power, in kW: its peak."),
        Key("load", _NAME, "The same in percent of the rating: mean and peak."),
        Key("fuel", _NAME, "Counter of fuel or gas."),
        Key("fuel_rate", _NAME, "Flow an hour, which is added up where the counter says nothing."),
        Key("running", _NAME, "Bit: the genset carries load."),
        Key("outage", ListOf(_NAME, "a list of points"), "Bits of which any makes the genset unavailable.", default=[]),
    ),
    "the keys of the report",
)  # fmt: skip
