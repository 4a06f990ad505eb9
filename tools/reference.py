"""The tables of the reference pages, written out of the tables in the code.

``python tools/reference.py`` brings the pages in ``docs/reference`` up to date; a test tells when one is not. A page
marks the place of a table with ``<!-- table: NAME -->`` and ``<!-- end of table -->``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from programmes.schema import CONSUMABLE, LEVEL, PROGRAMME, TASK, THRESHOLDS
from registermaps.mapschema import KeyDoc, key_docs
from registermaps.pointtypes import TYPES
from registermaps.shape import Key as ProgrammeKey
from registermaps.shape import Record
from runtime.ini import Key
from runtime.maintenance_tags import MAINTENANCE_ENUMS, MAINTENANCE_TAGS
from runtime.own_tags import CLOCK_TAGS, COMM_STATES, CONTROL_TAGS, DEVICE_TAGS, LINK_TAGS, SCADA_TAGS, OwnTag
from runtime.scan import MEASURES
from runtime.settings_keys import SECTIONS
from runtime.simulator import FAULTS
from tagdb import Quality

__all__ = ["PAGES", "TABLES", "fill"]

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs" / "reference"

_MARK = re.compile(r"(<!-- table: ([\w.-]+) -->\n).*?(<!-- end of table -->)", re.DOTALL)
_QUALITY_DOC = re.compile(r"#: (.+)\n\s+([A-Z_]+) = \d+")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def ini_table(section: str) -> str:
    """The keys of one section of ``scada.ini``."""
    return table(("key", "value", "default", "meaning"), (_ini_row(key) for key in SECTIONS[section]))


def _ini_row(key: Key) -> tuple[str, ...]:
    meaning = re.sub(r" \(default:? [^)]*\)", "", key.help)
    return f"`{key.name}`", _expected(key), _ini_default(key), meaning


def _expected(key: Key) -> str:
    """What the parser says when it meets something unusable."""
    for wrong in ("?", ""):
        try:
            key.parse(wrong)
        except ValueError as error:
            return re.sub(r"[\d.]+e\+\d+", lambda match: f"{float(match[0]):.0f}", str(error))
    return "names, separated by spaces or commas"


def _ini_default(key: Key) -> str:
    if key.required:
        return "**required**"
    if match := re.search(r"\(default: ([^)]*)\)", key.help):
        return match[1]
    value = key.default
    if isinstance(value, bool):
        return "`yes`" if value else "`no`"
    if isinstance(value, tuple) and len(value) == 2:
        return f"`{value[0]}:{value[1]}`"
    if isinstance(value, int | float):
        return f"`{value * 1000 if key.name.endswith('_ms') else value:g}`"
    return f"`{value}`" if value else ""


def map_table(prefix: str) -> str:
    """The keys of a register map below ``prefix`` ("" = those of the map itself)."""
    return table(("key", "value", "default", "meaning"), (_map_row(doc, prefix) for doc in _below(prefix)))


def _below(prefix: str) -> Iterator[KeyDoc]:
    sections = ("points.", "flags.", "alarms.", "commands.", "trends.", "report.")
    for doc in key_docs():
        if doc.path.startswith(prefix) if prefix else not doc.path.startswith(sections):
            yield doc


def _map_row(doc: KeyDoc, prefix: str) -> tuple[str, ...]:
    default = "**required**" if doc.required else (doc.default if "`" in doc.default or " " in doc.default else "")
    if not default and doc.default:
        default = f"`{doc.default}`"
    return f"`{doc.path.removeprefix(prefix)}`", doc.expected, default, doc.help


def type_table() -> str:
    """The types of points."""
    rows = []
    for kind, facts in TYPES.items():
        low, high = facts.counts
        registers = str(facts.count) if facts.count else f"{low} to {high}, by `words`"
        raw = "text" if kind == "ascii" else f"{facts.raw_low} to {facts.raw_high}"
        if kind == "f32":
            raw = "IEEE 754, 32 bits"
        rows.append((f"`{kind}`", registers, raw, ", ".join(f"`{key}`" for key in _own_keys(facts.keys))))
    return table(("type", "registers", "raw values", "keys beyond the common ones"), rows)


def _own_keys(keys: frozenset[str]) -> list[str]:
    common = frozenset.intersection(*(facts.keys for facts in TYPES.values()))
    return sorted(keys - common)


def common_keys() -> str:
    """The keys that every type takes."""
    common = frozenset.intersection(*(facts.keys for facts in TYPES.values()))
    names = (doc.path.removeprefix("points.<point>.") for doc in _below("points.<point>."))
    return ", ".join(f"`{name}`" for name in names if name in common) + "\n"


def quality_table() -> str:
    """The quality codes."""
    source = (ROOT / "tagdb" / "quality.py").read_text(encoding="utf-8")
    meaning = {name: text for text, name in _QUALITY_DOC.findall(source)}
    rows = ((str(int(q)), q.level, q.reason or "-", f"`{q.name}`", meaning[q.name]) for q in Quality)
    return table(("code", "level", "reason", "name in the code", "meaning"), rows)


def own_table(tags: Sequence[OwnTag], prefix: str) -> str:
    """Tags of the runtime; the distributions of the scan as one row each."""
    rows: dict[str, tuple[str, ...]] = {}
    for tag in tags:
        name, en, ru = tag.name, tag.en, tag.ru
        measure = re.fullmatch(rf"scan\.({'|'.join(MEASURES)})_ms_(p50|p95|p99|max)", name)
        if measure:
            name = f"scan.{measure[1]}_ms_p50`, `_p95`, `_p99`, `_max"
            en, ru = en.rpartition(",")[0], ru.rpartition(",")[0]
        rows.setdefault(name, (f"`{prefix}{name}`", str(tag.kind), tag.unit, en, ru))
    return table(("tag", "kind", "unit", "label", "in Russian"), rows.values())


def state_table() -> str:
    """The values of ``comm_state``."""
    return words_table(COMM_STATES)


def words_table(words: Mapping[str, Mapping[str, str]]) -> str:
    """The values of an enumeration."""
    return table(("value", "English", "Russian"), ((n, text["en"], text["ru"]) for n, text in words.items()))


def fault_table() -> str:
    """The faults of the simulated plant."""
    rows = (
        (f"`{kind.name}{'=' if kind.value else ''}{kind.value}`", kind.place, kind.help, kind.default or "")
        for kind in FAULTS
    )
    return table(("fault", "target", "what it does", "value when none is given"), rows)


def programme_table(record: Record) -> str:
    """The keys of one part of a maintenance programme."""
    return table(("key", "value", "default", "meaning"), (_programme_row(key) for key in record.keys))


def _programme_row(key: ProgrammeKey) -> tuple[str, ...]:
    default = "**required**" if key.required else key.default_text
    if not default and key.default not in (None, "", ()):
        default = f"`{str(key.default).lower() if isinstance(key.default, bool) else f'{key.default:g}'}`"
    return f"`{key.name}`", key.shape.expected, default, key.help


TABLES: dict[str, Callable[[], str]] = {
    **{f"ini.{name}": lambda name=name: ini_table(name) for name in SECTIONS},
    "map": lambda: map_table(""),
    "map.points": lambda: map_table("points.<point>."),
    "map.flags": lambda: map_table("flags.<flag word>."),
    "map.alarms": lambda: map_table("alarms."),
    "map.commands": lambda: map_table("commands.<command>."),
    "map.trends": lambda: map_table("trends.<trend>."),
    "map.report": lambda: map_table("report."),
    "map.types": type_table,
    "map.common": common_keys,
    "programme": lambda: programme_table(PROGRAMME),
    "programme.thresholds": lambda: programme_table(THRESHOLDS),
    "programme.level": lambda: programme_table(LEVEL),
    "programme.task": lambda: programme_table(TASK),
    "programme.consumable": lambda: programme_table(CONSUMABLE),
    "own.maintenance": lambda: own_table(MAINTENANCE_TAGS, "<site>.<device>."),
    "maint_state": lambda: words_table(MAINTENANCE_ENUMS["scada.maint_state"]),
    "maint_meter": lambda: words_table(MAINTENANCE_ENUMS["scada.maint_meter"]),
    "quality": quality_table,
    "own.scada": lambda: own_table(SCADA_TAGS, "scada."),
    "own.links": lambda: own_table(LINK_TAGS, "links.<link>."),
    "own.control": lambda: own_table(CONTROL_TAGS, "<site>.<device>."),
    "own.devices": lambda: own_table(DEVICE_TAGS, "<site>.<device>."),
    "own.clocks": lambda: own_table(CLOCK_TAGS, "<site>.<device>."),
    "comm_state": state_table,
    "faults": fault_table,
}


def fill(text: str) -> str:
    """A page with its tables written anew. KeyError for a table that does not exist."""
    return _MARK.sub(lambda match: f"{match[1]}{TABLES[match[2]]()}{match[3]}", text)


def main() -> int:
    """Write every page whose tables have changed."""
    for path in sorted(PAGES.glob("*.md")):
        before = path.read_text(encoding="utf-8")
        if (after := fill(before)) != before:
            path.write_text(after, encoding="utf-8")
            print(f"{path.relative_to(ROOT)}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
