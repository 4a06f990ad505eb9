"""When each level of a programme is due: from what was done, the engine's hours and the date. Pure arithmetic.

Each level has a due point of its own: the hours (and the date) at which it, or a level that includes it, was last done,
plus its interval. It does not move while the engine runs on, so what was missed stays overdue. A level of which
nothing is known has no due point: it is *unknown*, never overdue from zero hours.

Stage: the scan's maintenance rule and the pages both ask it, so that they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from tagdb.maintenance.programme import Level, Programme, Thresholds

__all__ = ["DAY_S", "Assessment", "Done", "LevelState", "LogEntry", "Severity", "assess", "hours_per_day", "last_done"]

DAY_S = 86400.0
#: hours are told in minutes: a difference below a second of running is none
_HOUR_DIGITS = 4


class Severity(IntEnum):
    """How urgent a level is; the order is that of urgency."""

    #: the device has no programme
    NONE = 0
    #: nothing is known of a last service
    UNKNOWN = 1
    OK = 2
    WARNING = 3
    CRITICAL = 4
    OVERDUE = 5

    @property
    def word(self) -> str:
        """As the API and the alarms' codes say it: ``overdue``."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Done:
    """When a level was last done."""

    #: engine hours at which the work was done, not those at which it was typed in; None = not known
    hours: float | None
    #: Unix seconds UTC at which the work was done
    time: float
    #: id of the log's entry
    entry: str = ""
    #: the level that was done, which may include the one asked for
    level: str = ""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One signed line of a device's log, as the arithmetic needs it."""

    id: str
    level: str
    hours: float | None
    time: float
    #: the entry that this one corrects; "" = none
    corrects: str = ""
    #: a correction that says: this was not done
    void: bool = False
    #: order in which the entries were signed
    number: int = 0


