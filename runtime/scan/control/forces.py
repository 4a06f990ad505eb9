"""Forces: tags held at a value by an engineer, for tests at commissioning; listed, limited in time, never retained."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from runtime.scan.clock import Moment
from runtime.scan.control.refusal import Refused
from tagdb import Kind, Tag, TagStore
from tagdb.accounts import Actor

__all__ = ["FORCE_MAX_S", "Force", "Forces"]

#: the longest time a tag can be forced for
FORCE_MAX_S = 8 * 3600.0
_NUMBERS = (Kind.FLOAT, Kind.INT, Kind.BOOL, Kind.ENUM)


@dataclass(frozen=True, slots=True)
class Force:
    """One forced tag."""

    tag: str
    value: float
    who: str
    reason: str
    #: Unix seconds UTC
    since: float
    until: float
    #: monotonic seconds
    ends: float

    def to_json(self) -> dict[str, Any]:
        """For pages, and for the file that tells after a restart what was forced before it."""
        row = asdict(self)
        del row["ends"]
        return row


class Forces:
    """Called by the scan's thread alone."""

    def __init__(self, store: TagStore) -> None:
        self._store = store
        self._forces: dict[str, Force] = {}

    def all(self) -> list[Force]:
        """The oldest first."""
        return sorted(self._forces.values(), key=lambda force: (force.since, force.tag))

    def set(self, actor: Actor, name: str, value: float, seconds: float, why: str, now: Moment) -> Force:
        """Force a tag; again: another value and time. Raises Refused."""
        tag = self.tag(name)
        if not why.strip():
            raise Refused("reason-needed")
        if not 0 < seconds <= FORCE_MAX_S:
            raise Refused("bad-time", hours=f"{FORCE_MAX_S / 3600:g}")
        if not math.isfinite(value) or (tag.kind is Kind.BOOL and value not in (0, 1)):
            raise Refused("unknown-value", value=f"{value:g}")
        if tag.kind is not Kind.FLOAT and not float(value).is_integer():
            raise Refused("too-fine", value=f"{value:g}", scale="1")
        until, ends = now.time + seconds, now.monotonic + seconds
        force = Force(name, float(value), actor.name, why.strip(), now.time, until, ends)
        self._forces[name] = force
        self._store.force(tag.slot, float(value), now.time)
        return force

    def release(self, name: str, now: Moment) -> Force:
        """Let it go. Raises Refused."""
        force = self._forces.pop(name, None)
        if force is None:
            raise Refused("not-forced", tag=name)
        self._store.release(self._store.tags[name].slot, now.time)
        return force

    def expire(self, now: Moment) -> list[Force]:
        """Those whose time is over, or whose tag has gone with a reload; they are released."""
        over = [
            force
            for force in self._forces.values()
            if now.monotonic >= force.ends or not self._still(force.tag)
        ]
        for force in over:
            del self._forces[force.tag]
            if force.tag in self._store:
                self._store.release(self._store.tags[force.tag].slot, now.time)
        return over

    def tag(self, name: str) -> Tag:
        """A tag that may be forced: a number that a device or a rule gives, not one about the program itself."""
        if name not in self._store:
            raise Refused("unknown-tag", tag=name)
        tag = self._store.tags[name]
        if tag.kind not in _NUMBERS or not ({"address", "rule"} & tag.origin.keys()):
            raise Refused("not-forcible", tag=name)
        return tag

    def _still(self, name: str) -> bool:
        return name in self._store and self._store.tags[name].slot in self._store.forced
