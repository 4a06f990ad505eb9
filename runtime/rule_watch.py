"""Which rules of the site have failed: told once each, in the log and in the journal, and counted for the tag.

Stage: beside the scan, once a second. What fails of one rule fails at most devices, so those of one place in a file are
told together.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import PurePath

from runtime.rules import RuleSet
from tagdb import Words

__all__ = ["RuleWatch"]

log = logging.getLogger("scada.rules")


class RuleWatch:
    """Called by one thread."""

    def __init__(self, journal: Callable[[str, Words, str], None]) -> None:
        """``journal`` takes the name of the first that failed, what happened in both languages, and the traceback."""
        self._journal = journal
        self._rules: RuleSet | None = None
        self._told: set[str] = set()

    def look(self, rules: RuleSet) -> int:
        """Tell what has failed since the last look; how many are out of work now."""
        if rules is not self._rules:
            self._rules, self._told = rules, set()
        failed = [rule for rule in rules.rules if rule.fault]
        fresh = {rule.name for rule in failed} - self._told
        if fresh:
            self._told |= fresh
            self._tell([row for row in rules.status() if row["name"] in fresh])
        return len(failed)

    def _tell(self, rows: list[dict[str, str]]) -> None:
        places: dict[tuple[str, str], list[dict[str, str]]] = {}
        for row in rows:
            places.setdefault((row["file"], row["line"]), []).append(row)
        for (file, line), some in places.items():
            fault = some[0]["fault"].strip()
            what = f"{PurePath(file).name}:{line}: {fault.splitlines()[-1]}"
            names = ", ".join(row["name"] for row in some[:5]) + (f" and {len(some) - 5} more" if len(some) > 5 else "")
            log.error("rule failed and is switched off until the next reload: %s\n%s", names, fault)
            words = {
                "en": f"Rule switched off after a failure ({len(some)} of them): {what}",
                "ru": f"Правило отключено из-за ошибки (экземпляров: {len(some)}): {what}",
            }
            self._journal(some[0]["name"], words, fault)
