"""The scan process put together: store, inbox, scan loop, pollers, publisher, command channel, live reload."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from runtime.admission import Admission
from runtime.alarm_memory import AlarmMemory
from runtime.alarming import Alarming
from runtime.assembly import Assembly
from runtime.clock_set import told
from runtime.clocks import Clocks
from runtime.control_file import ControlFile
from runtime.control_verbs import ControlVerbs
from runtime.controlling import Controlling
from runtime.engineering import Engineering
from runtime.field import HealthTags, Pollers
from runtime.heartbeat import Vitals
from runtime.journaling import StateJournal
from runtime.maintaining import Maintaining
from runtime.outputs import ChannelServer, GarbageDuty, ProcessHealth, Publisher
from runtime.own_tags import SCADA_TAGS
from runtime.recording import Recording
from runtime.reload import Reloader, in_short
from runtime.rule_watch import RuleWatch
from runtime.rules import RuleSet
from runtime.scan import Clock, Cycle, Logic, Moment, ScanLoop, ScanStatistics, SystemClock, Watchdog
from runtime.scan.alarms import AlarmDefinition
from runtime.scan.result import ScanResult
from runtime.selfwatch import SelfWatch
from runtime.settings import HistorySettings
from runtime.unfinished import unfinished
from runtime.wire import LinkKind
from tagdb import Batch, Inbox, Quality, RunDir, TagStore, Words
from tagdb.accounts import Accounts, Gate
from tagdb.audit import AuditTrail
from tagdb.history import Event, HistoryGone, HistoryWriter, SchemaTooOld, open_history
from tagdb.samples import TagSet

__all__ = ["Program"]

log = logging.getLogger("scada.program")

#: silence of the scan that counts as stuck: this many periods, and no less than so many seconds
STUCK_PERIODS, STUCK_S = 10, 2.0
#: what the retained state of the rules is called in the history
RULES = "rules"
#: how long an order waits for the end of a scan, seconds: less than whoever asked waits for the answer
ORDER_PATIENCE_S = 3.0
_NO_DATA: Mapping[str, Any] = {}
#: how long the start waits for the history; without it alarms begin anew
HISTORY_PATIENCE_S = 3.0


class Program:
    """Built once; ``run`` scans in the calling thread until ``stop``."""

    def __init__(self, assembly: Assembly, run_dir: RunDir, clock: Clock | None = None) -> None:
        """Raises OSError when the run directory or its socket cannot be made, SchemaTooNew, BadUrl for the history,
        AccountsUnusable for the accounts."""
        self.clock = clock or SystemClock()
        self.assembly = assembly
        settings = assembly.settings
        self.store = TagStore()
        self.inbox = Inbox()
        self.publisher = Publisher(run_dir, self.store)
        self.publisher.install(assembly.directory, self.publisher.stage(assembly.directory))
        now = Moment(self.clock.time(), self.clock.monotonic())
        self.history = _writer(settings.history)
        retained = _retained(settings.history.url)
        self.accounts = Accounts(settings.accounts, self.clock.time)
        self.gate = Gate(self.accounts)
        self.audit = AuditTrail(settings.accounts.audit, "scan")
        self.audit.start()
        self.pollers = Pollers(self.inbox, self.clock.time)
        self.controlling = Controlling(
            assembly.controls, _link_kinds(assembly), self.store, self.pollers, now, wall=self.clock.time,
            file=ControlFile(settings.control_file), history=self.history, write_audit=self.audit.note,
            open_commands=unfinished(settings.accounts.audit),
        )  # fmt: skip
        self.desk = Admission(self.gate, self.audit, self.clock.time)
        self.maintaining = Maintaining(settings, assembly.directory, self.clock, self.history)
        self.alarming = Alarming(
            assembly.directory, self._alarms(assembly), assembly.rules.suppressors, now, retained, self.history
        )
        self._memory = AlarmMemory(
            settings.history.url, now.time, lambda before: self._ordered(lambda _: self.alarming.remember(before))
        )  # fmt: skip
        self.maintaining.connect(self.alarming, self._install_alarms, self._ordered)
        self.states = StateJournal(assembly.directory)
        recorded = settings.history.url and settings.history.values
        self.recording = Recording(settings.history, assembly.directory, now) if recorded else None
        self._run_rules(assembly.rules, retained.get(RULES), now)
        self._garbage = GarbageDuty()
        self.statistics = ScanStatistics(settings.period_s, self._text)
        self.cycle = Cycle(
            self.store,
            self.inbox,
            self.publisher.publish,
            rules=_in_order(assembly, self.controlling.rule, self.maintaining.rule, self.alarming.rule),
            housekeeping=[
                lambda result: self.maintaining.hand_on(result.now),
                lambda result: self.alarming.hand_on(self.store, result.now),
                self._journal_states,
                self._record,
                lambda result: self.statistics.write(self.store, result),
                lambda result: self._garbage.step(result.now.monotonic),
            ],
            stopwatch=self.clock.monotonic,
        )
        self.loop = ScanLoop(self.cycle, self.clock, self.statistics, lambda o: log.warning("overrun: %s", o))
        self.watchdog = Watchdog(
            self.clock,
            lambda: self.loop.alive_at,
            _stuck_after(settings.period_s),
            threading.get_ident(),
        )
        self.reloader = Reloader(self)
        self._process = ProcessHealth()
        self._rule_watch = RuleWatch(self._journal_rule)
        self.selfwatch = SelfWatch(
            settings, run_dir, self.clock, self._vitals, self._journal_heartbeat, self._journal_clock
        )
        self._own = HealthTags(self._own_slots(), self.inbox, "scada")
        engineering = Engineering(self.pollers, self.reloader.reload, self._journal_login, self.desk)
        verbs: dict[str, Callable[..., Any]] = {
            "status": self._status,
            "rules": lambda: self.assembly.rules.told(),
            **engineering.verbs(),
            **self.alarming.verbs(self._ordered, self.desk),
            **self.maintaining.verbs(self.desk),
        }
        verbs |= ControlVerbs(self.controlling, self.gate, self._ordered).table()
        self._channel = ChannelServer(run_dir.channel, verbs)

    def run(self) -> None:
        """Poll and scan until stopped."""
        # The scan thread must get the interpreter's lock back quickly from the pollers' thread (default 5 ms).
        sys.setswitchinterval(0.0005)
        self._journal("start", {"en": "The runtime has started", "ru": "Исполняющая система запущена"})
        self.pollers.start(self.assembly.plan)
        self.pollers.every(1.0, self._post_own_tags)
        self.selfwatch.start()
        self.reloader.watch()
        self.maintaining.start()
        if self.history:
            self._memory.start()
        watch = self.watchdog.watch(0.5, log.critical)
        self._garbage.begin(self.clock.monotonic())
        try:
            self.loop.run()
        finally:
            self._garbage.end()
            self.selfwatch.stop()
            self.watchdog.stop()
            watch.join()
            self.reloader.stop()
            self._channel.close()
            self.pollers.stop()
            self.maintaining.stop()
            if self.history:
                self._memory.stop()
            self._close_history()
            self.audit.stop()
            self.accounts.close()
            self.publisher.close()

    def stop(self) -> None:
        """End after the scan that is running. Any thread, or a signal handler."""
        self.loop.stop()

    def install(self, assembly: Assembly, report: Sequence[str] = ()) -> None:
        """Take a checked configuration over: tags between two scans, then the links and devices that changed.

        ``report``: what that is, a line each, for the journal.
        """

        staged = self.publisher.stage(assembly.directory)
        recorded = TagSet(assembly.directory.tags)

        def switch() -> None:
            now = Moment(self.clock.time(), self.clock.monotonic())
            state = self.assembly.rules.dump(now.monotonic)
            self.publisher.install(assembly.directory, staged)
            self.maintaining.install(assembly.directory)
            self.alarming.install(assembly.directory, self._alarms(assembly), assembly.rules.suppressors, now)
            self.states.install(assembly.directory)
            if self.recording:
                self.recording.install(recorded, now)
            self._run_rules(assembly.rules, state, now)
            self.controlling.install(assembly.controls, _link_kinds(assembly))
            self.cycle.rules = _in_order(assembly, self.controlling.rule, self.maintaining.rule, self.alarming.rule)
            self.statistics.period_s = assembly.settings.period_s
            self.watchdog.limit_s = _stuck_after(assembly.settings.period_s)

        self.loop.between_scans(switch).result(timeout=30)
        self.assembly = assembly
        self.selfwatch.apply(assembly.settings)
        self.pollers.apply(assembly.plan)
        words = {"en": "The configuration was reloaded", "ru": "Конфигурация перезагружена"}
        self._journal("reload", words, "config", in_short(report), {"report": list(report)})
        self.desk.note_own("config.reload", assembly.settings.file, new=f"generation {assembly.directory.generation}")

    def _alarms(self, assembly: Assembly) -> list[AlarmDefinition]:
        return [*assembly.alarms, *assembly.policy.apply(self.maintaining.definitions)]

    def _install_alarms(self, now: Moment) -> None:
        assembly = self.assembly
        self.alarming.install(assembly.directory, self._alarms(assembly), assembly.rules.suppressors, now)

    def _run_rules(self, rules: RuleSet, state: Any, now: Moment) -> None:
        rules.connect(self.alarming.engine.report, self.alarming.engine.suppress)
        if state:
            rules.restore(state, now.monotonic)

    def _ordered(self, order: Callable[[Moment], Any]) -> Any:
        """Have the scan's thread do something between two scans; its result. Any other thread.

        Raises TimeoutError where the scan is stuck; then it is not done later either.
        """
        answers: list[Any] = []

        def work() -> None:
            answers.append(order(Moment(self.clock.time(), self.clock.monotonic())))

        future = self.loop.between_scans(work)
        try:
            future.result(timeout=ORDER_PATIENCE_S)
        except TimeoutError:
            if future.cancel():
                raise
            future.result(timeout=ORDER_PATIENCE_S)  # it has begun in this very moment
        return answers[0]

    def _journal(
        self, event: str, text: dict[str, str], category: str = "runtime", comment: str = "",
        data: Mapping[str, Any] = _NO_DATA,
    ) -> None:  # fmt: skip
        if self.history:
            now = self.clock.time()
            self.history.post(
                Event(time=now, category=category, event=event, text=text, comment=comment, data=data)
            )

    def _vitals(self) -> Vitals:
        writes = self.history is None or bool(self.history.status()["healthy"])
        return Vitals(self.cycle.scan, self.watchdog.stuck, writes)

    def _journal_heartbeat(self, count: int) -> None:
        text = {"en": f"All is well, sign of life {count}", "ru": f"Всё в порядке, сигнал жизни {count}"}
        self._journal("heartbeat", text)

    def _journal_clock(self, moved_s: float) -> None:
        self._journal("clock-set", dict(told(moved_s)))

    def _journal_rule(self, name: str, text: Words, fault: str) -> None:
        if self.history:
            now, data = self.clock.time(), {"fault": fault}
            self.history.post(
                Event(time=now, category="runtime", key=name, event="rule-failed", text=text, data=data)
            )

    def _journal_login(self, event: str, text: Mapping[str, str], who: str, origin: str) -> None:
        if self.history:
            row = Event(
                time=self.clock.time(), category="login", event=event, text=dict(text), who=who, comment=origin
            )
            self.history.post(row)

    def _journal_states(self, result: ScanResult) -> None:
        events = self.states.events(self.store, result)
        if self.history:
            for event in events:
                self.history.post(event)

    def _record(self, result: ScanResult) -> None:
        if self.recording:
            self.recording.scan(self.store, result)

    def _close_history(self) -> None:
        self._journal("stop", {"en": "The runtime has stopped", "ru": "Исполняющая система остановлена"})
        if self.history:
            self.history.retain(RULES, self.assembly.rules.dump(self.clock.monotonic()))
            self.history.stop()
        if self.recording:
            self.recording.close(Moment(self.clock.time(), self.clock.monotonic()))

    def _text(self, name: str, text: str) -> Batch | None:
        tag = self.store.tags.get(name)
        if tag is None:
            return None
        now = self.clock
        return Batch(
            np.array([tag.slot], np.intp), np.zeros(1), np.full(1, Quality.GOOD, np.uint16),
            now.time(), now.monotonic(), texts=[(0, text)], source="scada",
        )  # fmt: skip

    def _own_slots(self) -> dict[str, int]:
        slots = {tag.name: tag.slot for tag in self.assembly.directory.tags}
        posted = (row.name for row in SCADA_TAGS if not row.name.startswith(("scan.", "alarms.", "control.")))
        return {name: slots[f"scada.{name}"] for name in posted}

    def _post_own_tags(self) -> None:
        values: dict[str, float | str] = {
            "inbox.dropped": self.inbox.dropped,
            "inbox.depth": len(self.inbox),
            "watchdog.stuck": self.watchdog.stuck,
            "watchdog.count": self.watchdog.count,
            "watchdog.age_ms": round(self.watchdog.age_s * 1000, 1),
            "config.generation": self.assembly.directory.generation,
            "config.reloads": self.reloader.reloads,
            "config.refused": self.reloader.refused,
            "config.error": self.reloader.error,
            "rules.failed": self._rule_watch.look(self.assembly.rules),
        }
        if self.history:
            status = self.history.status()
            values |= {f"history.{name}": status[name] for name in ("written", "queued", "spooled", "dropped")}
            values |= {"history.failing": not status["healthy"], "history.error": status["last_error"]}
        trail = self.audit.status()
        values |= {
            "audit.failing": bool(trail.trouble),
            "audit.waiting": trail.waiting + trail.spooled,
            "audit.lost": trail.lost,
            "audit.error": trail.trouble,
        }
        self.selfwatch.alive()
        values |= self.selfwatch.values()
        if self.recording:
            values |= self.recording.values()
        self._own.post(values | self._process.values(), self.clock.time(), self.clock.monotonic())

    def _status(self) -> dict[str, Any]:
        return {
            "overruns": [
                {"scan": o.scan, "time": o.time, "phase": o.phase, "cause": o.cause, "ms": round(o.took_s * 1000, 3)}
                for o in self.statistics.recent
            ],
            "worst_ms": {name: round(measure.worst, 3) for name, measure in self.statistics.measures.items()},
            "reload": {"report": self.reloader.report, "faults": self.reloader.faults},
            "rules": [
                *self.assembly.rules.status(),
                {"name": self.controlling.rule.name, "fault": self.controlling.rule.fault},
                {"name": self.alarming.rule.name, "fault": self.alarming.rule.fault},
            ],
        }


def _in_order(assembly: Assembly, *own: Logic) -> list[Logic]:
    """The logic of a scan: the controllers' clocks, what engineers wrote, commands, what is due, the alarms last."""
    alarms = assembly.settings.alarms
    clocks = Clocks(assembly.directory, assembly.maps, alarms.clock_drift_s, alarms.clock_zone)
    return [clocks.rule, assembly.rules, *own]


def _link_kinds(assembly: Assembly) -> dict[str, LinkKind]:
    return {link.name: link.kind for link in assembly.settings.links.values()}


def _stuck_after(period_s: float) -> float:
    return max(STUCK_S, STUCK_PERIODS * period_s)


def _writer(settings: HistorySettings) -> HistoryWriter | None:
    """Started, and what an earlier run could not write is in the database, if that can be had just now."""
    if not settings.url:
        return None
    writer = HistoryWriter(settings.url, settings.spool)
    writer.start()
    writer.flush(HISTORY_PATIENCE_S)
    return writer


def _retained(url: str) -> Mapping[str, Any]:
    """What the last run left in the history; nothing where it cannot be read, which is told."""
    if not url:
        return {}
    try:
        return open_history(url).retained()
    except (HistoryGone, SchemaTooOld) as error:
        log.error("history: %s; alarms begin anew", error)
        return {}
