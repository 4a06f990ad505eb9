"""The tag directory: everything about the tags that does not change from scan to scan, as one JSON file.

Stage: the runtime writes it when its configuration changes, before the first scan of that generation; readers load it
when a snapshot's generation is not the one they know.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tagdb.tag import Tag, Words

__all__ = ["DeviceInfo", "Directory", "LinkInfo", "ReportInfo", "SiteInfo", "TrendInfo"]


@dataclass(frozen=True, slots=True)
class SiteInfo:
    """A plant."""

    name: str
    title: Words


@dataclass(frozen=True, slots=True)
class LinkInfo:
    """A connection."""

    name: str
    #: "tcp", "rtu-tcp", "serial"
    kind: str
    #: "127.0.0.1:15021", "/dev/ttyUSB0"
    address: str
    #: "9600-8N2", "" for tcp
    line: str = ""


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """A controller."""

    #: ``site.device``
    name: str
    site: str
    title: Words
    map: str
    #: of the controller model, from the map
    model: Words
    link: str
    unit: int


@dataclass(frozen=True, slots=True)
class TrendInfo:
    """Points that are worth seeing together, for every device of a map."""

    map: str
    name: str
    title: Words
    #: points of the device
    points: Sequence[str]
    #: tags below its site; not every site has them
    site: Sequence[str]
    span_s: float


@dataclass(frozen=True, slots=True)
class ReportInfo:
    """Which points of the devices of a map a report reads; "" and empty where there are none."""

    map: str
    energy: str = ""
    run_time: Sequence[str] = ()
    starts: str = ""
    power: str = ""
    load: str = ""
    fuel: str = ""
    fuel_rate: str = ""
    running: str = ""
    outage: Sequence[str] = ()
    #: counter -> value at which it runs over to 0
    ends: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Directory:
    """All tags of one generation of the configuration."""

    generation: int
    title: Words
    #: True: a simulated plant
    demo: bool
    period_s: float
    tags: Sequence[Tag]
    sites: Sequence[SiteInfo] = ()
    devices: Sequence[DeviceInfo] = ()
    links: Sequence[LinkInfo] = ()
    #: key -> number (as text) -> words
    enums: Mapping[str, Mapping[str, Words]] = field(default_factory=dict)
    #: group -> heading, in display order
    groups: Mapping[str, Words] = field(default_factory=dict)
    #: alarm class -> words
    alarm_classes: Mapping[str, Words] = field(default_factory=dict)
    trends: Sequence[TrendInfo] = ()
    reports: Sequence[ReportInfo] = ()

    def write(self, path: Path) -> None:
        """Replace the file whole: a reader sees the old one or the new one."""
        self.stage(path).replace(path)

    def stage(self, path: Path) -> Path:
        """Write it beside ``path``, which takes seconds for a large plant; whoever renames it there publishes it."""
        body = {
            "generation": self.generation,
            "title": self.title,
            "demo": self.demo,
            "period_s": self.period_s,
            "sites": [asdict(site) for site in self.sites],
            "devices": [asdict(device) for device in self.devices],
            "links": [asdict(link) for link in self.links],
            "enums": self.enums,
            "groups": self.groups,
            "alarm_classes": self.alarm_classes,
            "trends": [asdict(trend) for trend in self.trends],
            "reports": [asdict(report) for report in self.reports],
            "tags": [tag.to_json() for tag in self.tags],
        }
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.write_text(json.dumps(body, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
        temporary.chmod(0o600)
        return temporary

    @classmethod
    def read(cls, path: Path) -> Directory:
        """Load the file. Raises OSError when there is none."""
        body: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        body["tags"] = [Tag.from_json(row) for row in body["tags"]]
        body["sites"] = [SiteInfo(**row) for row in body["sites"]]
        body["devices"] = [DeviceInfo(**row) for row in body["devices"]]
        body["links"] = [LinkInfo(**row) for row in body["links"]]
        body["trends"] = [TrendInfo(**row) for row in body["trends"]]
        body["reports"] = [ReportInfo(**row) for row in body["reports"]]
        return cls(**body)