@dataclass(frozen=True, slots=True)
class LevelState:
    """One level of one device at one moment."""

    level: Level
    severity: Severity
    last: Done | None = None
    #: engine hours at which it is due; None = no such interval, or not known since when
    due_h: float | None = None
    #: Unix seconds UTC at which it is due by the calendar; None as above
    due_time: float | None = None
    #: engine hours left, below zero when overdue
    left_h: float | None = None
    #: days left by the calendar interval, below zero when overdue
    left_days: float | None = None
    #: the level that comes due together with it and does its work; "" = it stands for itself
    absorbed_by: str = ""
    #: levels that it takes over
    absorbs: tuple[str, ...] = ()
    #: when it is due, Unix seconds UTC: by the calendar or by the forecast of the hours, whichever is first; None =
    #: cannot be said
    expected: float | None = None
    #: share of the interval that has passed, above 1 when overdue; None = not known
    progress: float | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """All levels of one device at one moment."""

    severity: Severity
    levels: tuple[LevelState, ...] = ()

    @property
    def next(self) -> LevelState | None:
        """The level to be done next: the most urgent of those that stand for themselves and are known."""
        known = [one for one in self.levels if one.severity > Severity.UNKNOWN and not one.absorbed_by]
        return min(known, key=_urgency, default=None)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Levels of which no last service is known."""
        return tuple(one.level.id for one in self.levels if one.last is None)


def last_done(programme: Programme, log: Iterable[LogEntry]) -> dict[str, Done]:
    """Level -> when it was last done, by itself or within a level that includes it.

    A correction takes the place of what it corrects; of several, the last signed one holds. The latest work counts, not
    the latest entry; of two on one moment the one at more hours.
    """
    latest: dict[str, Done] = {}
    for entry in _in_force(log):
        for level in programme.closure(entry.level):
            done = Done(entry.hours, entry.time, entry.id, entry.level)
            if level not in latest or _when(latest[level]) <= _when(done):
                latest[level] = done
    return latest


def assess(
    programme: Programme | None,
    done: Mapping[str, Done],
    hours: float | None,
    now: float,
    per_day: float | None = None,
) -> Assessment:
    """The state of every level.

    Args:
        done: of ``last_done``.
        hours: engine hours; None = not known, then only the calendar counts.
        now: Unix seconds UTC.
        per_day: engine hours a day, for the forecast; None = not known.
    """
    if programme is None:
        return Assessment(Severity.NONE)
    alone = [_alone(level, done.get(level.id), hours, now, programme.thresholds) for level in programme.levels]
    levels = tuple(_forecast(one, now, per_day) for one in _together(programme, alone))
    worst = max((one.severity for one in levels), default=Severity.NONE)
    if worst in (Severity.OK, Severity.NONE) and any(one.severity is Severity.UNKNOWN for one in levels):
        worst = Severity.UNKNOWN
    return Assessment(worst, levels)


def hours_per_day(points: Sequence[tuple[float, float]], least_span_s: float = DAY_S) -> float | None:
    """Engine hours a day between the first and the last of (Unix seconds, meter hours); None with too short a span."""
    if len(points) < 2:
        return None
    first, last = min(points), max(points)
    span = last[0] - first[0]
    if span < least_span_s:
        return None
    return max(0.0, last[1] - first[1]) / span * DAY_S


def _in_force(log: Iterable[LogEntry]) -> list[LogEntry]:
    """Entries with their corrections applied, those that were taken back left out."""
    entries = sorted(log, key=lambda entry: entry.number)
    corrections = {entry.corrects: entry for entry in entries if entry.corrects}
    found = []
    for entry in entries:
        if entry.corrects:
            continue
        last, seen = entry, {entry.id}
        while (after := corrections.get(last.id)) is not None and after.id not in seen:
            last = after
            seen.add(after.id)
        if not last.void:
            found.append(replace(last, id=entry.id, corrects=""))
    return found


def _when(done: Done) -> tuple[float, float]:
    return done.time, -1.0 if done.hours is None else done.hours


def _alone(level: Level, last: Done | None, hours: float | None, now: float, limits: Thresholds) -> LevelState:
    if last is None:
        return LevelState(level, Severity.UNKNOWN)
    due_h = None if level.every_h is None or last.hours is None else last.hours + level.every_h
    due_time = None if level.every_days is None else last.time + level.every_days * DAY_S
    if due_h is None and due_time is None:
        return LevelState(level, Severity.UNKNOWN, last)
    left_h = None if due_h is None or hours is None else round(due_h - hours, _HOUR_DIGITS)
    left_days = None if due_time is None else (due_time - now) / DAY_S
    if left_h is None and left_days is None:  # the engine's hours are not known
        return LevelState(level, Severity.UNKNOWN, last, due_h, due_time)
    return replace(
        LevelState(level, Severity.OK, last, due_h, due_time, left_h, left_days),
        severity=_severity(left_h, left_days, limits),
        progress=_progress(level, left_h, left_days),
    )


def _severity(left_h: float | None, left_days: float | None, limits: Thresholds) -> Severity:
    """At the limit itself it is told: 50 h before means from 50.0 h on."""
    worst = Severity.OK
    pairs = (
        (left_h, limits.warning_h, limits.critical_h),
        (left_days, limits.warning_days, limits.critical_days),
    )
    for left, warning, critical in pairs:
        if left is None:
            continue
        if left <= 0:
            return Severity.OVERDUE
        if left <= critical:
            worst = Severity.CRITICAL
        elif left <= warning:
            worst = max(worst, Severity.WARNING)
    return worst


def _progress(level: Level, left_h: float | None, left_days: float | None) -> float | None:
    shares = []
    if left_h is not None and level.every_h:
        shares.append(1.0 - left_h / level.every_h)
    if left_days is not None and level.every_days:
        shares.append(1.0 - left_days / level.every_days)
    return max(shares, default=None)


def _together(programme: Programme, levels: Sequence[LevelState]) -> list[LevelState]:
    """A lower level whose due point lies so near that of a level which includes it is done with it.

    It is told by due points alone, which stand still, so that levels do not join and part while the engine runs. The
    higher one is then due when the first of them is: nothing is put off.
    """
    found = {one.level.id: one for one in levels}
    size = {name: len(programme.closure(name)) for name in found}
    taken: dict[str, str] = {}
    for lower in sorted(levels, key=lambda one: -size[one.level.id]):
        above = [
            upper
            for upper in levels
            if upper.level.id != lower.level.id
            and upper.level.id not in taken
            and lower.level.id in programme.closure(upper.level.id)
            and _near(lower, upper, programme.thresholds)
        ]
        if above:
            taken[lower.level.id] = max(above, key=lambda one: size[one.level.id]).level.id
    result = []
    for one in levels:
        name = one.level.id
        members = [found[lower] for lower, upper in taken.items() if upper == name]
        result.append(replace(_joined(one, members), absorbed_by=taken.get(name, "")))
    return result


def _near(lower: LevelState, upper: LevelState, limits: Thresholds) -> bool:
    if Severity.UNKNOWN in (lower.severity, upper.severity):
        return False
    if lower.due_h is not None and upper.due_h is not None and upper.due_h <= lower.due_h + limits.together_h:
        return True
    return (
        lower.due_time is not None
        and upper.due_time is not None
        and upper.due_time <= lower.due_time + limits.together_days * DAY_S
    )


def _joined(one: LevelState, members: Sequence[LevelState]) -> LevelState:
    if not members:
        return one
    group = [one, *members]
    return replace(
        one,
        severity=max(state.severity for state in group),
        due_h=_least(state.due_h for state in group),
        due_time=_least(state.due_time for state in group),
        left_h=_least(state.left_h for state in group),
        left_days=_least(state.left_days for state in group),
        progress=max((state.progress for state in group if state.progress is not None), default=None),
        absorbs=tuple(state.level.id for state in members),
    )


def _least(values: Iterable[float | None]) -> float | None:
    return min((value for value in values if value is not None), default=None)


def _forecast(one: LevelState, now: float, per_day: float | None) -> LevelState:
    by_hours = None
    if one.left_h is not None:
        if one.left_h <= 0:
            by_hours = now
        elif per_day:
            by_hours = now + one.left_h / per_day * DAY_S
    return replace(one, expected=_least((by_hours, one.due_time)))


def _urgency(one: LevelState) -> tuple[float, ...]:
    """The worse first; then the one expected first; then by what is left, hours before days."""
    endless = float("inf")
    return (
        -one.severity,
        endless if one.expected is None else one.expected,
        endless if one.left_h is None else one.left_h,
        endless if one.left_days is None else one.left_days,
        # of two at one moment the bigger job is named
        -(one.level.every_h or 0.0),
    )
