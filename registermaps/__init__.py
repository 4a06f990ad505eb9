"""What the words of a controller mean: YAML maps, their schema, the read plan, the codec."""

from registermaps.codec import BlockDecoder, Decoded
from registermaps.command import Command, CommandKind, Condition, Danger, Effect, Pulse, raw_of, value_of_count
from registermaps.encode import encode, encode_into, words_of_raw
from registermaps.errors import ConfigError, Fault, did_you_mean, not_utf8
from registermaps.limits import kind_of
from registermaps.linkcost import LinkCost, SerialLine
from registermaps.loader import load_map, load_maps, maps_folder
from registermaps.model import Alarm, Label, Point, PointType, PollClass, RegisterMap
from registermaps.plan import Block, line_time, lower_bound, plan, plan_map
from registermaps.report import plan_report
from registermaps.selection import UnknownPoints, select_commands, select_points
from registermaps.views import ReportPoints, TrendPreset

# fmt: off
__all__ = [
    "Alarm",
    "Block",
    "BlockDecoder",
    "Command",
    "CommandKind",
    "Condition",
    "ConfigError",
    "Danger",
    "Decoded",
    "Effect",
    "Fault",
    "Label",
    "LinkCost",
    "Point",
    "PointType",
    "PollClass",
    "Pulse",
    "RegisterMap",
    "ReportPoints",
    "SerialLine",
    "TrendPreset",
    "UnknownPoints",
    "did_you_mean",
    "encode",
    "encode_into",
    "kind_of",
    "line_time",
    "load_map",
    "load_maps",
    "lower_bound",
    "maps_folder",
    "not_utf8",
    "plan",
    "plan_map",
    "plan_report",
    "raw_of",
    "select_commands",
    "select_points",
    "value_of_count",
    "words_of_raw",
]
