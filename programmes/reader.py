"""A maintenance programme in YAML to a ``Programme``, or to everything that is wrong with it; and back to YAML.

The same reader as for register maps: every fault with file, line and what was expected. What the editor's page sends is
JSON, which is YAML, and goes the same way.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from programmes.schema import PROGRAMME
from registermaps import ConfigError, Fault, did_you_mean
from registermaps.reader import read_yaml
from registermaps.shape import Notes, Row
from tagdb.maintenance import Consumable, Level, Programme, Task, Thresholds

__all__ = ["load_programme", "load_programmes", "standard_programme"]

#: most levels and tasks of one programme: a checklist must stay one
MOST_LEVELS, MOST_TASKS = 20, 400


def load_programme(path: str | Path, text: str | None = None) -> Programme:
    """Read one programme. Raises ConfigError with all faults.

    Args:
        path: named in faults, and read unless ``text`` is given.
        text: YAML or JSON.
    """
    document = read_yaml(path, text)
    notes = Notes(document.file, list(document.faults))
    top = PROGRAMME.read(document.root, notes, "") if document.root is not None else None
    if not isinstance(top, Row):
        raise ConfigError(notes.faults)
    programme = _programme(top)
    _check(top, programme)
    if notes.faults:
        raise ConfigError(notes.faults)
    return programme


def load_programmes(folder: Path) -> dict[str, Programme]:
    """All programmes of a folder by their names. Raises ConfigError with the faults of all files."""
    found: dict[str, Programme] = {}
    faults: list[Fault] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            programme = load_programme(path)
        except ConfigError as error:
            faults += error.faults
            continue
        if programme.code in found:
            faults.append(Fault(str(path), 1, 1, "programme", f"there are two programmes named '{programme.code}'"))
        found[programme.code] = programme
    if faults:
        raise ConfigError(faults)
    return found


def standard_programme() -> Programme:
    """The programme that ships: ТО-1 to ТО-4 of a gas genset, every 250, 500, 1000, 2000 hours."""
    return load_programme(Path(__file__).with_name("standard.yaml"))


def _programme(top: Row) -> Programme:
    limits = top["thresholds"]
    return Programme(
        top["programme"] or "",
        _title(top["title"]),
        tuple(_level(name, row) for name, row in (top["levels"] or {}).items()),
        Thresholds(**limits.values) if isinstance(limits, Row) else Thresholds(),
    )


def _level(name: str, row: Row) -> Level:
    tasks = tuple(_task(task, values) for task, values in (row["tasks"] or {}).items())
    return Level(name, _title(row["title"]), row["every_h"], row["every_days"], tuple(row["includes"] or ()), tasks)


def _task(name: str, row: Row) -> Task:
    consumables = tuple(
        Consumable({"en": one["en"] or "", "ru": one["ru"] or ""}, one["quantity"], one["unit"] or "")
        for one in row["consumables"] or ()
    )
    words = {"en": row["en"] or "", "ru": row["ru"] or ""}
    return Task(name, words, row["critical"], row["minutes"], row["measure"] or "", consumables)


def _title(row: Row | None) -> dict[str, str]:
    return {"en": row["en"] or "", "ru": row["ru"] or ""} if isinstance(row, Row) else {"en": "", "ru": ""}


def _check(top: Row, programme: Programme) -> None:
    """What no single key can tell."""
    rows: dict[str, Row] = top["levels"] or {}
    names = list(rows)
    for name, row in rows.items():
        if "every_h" not in row.nodes and "every_days" not in row.nodes:
            row.fault("title", "no interval, expected 'every_h', 'every_days' or both")
        for wanted in row["includes"] or ():
            if wanted not in rows:
                row.fault("includes", f"includes: there is no level '{wanted}'{did_you_mean(wanted, names)}")
            elif wanted == name:
                row.fault("includes", "includes: a level cannot include itself")
    for circle in _circles(programme):
        rows[circle[0]].fault("includes", f"includes: in a circle, {' -> '.join((*circle, circle[0]))}")
    if len(rows) > MOST_LEVELS:
        top.fault("levels", f"levels: found {len(rows)}, expected at most {MOST_LEVELS}")
    if (tasks := sum(len(level.tasks) for level in programme.levels)) > MOST_TASKS:
        top.fault("levels", f"levels: found {tasks} tasks in all, expected at most {MOST_TASKS}")
    if isinstance(limits := top["thresholds"], Row):
        for low, high in (("critical_h", "warning_h"), ("critical_days", "warning_days")):
            if limits[low] > limits[high]:
                limits.fault(low, f"{low}: found {limits[low]:g}, expected at most {high} ({limits[high]:g})")


def _circles(programme: Programme) -> Iterator[tuple[str, ...]]:
    """Levels that include themselves over other levels, each circle once, from its first level on."""
    order = [level.id for level in programme.levels]
    told: set[frozenset[str]] = set()
    for start in order:
        path = _way_back(programme, start)
        if len(path) > 1 and frozenset(path) not in told:
            told.add(frozenset(path))
            yield path


def _way_back(programme: Programme, start: str) -> tuple[str, ...]:
    """The shortest way from a level over what it includes to itself; empty where there is none."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        level = programme.level(way[-1])
        for following in level.includes if level else ():
            if following == start:
                return way
            if following not in seen:
                seen.add(following)
                ways.append((*way, following))
    return ()
