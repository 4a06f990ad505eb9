"""Python rules attached to a plant: an instance for each device or site, with its own image and blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from registermaps import Fault
from runtime.rules.image import Image
from runtime.rules.plant import Plant, ScopeNames
from runtime.rules.pyrules import PythonRule
from runtime.scan.logic import Input
from runtime.scan.logic.blocks import Block
from runtime.scan.logic.names import fill_stars
from tagdb import Kind

__all__ = ["PythonInstance", "attach_python", "python_names", "python_rows"]


@dataclass(frozen=True, slots=True)
class PythonInstance:
    """One rule at one place."""

    #: "total_power:mkz"
    name: str
    rule: PythonRule
    image: Image
    blocks: Mapping[str, Block]
    #: full names of what it reads and writes
    reads: Sequence[str]
    writes: Sequence[str]


def _places(rule: PythonRule, plant: Plant) -> Iterator[tuple[ScopeNames, str, str]]:
    if rule.map:
        for device in plant.devices:
            if device.map == rule.map:
                yield ScopeNames(plant, device.name, rule.map), device.site, device.name
    elif rule.each:
        for site in plant.sites:
            yield ScopeNames(plant, site), site, ""
    else:
        yield ScopeNames(plant, ""), "", ""


def python_names(rules: Sequence[PythonRule], plant: Plant) -> Iterator[str]:
    """Names of all tags that the rules may write."""
    for rule in rules:
        for names, _site, _device in _places(rule, plant):
            for output in rule.writes:
                yield f"{names.prefix}.{output.name}" if names.prefix else output.name


def python_rows(rules: Sequence[PythonRule], plant: Plant) -> tuple[list[dict[str, Any]], list[Fault]]:
    """Rows of the tags that the rules write; names that are taken are faults. ``plant`` has the YAML's tags in it."""
    rows: list[dict[str, Any]] = []
    faults: list[Fault] = []
    taken: dict[str, str] = dict.fromkeys(plant.tags, "another tag")
    for rule in rules:
        for names, site, device in _places(rule, plant):
            for output in rule.writes:
                name = f"{names.prefix}.{output.name}" if names.prefix else output.name
                if name in taken or "." not in name or output.type not in ("float", "int", "bool"):
                    why = (
                        f"the name is taken by {taken[name]}" if name in taken
                        else "expected a name with a dot" if "." not in name
                        else f"type is '{output.type}', expected float, int or bool"
                    )  # fmt: skip
                    faults.append(Fault(rule.file, rule.line, 0, f"rule '{rule.name}'", f"writes {name}: {why}"))
                    continue
                taken[name] = f"rule '{rule.name}'"
                rows.append(
                    {
                        "name": name,
                        "kind": Kind(output.type),
                        "site": site or (name.partition(".")[0] if name.partition(".")[0] in plant.sites else ""),
                        "device": device,
                        "group": output.group,
                        "label": {"en": output.en, "ru": output.ru},
                        "unit": output.unit,
                        "decimals": output.decimals if output.type == "float" else 0,
                        "deadband": output.deadband,
                        "origin": {"rule": rule.name, "file": rule.file, "line": rule.line},
                    }
                )
    return rows, faults


def attach_python(
    rules: Sequence[PythonRule], plant: Plant
) -> tuple[list[PythonInstance], dict[Fault, None], list[str]]:
    """Instances, faults, and what was left out with the reason."""
    instances: list[PythonInstance] = []
    faults: dict[Fault, None] = {}
    skipped: list[str] = []
    for rule in rules:
        for names, _site, _device in _places(rule, plant):
            reads, patterns, absent = _reads(rule, names, faults)
            if absent:
                where = names.prefix or "the plant"
                skipped.append(f"{rule.name} at {where}: there is no {', '.join(absent)}")
                continue
            writes = {
                output.name: f"{names.prefix}.{output.name}" if names.prefix else output.name for output in rule.writes
            }
            blocks = {name: make() for name, make in rule.blocks.items()}
            instances.append(
                PythonInstance(
                    f"{rule.name}:{names.prefix}".rstrip(":"),
                    rule,
                    Image(reads, writes, patterns, blocks),
                    blocks,
                    tuple({one.name: None for one in reads.values()}),
                    tuple(writes.values()),
                )
            )
    return instances, faults, skipped


def _reads(
    rule: PythonRule, names: ScopeNames, faults: dict[Fault, None]
) -> tuple[dict[str, Input], dict[str, list[str]], list[str]]:
    reads: dict[str, Input] = {}
    patterns: dict[str, list[str]] = {}
    absent: list[str] = []
    for wanted in rule.reads:
        expanded = [fill_stars(wanted, stars) for stars in names.matches(wanted)] if "*" in wanted else [wanted]
        found = {name: one for name in expanded if (one := names.find(name)) is not None}
        reads |= found
        if "*" in wanted:
            patterns[wanted] = list(found)
        if found:
            continue
        if names.absent(wanted):
            absent.append(wanted)
        else:
            path = f"rule '{rule.name}'"
            faults[Fault(rule.file, rule.line, 0, path, f"reads: {names.refusal(wanted)}")] = None
    return reads, patterns, absent
