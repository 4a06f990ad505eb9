"""Live reload as a transaction: read and check everything, show the differences, then touch only what changed."""

from __future__ import annotations

import logging
import operator
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

from registermaps import ConfigError, Fault
from runtime.accepted import Stamps, load_stamped, save, stamps
from runtime.assembly import Assembly
from tagdb import RunDir, Tag

__all__ = ["Reloader", "differences", "in_short"]

log = logging.getLogger("scada.reload")

_T = TypeVar("_T")

#: sections of the ini whose changes are taken over at once, and those that wait for the next start
_AT_ONCE = ("alarms", "heartbeat")
_AT_NEXT_START = ("ui", "accounts", "simulator", "history", "reports")


class Reloadable(Protocol):
    """What the reloader changes: the program."""

    assembly: Assembly

    def install(self, assembly: Assembly, report: Sequence[str] = ()) -> None:
        """Take a checked configuration over; what changed, a line each."""


class Reloader:
    """Reloads on demand and when a file changes. A faulty configuration is refused whole; the old one stays."""

    def __init__(self, program: Reloadable, every_s: float = 1.0) -> None:
        self._program = program
        self._every_s = every_s
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._thread: threading.Thread | None = None
        self._kept_in: RunDir | None = None
        self._seen = stamps(program.assembly.settings)
        #: what the files looked like at the last look, while they differ from ``_seen``
        self._looked = self._seen
        self.reloads = 0
        self.refused = 0
        #: why the last reload was refused, in a sentence; "" when it was not
        self.error = ""
        self.faults: list[str] = []
        #: what the last reload changed
        self.report: list[str] = []

    def keep(self, run_dir: RunDir, seen: Stamps) -> None:
        """Keep a copy of what is accepted in the run directory: what runs now, and after every reload.

        Args:
            run_dir: of the running program.
            seen: stamps of the files before the program's configuration was read; empty when it was not read from them,
                so that they are looked at again soon.
        """
        self._kept_in = run_dir
        self._seen = self._looked = seen
        if seen:
            self._save()

    def reload(self) -> list[str]:
        """Read everything again and apply it; what changed. Faults are logged and kept, never raised."""
        return self._guarded(self._reload, [])

    def _reload(self) -> list[str]:
        with self._lock:
            before = self._program.assembly
            self._seen = stamps(before.settings)
            try:
                after, seen = load_stamped(Path(before.settings.file), before)
                if after.settings.demo != before.settings.demo:
                    message = "key 'demo' cannot change while the program runs: stop it and start it again"
                    raise ConfigError([Fault(before.settings.file, 0, 0, "section [scada]", message)])
            except ConfigError as error:
                self.refused += 1
                self.faults = [str(fault) for fault in error.faults]
                more = f" (and {len(self.faults) - 1} more)" if len(self.faults) > 1 else ""
                self.error = self.faults[0] + more
                log.error("reload refused, the old configuration stays in force:\n%s", "\n".join(self.faults))
                return []
            report = [*differences(before, after), *_revived(before)]
            self.error, self.faults = "", []
            if report or after.directory.tags != before.directory.tags:
                self._program.install(after, report)
                self.reloads += 1
                log.info("reloaded:\n%s", "\n".join(report) or "only comments and line numbers changed")
            self.report = report
            self._seen = seen  # the folder of the maps may be another one now
            self._save()
            return report

    def watch(self) -> None:
        """Reload whenever the ini or a map changes, until ``stop``."""

        def work() -> None:
            while not self._done.wait(self._every_s):
                self._guarded(self.check, False)

        self._thread = threading.Thread(target=work, name="reload", daemon=True)
        self._thread.start()

    def check(self) -> bool:
        """Reload if a file changed and stands still: the same in two looks, so not half written. Whether it did."""
        now = stamps(self._program.assembly.settings)
        before, self._looked = self._looked, now
        if now == self._seen or now != before:
            return False
        self.reload()
        return True

    def stop(self) -> None:
        """End watching."""
        self._done.set()
        if self._thread:
            self._thread.join(timeout=30)

    def _guarded(self, work: Callable[[], _T], otherwise: _T) -> _T:
        """The top of the threads that reload: a mistake of our own must not end the watch, nor pass unseen."""
        try:
            return work()
        except Exception as error:
            log.exception("reload failed; watching goes on")
            self.refused += 1
            self.error = f"reload failed: {type(error).__name__}: {error}"
            self.faults = [self.error]
            return otherwise

    def _save(self) -> None:
        """What is kept must be what was read: where a file has changed since, the next look reloads and keeps it."""
        if self._kept_in is None:
            return
        try:
            save(self._program.assembly.settings, self._kept_in, self._seen)
        except OSError as error:
            log.warning("the accepted configuration could not be kept: %s", error)


def differences(before: Assembly, after: Assembly) -> list[str]:
    """What changed, a line each; empty when nothing did."""
    lines: list[str] = []
    old, new = before.settings, after.settings
    lines += [
        f"title [{language}]: {old.title[language]} -> {text}"
        for language, text in new.title.items()
        if old.title[language] != text
    ]
    if old.maps != new.maps:
        lines.append(f"folder of the register maps: {old.maps} -> {new.maps}")
    if old.period_s != new.period_s:
        lines.append(f"scan period: {old.period_s * 1000:g} ms -> {new.period_s * 1000:g} ms")
    lines += [f"section [{name}]: changed" for name in _AT_ONCE if getattr(old, name) != getattr(new, name)]
    lines += [
        f"section [{name}]: takes effect when the program is started again"
        for name in _AT_NEXT_START
        if getattr(old, name) != getattr(new, name)
    ]
    lines += _changes("rule file", before.rule_files, after.rule_files)
    lines += _changes("site", old.sites, new.sites)
    lines += _changes("link", old.links, new.links)
    lines += _changes("device", old.devices, new.devices)
    lines += _changes("register map", before.maps, after.maps)
    lines += _changes(
        "tag",
        {tag.name: tag for tag in before.directory.tags},
        {tag.name: tag for tag in after.directory.tags},
        same=_but_for_its_line,
    )
    return lines


def in_short(report: Sequence[str], most: int = 12) -> str:
    """One line for the journal: what changed but for its tags, which follow from the rest."""
    lines = [line for line in report if not line.startswith(("tag ", "... and"))] or list(report)
    more = f"; and {len(lines) - most} more" if len(lines) > most else ""
    return "; ".join(lines[:most]) + more


def _revived(before: Assembly) -> list[str]:
    """Rules that had failed run again after any reload: what they failed of may be over."""
    failed = sum(1 for rule in before.rules.rules if rule.fault)
    return [f"rules that had failed are tried again: {failed}"] if failed else []


def _changes(
    what: str, old: Mapping[str, Any], new: Mapping[str, Any], most: int = 20,
    same: Callable[[Any, Any], bool] = operator.eq,
) -> list[str]:  # fmt: skip
    lines = [f"{what} {name}: added" for name in new if name not in old]
    lines += [f"{what} {name}: removed" for name in old if name not in new]
    lines += [f"{what} {name}: changed" for name in new if name in old and not same(old[name], new[name])]
    if len(lines) > most:
        lines = [*lines[:most], f"... and {len(lines) - most} more {what}s"]
    return lines


def _but_for_its_line(old: Tag, new: Tag) -> bool:
    """A comment put into a map moves every line below it, and changes no tag."""
    return old == new or _without_line(old) == _without_line(new)


def _without_line(tag: Tag) -> Tag:
    return replace(tag, origin={key: value for key, value in tag.origin.items() if key != "line"})
