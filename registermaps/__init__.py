"""What the words of a controller mean: YAML maps, their schema, the read plan, the codec."""

from registermaps.errors import ConfigError, Fault, did_you_mean
from registermaps.loader import load_map, load_maps, maps_folder
from registermaps.model import Alarm, Label, Point, PointType, PollClass, RegisterMap
from registermaps.selection import UnknownPoints, select_points

__all__ = [
    "Alarm",
    "ConfigError",
    "Fault",
    "Label",
    "Point",
    "PointType",
    "PollClass",
    "RegisterMap",
    "UnknownPoints",
    "did_you_mean",
    "load_map",
    "load_maps",
    "maps_folder",
    "select_points",
]
