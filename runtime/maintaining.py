"""Maintenance wired into the program: the scan's rule, its alarms, and the clerk who keeps rule and database together.

Stage: the clerk is a thread beside the scan. It reads plans (programmes, what was done) from the store, hands them over
between two scans, and writes down where the meters stand. Without a database nothing is due, and the meters run for
themselves.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from programmes import standard_programme
from runtime.admission import Admission
from runtime.alarming import Alarming
from runtime.outputs import Refusal
from runtime.scan import Clock, Moment
from runtime.scan.alarms import AlarmDefinition
from runtime.scan.maintenance import MaintenanceRule, MeterEvent, engines_of, meters_of
from runtime.settings import Settings
from tagdb import Directory, Words
from tagdb.accounts import Right
from tagdb.history import Event, HistoryGone, HistoryWriter, SchemaTooOld, open_history
from tagdb.maintenance import DAY_S, DevicePlan, MaintenanceStore, Refused, StoreGone

__all__ = ["RETAINED", "Maintaining"]

log = logging.getLogger("scada.maintenance")

#: what the meters' retained rows are called in the history
RETAINED = "meter:"
#: the store is asked so often whether something changed, where nobody said so; meters are written down so often
_LOOK_S, _POINTS_S = 15.0, 600.0
#: days and engine hours a day of a demo before it began, for the forecast
_DEMO_DAYS, _DEMO_PER_DAY = 14, 17.5
#: the demo's engines come with a log of their own: engine hours since the last service of each level
_DEMO_LOG = (
    {"to4": 1190.0, "to3": 690.0, "to2": 440.0, "to1": 236.0},
    {"to4": 1890.0, "to3": 890.0, "to2": 388.0, "to1": 138.0},
    {"to4": 700.0, "to2": 260.0, "to1": 12.0},
)


class Maintaining:
    """Maintenance of the running program. ``clerk`` methods run in its own thread, everything else in the scan's."""

    def __init__(self, settings: Settings, directory: Directory, clock: Clock, history: HistoryWriter | None) -> None:
        self._clock, self._history = clock, history
        self._url = settings.history.url
        speed = settings.simulator.speed if settings.demo else 1.0
        self._rule = MaintenanceRule(speed, settings.demo)
        self.rule = self._rule.rule
        self._store = MaintenanceStore(self._url, settings.demo) if self._url else None
        self._ordered: Callable[[Callable[[Moment], Any]], Any] | None = None
        self._engines = engines_of(directory)
        self._install_alarms: Callable[[Moment], None] = lambda now: None
        self._restored = False
        self._known: list[AlarmDefinition] = []
        self._seen = -1
        self._failed = ""
        #: a demo's engines wait for their log
        self._seeding = settings.demo and self._store is not None
        self._hours: Mapping[str, float] = {}
        self._noted_at = -1e18
        self._awake = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._rule.install(directory)
        if self._store is None:
            self._rule.restore({})
            self._restored = True
        elif (found := self._fetch()) is not None:
            self._take(*found)

    @property
    def definitions(self) -> list[AlarmDefinition]:
        """The alarms of maintenance, beside those of the rules, for the engine that is given them now."""
        self._known = self._rule.definitions()
        return self._known

    def connect(
        self,
        alarming: Alarming,
        install_alarms: Callable[[Moment], None],
        ordered: Callable[[Callable[[Moment], Any]], Any],
    ) -> None:
        """``install_alarms``: give the engine all definitions anew. ``ordered``: have the scan's thread do it."""
        self._rule.connect(alarming.engine.report)
        self._install_alarms, self._ordered = install_alarms, ordered

    def install(self, directory: Directory) -> None:
        """Take a new tag set over; before the alarms' definitions are asked for."""
        self._engines = engines_of(directory)
        self._rule.install(directory)
        self._seen = -1
        self._awake.set()

    def hand_on(self, now: Moment) -> None:
        """After the scan: meters to the history, what happened to them to the journal."""
        for device, event in self._rule.events():
            self._post(_meter_event(device, event, now.time))
        self._hours = self._rule.meter_hours()
        if self._history:
            for device, row in self._rule.changed_meters(now).items():
                self._history.retain(f"{RETAINED}{device}", row)

    def verbs(self, admission: Admission) -> dict[str, Callable[..., Any]]:
        """The channel's verbs."""

        def changed(
            device: str = "",
            event: str = "",
            text: Words | None = None,
            who: str = "",
            comment: str = "",
            key: str = "",
        ) -> Any:
            """The pages wrote something: into the journal with it, and let the rule know."""
            if event:
                self._journal(device, event, text or {}, who, comment, key)
            self._awake.set()
            return {}

        def confirm(device: str, actor: Mapping[str, Any]) -> Any:
            known = admission.admit(actor, Right.MAINTAIN, "maintenance.meter", device.partition(".")[0], device)
            if self._ordered is None or not self._ordered(lambda now: self._rule.confirm(device)):
                raise Refusal("unknown-device", f"maintenance knows no device '{device}'")
            words = {"en": "Hour meter checked", "ru": "Счётчик моточасов проверен"}
            self._journal(device, "meter-confirmed", words, known.name)
            admission.note(known, "maintenance.meter", device, site=device.partition(".")[0])
            return {}

        return {"maintenance-changed": changed, "maintenance-confirm": confirm}

    def start(self) -> None:
        """Begin to look after the store, in a thread."""
        self._thread = threading.Thread(target=self._clerk, name="maintenance", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write down where the meters stand, and end. After the last scan."""
        self._stopping = True
        self._awake.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
        if self._history:
            end = Moment(self._clock.time(), self._clock.monotonic())
            for device, row in self._rule.changed_meters(end, 0.0).items():
                self._history.retain(f"{RETAINED}{device}", row)

    def _clerk(self) -> None:
        while not self._stopping:
            self._awake.wait(_LOOK_S if self._restored and not self._seeding else 1.0)
            self._awake.clear()
            if not self._stopping:
                self._look()
        self._note_points()

    def _look(self) -> None:
        """One round: what changed in the store goes to the rule, where the meters stand goes to the store."""
        try:
            if self._clock.monotonic() - self._noted_at > _POINTS_S:
                self._note_points()
                self._seen = -1  # the forecast of the tags follows them
            if self._seeding:
                self._seed_demo()
            if (found := self._fetch()) is None or self._ordered is None:
                return

            def switch(now: Moment) -> None:
                before = self._known
                self._take(*found)
                if self.definitions != before:
                    self._install_alarms(now)

            self._ordered(switch)
        except (TimeoutError, RuntimeError) as problem:  # the scan is stuck, or has just ended
            log.warning("plans are not handed over: %s", problem or "the scan does not answer")

    def _fetch(self) -> tuple[Mapping[str, DevicePlan], Mapping[str, Any] | None, int] | None:
        """Plans, meters where they are not known yet, and the store's revision; None where nothing is new."""
        if self._store is None:
            return None
        now = self._clock.time()
        try:
            self._store.seed([standard_programme()], now)
            if new := self._store.adopt(self._engines, "standard", now):
                log.info("maintenance: %s added; enter their last services", ", ".join(new))
            revision = self._store.revision()
            if revision == self._seen:
                return None
            kept = None if self._restored else meters_of(open_history(self._url).retained().items(), RETAINED)
            plans = self._store.plans(now)
        except (StoreGone, Refused, HistoryGone, SchemaTooOld) as problem:
            if str(problem) != self._failed:
                self._failed = str(problem)
                log.error("maintenance: %s", problem)
            return None
        self._failed = ""
        return plans, kept, revision

    def _take(self, plans: Mapping[str, DevicePlan], kept: Mapping[str, Any] | None, revision: int) -> None:
        if kept is not None and not self._restored:
            self._rule.restore(kept)
            self._restored = True
        self._rule.set_plans(plans)
        self._seen = revision

    def _note_points(self) -> None:
        if self._store is None or not self._hours:
            return
        try:
            self._store.note_points(self._hours, self._clock.time())
            self._noted_at = self._clock.monotonic()
        except (StoreGone, Refused) as problem:
            log.debug("maintenance: %s", problem)

    def _seed_demo(self) -> None:
        """The demo's engines get a log, but for one, that its visitors find what there is to see."""
        if self._store is None or not self._hours or not self._restored:
            return
        now = self._clock.time()
        try:
            if not self._store.log():
                self._enter_demo(self._store, now)
            self._seeding = False
        except (StoreGone, Refused) as problem:
            log.debug("maintenance: %s", problem)

    def _enter_demo(self, store: MaintenanceStore, now: float) -> None:
        for day in range(_DEMO_DAYS, 0, -1):
            before = {device: hours - day * _DEMO_PER_DAY for device, hours in self._hours.items()}
            store.note_points(before, now - day * DAY_S)
        for (device, hours), since in zip(sorted(self._hours.items()), _DEMO_LOG, strict=False):
            for level, ago in since.items():
                done = now - ago * 3600.0
                store.enter(uuid.uuid4().hex, device, level, done, round(hours - ago, 1), "demo", now)

    def _journal(self, device: str, event: str, text: Words, who: str, comment: str = "", key: str = "") -> None:
        site, now = device.partition(".")[0], self._clock.time()
        self._post(
            Event(time=now, category="maintenance", site=site, device=device, key=key, event=event, text=dict(text),
                  who=who, comment=comment)
        )  # fmt: skip

    def _post(self, event: Event) -> None:
        if self._history:
            self._history.post(event)


def _meter_event(device: str, event: MeterEvent, now: float) -> Event:
    texts = {
        "rolled-over": {"en": "Hour counter rolled over", "ru": "Счётчик моточасов начал счёт с нуля (переполнение)"},
        "rebased": {
            "en": f"Hour counter changed: {event.before:.1f} h before, {event.after:.1f} h now; the meter stays at "
            f"{event.meter:.1f} h",
            "ru": f"Показания счётчика моточасов изменились: было {event.before:.1f} ч, стало {event.after:.1f} ч; "
            f"учёт продолжен с {event.meter:.1f} ч",
        },
    }
    return Event(
        time=now, category="maintenance", site=device.partition(".")[0], device=device, key=f"{device}.run_hours",
        event=f"meter-{event.kind}", text=texts[event.kind], before=f"{event.before:.2f}", after=f"{event.after:.2f}",
        data={"meter": event.meter},
    )  # fmt: skip
