"""Whether the audit trail is as it was written: numbers without a gap, every hash right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tagdb.audit.book import AuditLine
from tagdb.audit.chain import FIELDS, START, hash_of

__all__ = ["Verdict", "verify"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found."""

    #: lines that are in order, from the first
    lines: int
    #: hash of the last of them, to be noted elsewhere: a trail that was cut short still fits together
    head: str
    #: number of the first line that is not as it was written; None = all are
    broken: int | None = None
    #: what is wrong with it
    reason: str = ""
    #: whether the hash that was asked for is among them; None = none was asked for
    holds: bool | None = None


def verify(lines: Iterable[AuditLine], known: str = "") -> Verdict:
    """Check a trail from its first line on. ``known``: a head that was noted earlier, which must be in it."""
    number, previous, holds = 0, START, None if not known else False
    for line in lines:
        number += 1
        if line.number != number:
            return Verdict(number - 1, previous, number, f"is missing: line {line.number} follows", holds)
        if line.previous != previous:
            return Verdict(number - 1, previous, number, "does not follow from the line before", holds)
        fields = {name: getattr(line, name) for name in FIELDS} | {"time": round(line.time * 1e6)}
        if hash_of(previous, number, fields) != line.hash:
            return Verdict(number - 1, previous, number, "was changed: its hash is not that of its content", holds)
        previous = line.hash
        holds = holds or (line.hash == known if known else None)
    return Verdict(number, previous, holds=holds)
