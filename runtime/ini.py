"""The ini reader: sections and keys with their lines, checked against a table of keys; every fault in one pass."""

from __future__ import annotations

import configparser
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registermaps import ConfigError, Fault, did_you_mean, not_utf8

__all__ = ["Faults", "IniFile", "Key", "Section", "parse_section", "read_ini"]


#: keys of which a section may hold many, each with a name of its own behind the dot -> what their values are under
_FAMILIES = {"label": "labels", "priority": "priorities"}


@dataclass(frozen=True, slots=True)
class Key:
    """One key that a section may hold: the source of parsing, of error texts and of the reference page."""

    name: str
    #: text -> value; raises ValueError whose message says what was expected
    parse: Callable[[str], Any]
    #: None together with ``required`` False means "not set"
    default: Any
    help: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A section as it stands in the file."""

    #: the first word: "device" of ``[device mkz.gpu1]``
    kind: str
    #: the rest: "mkz.gpu1"; "" where there is none
    name: str
    line: int
    #: key -> (text, line)
    items: Mapping[str, tuple[str, int]]

    @property
    def title(self) -> str:
        """``section [device mkz.gpu1]``, for messages."""
        return f"section [{self.kind} {self.name}]" if self.name else f"section [{self.kind}]"


class Faults:
    """Collects the faults of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Fault] = []

    def add(self, line: int, path: str, message: str) -> None:
        """Note one fault."""
        self.found.append(Fault(self.file, line, 0, path, message))


@dataclass(frozen=True, slots=True)
class IniFile:
    """A whole ini file."""

    file: str
    sections: Sequence[Section]

    def of_kind(self, kind: str) -> list[Section]:
        """All sections of one kind, in file order."""
        return [section for section in self.sections if section.kind == kind]


def read_ini(path: Path, faults: Faults) -> IniFile:
    """Read a file; its faults are told under the name in ``faults``. Duplicate sections and keys are faults.

    Raises ConfigError when it cannot be read at all.
    """
    try:
        # Editors of Windows put a mark before the text and a return at the end of lines; neither means anything.
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise ConfigError([Fault(faults.file, 0, 0, "", f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError as error:
        raise ConfigError([not_utf8(faults.file, error)]) from None
    text = _sound_lines(text, faults)
    lines = _line_numbers(text, faults)
    parser = configparser.ConfigParser(interpolation=None, strict=False, delimiters=("=",))
    parser.optionxform = lambda optionstr: optionstr.strip()  # type: ignore[method-assign]
    parser.read_string(text, source=str(path))
    sections = []
    for header in parser.sections():
        kind, _, name = header.partition(" ")
        items = {key: (value.strip(), lines.get((header, key), 0)) for key, value in parser.items(header)}
        sections.append(Section(kind, name.strip(), lines.get((header, ""), 0), items))
    return IniFile(faults.file, sections)


def parse_section(section: Section, keys: Sequence[Key], faults: Faults) -> dict[str, Any]:
    """Values of a section by the table; unknown keys, missing ones and bad values are noted as faults."""
    known = {key.name: key for key in keys}
    values = {key.name: key.default for key in keys}
    for name, (text, line) in section.items.items():
        family, dot, member = name.partition(".")
        key = known.get(name) or known.get(f"{family}.*" if dot and member else name)
        if key is None:
            suggestion = did_you_mean(name, list(known))
            faults.add(line, section.title, f"unknown key '{name}'{suggestion}")
            continue
        try:
            if key.name.endswith(".*"):
                values.setdefault(_FAMILIES[family], {})[member] = key.parse(text)
            else:
                values[name] = key.parse(text)
        except ValueError as error:
            faults.add(line, section.title, f"key '{name}': found '{text}', expected {error}")
    for key in keys:
        if key.required and key.name not in section.items:
            faults.add(section.line, section.title, f"key '{key.name}' is missing: {key.help}")
    return values


def _sound_lines(text: str, faults: Faults) -> str:
    """The text with the lines emptied that are no line of an ini, each a fault, so that all others are still checked.
    An indented one is none: configparser would join it to the value above, without a word."""
    lines = text.split("\n")
    section = lost = False
    for number, line in enumerate(lines, 1):
        found = line.strip()
        if not found or found[0] in "#;":
            continue
        if re.match(r"\[[^]]+\]", line):
            section = True
            continue
        if line[0] == "[":
            faults.add(number, "", f"expected [section], found '{found}'")
        elif not section and not lost:
            faults.add(number, "", f"found '{found}' before the first [section]")
            lost = True
        elif section and line[0].isspace():
            faults.add(number, "", f"found {found!r} after a blank: a line begins with its key or [section]")
        elif section and not re.match(r"[^=]*[^=\s][^=]*=", line):
            faults.add(number, "", f"expected 'key = value', found '{found}'")
        elif section:
            continue
        lines[number - 1] = ""
    return "\n".join(lines)


def _line_numbers(text: str, faults: Faults) -> dict[tuple[str, str], int]:
    """Line of every section header (with key "") and key; duplicates become faults."""
    places: dict[tuple[str, str], int] = {}
    header = ""
    for number, line in enumerate(text.split("\n"), 1):
        if match := re.match(r"\[([^]]+)\]", line):
            place = (header := match[1], "")
        elif (match := re.match(r"([^\s#;=][^=]*?)\s*=", line)) and header:
            place = (header, match[1])
        else:
            continue
        if place in places:
            what = f"key '{place[1]}'" if place[1] else "this section"
            message = f"{what} stands here a second time (first in line {places[place]})"
            faults.add(number, f"section [{header}]", message)
        else:
            places[place] = number
    return places
