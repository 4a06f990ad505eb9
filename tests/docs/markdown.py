"""The documentation as the tests see it: pages, their links, anchors, fenced samples and named paths."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["PAGES", "ROOT", "Sample", "anchors", "links", "prose", "samples"]

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])

_FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Sample:
    """One fenced block: ```` ```yaml checked file=registermaps/x.yaml ````."""

    page: Path
    line: int
    language: str
    #: "checked": it must do what the page says
    checked: bool
    #: written under this name before the samples that follow on the page
    file: str
    #: quoted from this file of the repository
    source: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def samples(page: Path) -> list[Sample]:
    """The fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in _FENCE.finditer(text):
        words = match[2].split()
        options = dict(word.split("=", 1) for word in words if "=" in word)
        line = text.count("\n", 0, match.start()) + 1
        unknown = [word for word in words if word != "checked" and not word.startswith(("file=", "from="))]
        assert not unknown, f"{page}:{line}: unknown words behind the language of a sample: {unknown}"
        found.append(
            Sample(page, line, match[1], "checked" in words, options.get("file", ""), options.get("from", ""), match[3])
        )
    return found


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def links(page: Path) -> Iterator[str]:
    """Targets of the links of a page."""
    return (match[1] for match in _LINK.finditer(prose(page)))


def anchors(page: Path) -> set[str]:
    """What may stand behind the # of a link to this page, made as GitHub and GitLab make them."""
    found = set()
    for heading in _HEADING.findall(prose(page)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        found.add(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    return found
