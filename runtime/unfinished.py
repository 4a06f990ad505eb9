"""Commands that were given before this start and whose outcome nobody told: the program ended under them.

Stage: read from the audit trail when the program is put together; the control rule then tells them as unknown.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path

from tagdb.audit import ERRORS, AuditFilter, AuditLine, reading, spooled

__all__ = ["unfinished"]

log = logging.getLogger("scada.control")

#: newest lines of the trail that are looked through: what was open when the program ended stands among the very last
_LOOK_BACK = 5000


def unfinished(trail: Path, writer: str = "scan") -> list[AuditLine]:
    """The lines of ``command.operate`` that no ``command.outcome`` follows, the oldest first.

    ``writer``: whose lines may still wait beside the trail.
    """
    if not trail.exists():
        return []
    try:
        waiting = spooled(trail, writer)  # before the trail: what is brought into it meanwhile is found there
        with reading(trail) as book:
            lines = book.lines(AuditFilter(), _LOOK_BACK)
    except ERRORS as error:
        log.error("the audit trail cannot be read (%s): commands that the last run left open are not told", error)
        return []
    outcomes = [line.detail for line in lines if line.action == "command.outcome"]
    outcomes += [str(row["detail"]) for row in waiting if row["action"] == "command.outcome"]
    over = {number for detail in outcomes if (number := _number(detail))}
    given = (line for line in lines if line.action == "command.operate" and line.result == "done")
    return [line for line in given if (number := _number(line.detail)) and number not in over][::-1]


def _number(detail: str) -> int:
    try:
        return int(json.loads(detail)["number"])
    except (ValueError, TypeError, KeyError):
        return 0
