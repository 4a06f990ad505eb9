"""What a report says of a site and its gensets in one period: plain figures, kept as JSON, shown in any form later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from tagdb import Words

__all__ = ["FORM", "AlarmCount", "GensetFacts", "MaintenanceFacts", "Report"]

#: of the JSON; a newer one is refused, an older one brought forward
FORM = 1


@dataclass(frozen=True, slots=True)
class MaintenanceFacts:
    """What the maintenance of a genset stood at when the period ended."""

    #: of ``tagdb.maintenance.Severity``
    state: int
    next: str
    #: hours and days left; negative = overdue; None = that does not count
    left_h: float | None
    left_days: float | None
    #: what ``next`` is called; empty where the programme was not known
    title: Words = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GensetFacts:
    """One genset. None = nothing was recorded, or the controller has no such point."""

    device: str
    title: Words
    energy_kwh: float | None = None
    run_h: float | None = None
    starts: float | None = None
    #: shares of the time of which it is known, 0-1
    available: float | None = None
    on_load: float | None = None
    #: share of the period in which it was known whether the genset was available
    known: float = 0.0
    #: energy by run time; and what the load was while the genset carried some
    mean_kw: float | None = None
    mean_load_pct: float | None = None
    peak_kw: float | None = None
    #: Unix seconds
    peak_at: float | None = None
    peak_load_pct: float | None = None
    fuel: float | None = None
    fuel_unit: str = ""
    #: True: added up from the flow, since the counter said nothing
    fuel_estimated: bool = False
    #: counters at the end: engine hours, energy
    hours_at_end: float | None = None
    energy_at_end_kwh: float | None = None
    maintenance: MaintenanceFacts | None = None
    #: what befell counters: (counter, "reset" | "rollover" | "preset", how often)
    remarks: Sequence[tuple[str, str, int]] = ()

    @property
    def specific(self) -> float | None:
        """Fuel by energy, in ``fuel_unit``/kWh."""
        return self.fuel / self.energy_kwh if self.fuel is not None and self.energy_kwh else None


@dataclass(frozen=True, slots=True)
class AlarmCount:
    """One alarm and how often it was raised."""

    key: str
    device: str
    label: Words
    priority: int
    count: int


@dataclass(frozen=True, slots=True)
class Report:
    """A site in one period."""

    kind: str
    #: as ``Period.name`` gives it
    period: str
    zone: str
    #: Unix seconds
    start: float
    end: float
    made_at: float
    #: until when values were recorded when it was made: earlier than ``end`` = the period was not over
    until: float
    plant: Words
    site: str
    title: Words
    gensets: Sequence[GensetFacts] = ()
    #: priority, as text -> raises
    alarms: Mapping[str, int] = field(default_factory=dict)
    most_frequent: Sequence[AlarmCount] = ()
    demo: bool = False
    form: int = FORM

    @property
    def whole(self) -> bool:
        """Whether the period was over when the report was made."""
        return self.made_at >= self.end

    @property
    def empty(self) -> bool:
        """Whether nothing was recorded of any genset."""
        return all(one.known == 0 and one.energy_kwh is None and one.run_h is None for one in self.gensets)

    def total(self, name: str) -> float | None:
        """The sum of a figure over the gensets that have it; None where none has."""
        values = [value for genset in self.gensets if (value := getattr(genset, name)) is not None]
        return sum(values) if values else None

    @property
    def fuel_unit(self) -> str | None:
        """The unit of gas at this site; None where its gensets count in several, or none tells it."""
        units = {one.fuel_unit for one in self.gensets if one.fuel is not None}
        return units.pop() if len(units) == 1 else None

    @property
    def specific(self) -> float | None:
        """Fuel by energy of the gensets that tell both, where they count in one unit."""
        both = [genset for genset in self.gensets if genset.fuel is not None and genset.energy_kwh]
        if not both or len({genset.fuel_unit for genset in both}) > 1:
            return None
        return sum(genset.fuel or 0.0 for genset in both) / sum(genset.energy_kwh or 0.0 for genset in both)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Report:
        """The inverse of ``to_json``. Raises ValueError for another form."""
        try:
            data = dict(row)
            if data["form"] != FORM:
                raise ValueError(f"a report of form {data['form']}, this program knows {FORM}")
            data["gensets"] = [_genset(genset) for genset in data["gensets"]]
            data["most_frequent"] = [AlarmCount(**alarm) for alarm in data["most_frequent"]]
            return cls(**data)
        except (KeyError, TypeError) as problem:
            raise ValueError(f"this is no report: {problem}") from None


def _genset(row: Mapping[str, Any]) -> GensetFacts:
    data = dict(row)
    data["maintenance"] = MaintenanceFacts(**data["maintenance"]) if data["maintenance"] else None
    data["remarks"] = tuple(tuple(remark) for remark in data["remarks"])
    return GensetFacts(**data)
