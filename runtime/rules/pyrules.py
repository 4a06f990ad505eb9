"""Rules in Python: the decorator that states what a function reads and writes, and the loader of their folder.

from runtime.rules import Output, rule

@rule(each="site", reads=["*.power_total"], writes=[Output("total.power", "Power", "Мощность", unit="kW")])
def site_power(tags):
    tags["total.power"] = sum(tags[name] or 0 for name in tags.matching("*.power_total"))
"""

from __future__ import annotations

import importlib.util
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from registermaps import Fault
from runtime.rules.image import Image
from runtime.scan.logic.blocks import Block

__all__ = ["Output", "PythonRule", "load_python", "rule"]


@dataclass(frozen=True, slots=True)
class Output:
    """A derived tag that a rule writes."""

    #: relative to the device or site that the rule is attached to
    name: str
    en: str
    ru: str
    unit: str = ""
    decimals: int = 1
    #: "float", "int" or "bool"
    type: str = "float"
    group: str = "derived"
    deadband: float = 0.0


@dataclass(frozen=True, slots=True)
class PythonRule:
    """A function with what it declares."""

    run: Callable[[Image], None]
    #: names and patterns with stars
    reads: Sequence[str]
    writes: Sequence[Output]
    #: register map it is attached to, "" for none
    map: str = ""
    #: "site": one instance for each site
    each: str = ""
    #: name -> maker of a block, called once for each instance
    blocks: Mapping[str, Callable[[], Block]] = field(default_factory=dict)
    #: blocks whose state survives a restart
    retain: Sequence[str] = ()
    #: set by the loader: file, and line of the function
    file: str = ""
    line: int = 0

    @property
    def name(self) -> str:
        """``total_power``: the function's."""
        return self.run.__name__


def rule(
    *,
    reads: Sequence[str],
    writes: Sequence[Output],
    map: str = "",  # noqa: A002 - the word of the rule files
    each: str = "",
    blocks: Mapping[str, Callable[[], Block]] | None = None,
    retain: Sequence[str] = (),
) -> Callable[[Callable[[Image], None]], PythonRule]:
    """Make a rule of a function that takes an :class:`Image`.

    Args:
        reads: tags it may read, relative to device or site, or full names; stars match within a part of a name.
        writes: derived tags, which are made by this.
        map: one instance for every device of this register map.
        each: "site": one instance for every site.
        blocks: timers and latches, ``{"late": lambda: TON(5.0)}``, each instance has its own.
        retain: names of blocks whose state survives a restart.

    Raises:
        TypeError: for what cannot be.
    """
    if map and each:
        raise TypeError("a rule is attached by map or by each, not by both")
    if each not in ("", "site"):
        raise TypeError(f"each is {each!r}, expected 'site'")
    unknown = [name for name in retain if name not in (blocks or {})]
    if unknown:
        raise TypeError(f"retain names no block: {', '.join(unknown)}")

    def make(run: Callable[[Image], None]) -> PythonRule:
        line = run.__code__.co_firstlineno
        return PythonRule(run, tuple(reads), tuple(writes), map, each, dict(blocks or {}), tuple(retain), "", line)

    return make


def load_python(folder: Path) -> tuple[list[PythonRule], list[Fault]]:
    """The rules of every ``*.py`` of a folder, in the order of file names and of their definition."""
    if not folder.is_dir():
        return [], [Fault(str(folder), 0, 0, "", "no such folder")]
    rules: list[PythonRule] = []
    faults: list[Fault] = []
    for path in sorted(folder.glob("*.py")):
        found, fault = _load_file(path)
        rules += found
        faults += fault
    return rules, faults


def _load_file(path: Path) -> tuple[list[PythonRule], list[Fault]]:
    name = f"scada_rules_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        return [], [Fault(str(path), 0, 0, "", "cannot be loaded as Python")]
    module = importlib.util.module_from_spec(spec)
    writes_code, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        return [], [Fault(str(path), error.lineno or 0, error.offset or 0, "", f"not valid Python: {error.msg}")]
    except Exception as error:  # the guard around foreign code: whatever it raises, the others are told too
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno or 0 for frame in frames if frame.filename == str(path)]
        return [], [Fault(str(path), lines[-1] if lines else 0, 0, "", f"{type(error).__name__}: {error}")]
    finally:
        sys.dont_write_bytecode = writes_code
    rules = [value for value in vars(module).values() if isinstance(value, PythonRule)]
    placed = [
        PythonRule(one.run, one.reads, one.writes, one.map, one.each, one.blocks, one.retain, str(path), one.line)
        for one in rules
    ]
    return placed, []
