"""The alarm engine: once a scan, what became of every alarm; between scans, what operators order.

Stage: housekeeping of the scan. Tags and rules in; transitions and occurrences out, for the journal and the alarm list.
A function of tags, reports, orders and moments: no thread, no clock of its own. Delays and shelving run on the
monotonic clock, so that a jump of the wall clock neither raises nor hides anything; stamps are wall time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from runtime.scan.alarms.alarm import Alarm, Code
from runtime.scan.alarms.bursts import Bursts
from runtime.scan.alarms.inputs import Reading, TagInputs
from runtime.scan.alarms.look import Look
from runtime.scan.alarms.model import AlarmDefinition, AlarmState, Occurrence, Priority, Transition
from runtime.scan.alarms.orders import Orders
from runtime.scan.alarms.retained import Kept, kept_of, raised_in_order, restore_alarm, row_of
from runtime.scan.alarms.suppression import Suppression
from runtime.scan.alarms.table import Event
from runtime.scan.clock import Moment
from tagdb import Quality, Tag, TagStore, Value, Words

__all__ = ["AT_ONCE", "AlarmEngine"]

#: a burst of more readings goes on in the next scans, the most urgent first, so that each is held up less
AT_ONCE = 1000
#: alarm, what its input says, the value and the device's time of that
_Heard = tuple[Alarm, Reading, Value, float | None]
_NOBODY: Mapping[str, Collection[str]] = {}
_SILENT: Words = {}
_HIDDEN = (AlarmState.SHELVED, AlarmState.SUPPRESSED, AlarmState.OUT_OF_SERVICE)


class AlarmEngine:
    """All alarms of one configuration. Only the scan thread calls it."""

    def __init__(
        self,
        definitions: Iterable[AlarmDefinition],
        tags: Mapping[str, Tag],
        now: Moment,
        restored: Iterable[Mapping[str, Any]] = (),
        suppressors: Mapping[str, Collection[str]] = _NOBODY,
    ) -> None:
        """``tags``: of the store, by name. ``restored``: rows of ``dump``; alarms that are defined no more are closed.

        Raises KeyError where a definition names a tag that does not exist, ValueError for two definitions of one key.
        """
        #: changes with every transition
        self.revision = 0
        #: readings that are judged in one scan
        self.at_once = AT_ONCE
        #: the highest id that was given away
        self.last_id = 0
        self._alarms: dict[str, Alarm] = {}
        self._open: dict[str, Alarm] = {}
        self._by_device: dict[str, dict[str, Alarm]] = {}
        self._out: list[Transition] = []
        self._touched: dict[int, Occurrence] = {}
        #: a dictionary, for its order
        self._dirty: dict[str, None] = {}
        self._reports: list[_Heard] = []
        #: what a burst left for the next scan, in order
        self._left: list[_Heard] = []
        #: key -> reading to settle at this monotonic time
        self._pending: dict[str, tuple[Reading, float]] = {}
        #: those that something suppresses by design, shelved ones among them
        self._suppressed: dict[str, Alarm] = {}
        #: device -> its alarm "connection lost"
        self._comm: dict[str, Alarm] = {}
        self._bursts = Bursts()
        self._suppression = Suppression((), {})
        self._inputs = TagInputs((), {})
        self.orders = Orders(self._alarms, self._open, self._step, self._unshelved)
        for row in sorted(restored, key=raised_in_order):
            self._restore(row, now)
        self.install(definitions, tags, now, suppressors)

    def install(
        self,
        definitions: Iterable[AlarmDefinition],
        tags: Mapping[str, Tag],
        now: Moment,
        suppressors: Mapping[str, Collection[str]] = _NOBODY,
    ) -> None:
        """Take new definitions over, after the store took the new tags. Alarms that stay keep their states.

        ``suppressors``: rules that may suppress alarms by design -> keys of these; what was suppressed by another ends.
        """
        new = list(definitions)
        keys = {definition.key for definition in new}
        if len(keys) != len(new):
            raise ValueError("two alarm definitions have one key")
        tagged = [definition for definition in new if definition.tag]
        inputs = TagInputs(tagged, tags, self._inputs)
        for key in [key for key in self._alarms if key not in keys]:
            self._remove(self._alarms[key], now)
        for definition in new:
            alarm = self._alarms.get(definition.key)
            if alarm is None:
                alarm = self._alarms[definition.key] = Alarm(definition)
            alarm.definition, alarm.index = definition, -1
            for source in [source for source in alarm.suppressions if source != definition.suppressed_by]:
                if definition.key not in suppressors.get(source, ()):
                    self.suppress(definition.key, source, _SILENT, now)
        for index, definition in enumerate(tagged):
            alarm = self._alarms[definition.key]
            alarm.index = index
            if alarm.holds and not inputs.code[index]:
                inputs.recall(index, alarm.value)
        self._inputs = inputs
        self._suppression = Suppression(new, tags)
        self._comm = {row.device: self._alarms[row.key] for row in new if row.device and row.tag and row.kind == "comm"}
        self._by_device = {}
        for alarm in self._open.values():
            self._by_device.setdefault(alarm.definition.device, {})[alarm.definition.key] = alarm
        for key in (*self._open, *self._pending):
            self._mind(self._alarms[key])
        self._left = [heard for heard in self._left if self._alarms.get(heard[0].definition.key) is heard[0]]
        self._mind_left()

    def evaluate(self, store: TagStore, now: Moment) -> list[Transition]:
        """Look at all inputs; every transition since the last call, orders between the scans included, in order."""
        self.orders.expire(now)
        for key, tag, reason in self._suppression.scan(store):
            self.suppress(key, tag, reason, now)
        look = Look(store, now)
        heard = self._reports
        self._reports = []
        alarms, keys, tags = self._alarms, self._inputs.keys, self._inputs.tags
        for reading in self._inputs.scan(store):
            alarm = alarms[keys[reading.row]]
            if reading.code == Code.UNTRUSTED:  # the value of an alarm stays the last one that could be trusted
                heard.append((alarm, reading, alarm.value, alarm.source_time))
            else:
                heard.append((alarm, reading, *look.value(tags[reading.row])))
        due = [key for key, (_, at) in self._pending.items() if at <= now.monotonic] if self._pending else ()
        if heard or due or self._left:
            # The order of blocks within a poll says nothing, so the most urgent comes first.
            heard = self._left + (sorted(heard, key=_order) if len(heard) > 1 else heard)
            heard, self._left = heard[: self.at_once], heard[self.at_once :]
            for alarm, reading, value, source_time in heard:
                alarm.value, alarm.source_time = value, source_time
                self._hear(alarm, reading, look)
            self._mind_left()
            for key in due:
                alarm, waiting = self._alarms[key], self._pending.get(key)
                if waiting and waiting[1] <= now.monotonic and not self._waits_for_device(alarm):
                    self._settle(alarm, waiting[0], look)
        out, self._out = self._out, []
        return out

    def report(
        self,
        key: str,
        active: bool,
        quality: int,
        now: Moment,
        message_values: Mapping[str, Value] | None = None,
        value: Value = None,
    ) -> None:
        """What a rule found in this scan; the alarm follows in ``evaluate``, with the delays of its definition.

        Args:
            key: of a definition without a tag; KeyError for another.
            quality: the worst of the rule's inputs. Uncertain: nothing changes. Bad: an open alarm becomes unsafe.
            message_values: kept with the occurrence; None = as before.
            value: what was compared; None = whether it is active.
        """
        alarm = self._alarms[key]
        if alarm.index >= 0:
            raise KeyError(key)
        if message_values is not None:
            alarm.message_values = message_values
        if Quality.LAST_KNOWN <= quality < Quality.BAD:
            return
        if quality < Quality.BAD:
            alarm.value = active if value is None else value
        code = Code.UNTRUSTED if quality >= Quality.BAD else Code.ACTIVE if active else Code.CLEAR
        if code == alarm.code:
            return
        alarm.source_time = now.time
        reading = Reading(-1, code, alarm.code == Code.CLEAR, not alarm.seen)
        self._reports.append((alarm, reading, alarm.value, now.time))
        alarm.code = code
        alarm.seen |= code != Code.UNTRUSTED

    def suppress(self, key: str, source: str, reason: Words, now: Moment) -> None:
        """Suppress an alarm by design on behalf of a tag or a rule, for this reason in both languages; empty ends it.

        Unlike shelving nobody ordered it, so it stays as long as any source has a reason. While the alarm is shelved or
        out of service that holds; this comes after it."""
        alarm = self._alarms[key]
        before = alarm.suppressions.get(source, _SILENT)
        if before != reason:
            alarm.suppressions.pop(source, None)
            if reason:
                alarm.suppressions[source] = reason
            self._dirty[key] = None
            self._by_design(alarm)
        self._unshelved(alarm, now, before, source)

    def alarm(self, key: str) -> Alarm | None:
        """One alarm as it stands, to be read only."""
        return self._alarms.get(key)

    def open(self) -> list[tuple[AlarmDefinition, Occurrence]]:
        """All open occurrences with their definitions, the shelved ones too, in the order in which they were raised."""
        return [(alarm.definition, alarm.occurrence) for alarm in self._open.values() if alarm.occurrence]

    def suppressed(self) -> list[tuple[AlarmDefinition, dict[str, Words]]]:
        """What is suppressed by design, raised or not: definition, and what suppresses it -> why."""
        return [(alarm.definition, dict(alarm.suppressions)) for alarm in self._suppressed.values()]

    def counts(self) -> dict[Priority, tuple[int, int]]:
        """Per priority: how many alarms are announced (open, and not shelved, suppressed or out of service), and how
        many of these nobody has acknowledged."""
        shown, unseen = dict.fromkeys(Priority, 0), dict.fromkeys(Priority, 0)
        for alarm in self._open.values():
            occurrence = alarm.occurrence
            if occurrence is not None and occurrence.state not in _HIDDEN:
                priority = alarm.definition.priority
                shown[priority] += 1
                unseen[priority] += occurrence.acknowledged_at is None
        return {priority: (shown[priority], unseen[priority]) for priority in Priority}

    def touched(self) -> list[Occurrence]:
        """Occurrences that began, changed or ended since this was last asked: the records to be written."""
        touched, self._touched = self._touched, {}
        return list(touched.values())

    def dump(self, now: Moment) -> list[dict[str, Any]]:
        """Everything that must outlive a restart, as plain JSON: one row per alarm that is not plainly normal, and the
        row with key "" that says which ids were given away."""
        rows = [row_of(key, kept_of(alarm), now) for key, alarm in self._alarms.items()]
        return [{"key": "", "last_id": self.last_id}, *(row for row in rows if "gone" not in row)]

    def changed(self) -> dict[str, Kept | None]:
        """The alarms that changed since this was last asked, by key, to be stored as ``row_of`` makes them."""
        dirty, self._dirty = self._dirty, {}
        return {key: kept_of(self._alarms.get(key)) for key in dirty}

    def _restore(self, row: Mapping[str, Any], now: Moment) -> None:
        if not row["key"]:
            self.last_id = max(self.last_id, int(row["last_id"]))
            return
        alarm = restore_alarm(row, now)
        self._alarms[row["key"]] = alarm
        self._by_design(alarm)
        if alarm.occurrence is not None:
            self.last_id = max(self.last_id, alarm.occurrence.id)
            self._open[row["key"]] = alarm
        self.orders.watch(alarm)

    def _hear(self, alarm: Alarm, reading: Reading, look: Look) -> None:
        """Let a reading wait for its delay, or settle it at once."""
        definition, code = alarm.definition, reading.code
        key, active, unsafe = definition.key, code == Code.ACTIVE, alarm.state is AlarmState.UNSAFE
        waits = 0.0
        if code != Code.UNTRUSTED and not unsafe and active != alarm.holds:
            waits = definition.on_delay_s if active else definition.off_delay_s
        if unsafe and code != Code.UNTRUSTED and self._waits_for_device(alarm):
            self._pending[key] = (reading, look.now.monotonic)
            self._mind(alarm)
        elif waits <= 0.0:
            self._settle(alarm, reading, look)
        elif key not in self._pending or self._pending[key][0].code != code:
            alarm.trusted = True
            self._pending[key] = (reading, look.now.monotonic + waits)
            self._mind(alarm)

    def _waits_for_device(self, alarm: Alarm) -> bool:
        """An unsafe alarm is resolved when its device counts as found again: it does not flap with the connection."""
        if alarm.state is not AlarmState.UNSAFE:
            return False
        comm = self._comm.get(alarm.definition.device)
        return comm is not None and comm is not alarm and comm.holds

    def _settle(self, alarm: Alarm, reading: Reading, look: Look) -> None:
        """The reading counts: find the event that it means; the table says the rest."""
        self._pending.pop(alarm.definition.key, None)
        alarm.trusted = reading.code != Code.UNTRUSTED
        active, held = reading.code == Code.ACTIVE, alarm.holds
        if not alarm.trusted:
            if held:
                self._step(alarm, Event.UNTRUSTED, look.now, comment=look.why(alarm.definition))
        elif alarm.state is AlarmState.UNSAFE:
            if not active:
                alarm.mark_returned(look.now.time)
            self._step(alarm, Event.TRUSTED, look.now, source_time=alarm.source_time)
            if active and reading.more:
                self._step(alarm, Event.RAISE_AGAIN, look.now, source_time=alarm.source_time)
        elif active and alarm.occurrence is None:
            self._raise(alarm, reading, look)
        elif active and (not held or reading.more):
            self._raise_again(alarm, reading, look)
        elif not active and held:
            self._step(alarm, Event.RETURN, look.now, source_time=alarm.source_time)
        self._dirty[alarm.definition.key] = None
        self._mind(alarm)

    def _raise(self, alarm: Alarm, reading: Reading, look: Look) -> None:
        definition = alarm.definition
        # Milliseconds, so that an id is new even where the record of the last one was lost.
        self.last_id = max(self.last_id + 1, int(look.now.time * 1000))
        occurrence = Occurrence(
            self.last_id, definition.key, alarm.state, look.now.time, alarm.source_time, value_raised=alarm.value,
            present_at_start=reading.first, snapshot=look.snapshot(definition),
            message_values=alarm.message_values,
        )  # fmt: skip
        device = self._by_device.setdefault(definition.device, {})
        self._doubt(self._bursts.place(alarm, occurrence, reading, look.now.monotonic, device.values()))
        alarm.occurrence = occurrence
        self._open[definition.key] = device[definition.key] = alarm
        event = Event.PRESENT if reading.first else Event.RAISE
        self._step(alarm, event, look.now, source_time=alarm.source_time)

    def _raise_again(self, alarm: Alarm, reading: Reading, look: Look) -> None:
        """Not acknowledged since it returned, or with a further bit: one occurrence still, of the burst of now."""
        occurrence = alarm.occurrence
        if occurrence is not None and not occurrence.active:
            occurrence.first_out, occurrence.group = False, None
            device = self._by_device[alarm.definition.device]
            self._doubt(self._bursts.place(alarm, occurrence, reading, look.now.monotonic, device.values()))
            occurrence.snapshot = look.snapshot(alarm.definition)
        self._step(alarm, Event.RAISE_AGAIN, look.now, source_time=alarm.source_time)

    def _doubt(self, occurrence: Occurrence | None) -> None:
        """It is not known any more to have come first."""
        if occurrence is not None:
            occurrence.first_out = False
            self._touched[occurrence.id] = occurrence
            self._dirty[occurrence.key] = None

    def _step(
        self, alarm: Alarm, event: Event, now: Moment, who: str = "", comment: str = "",
        source_time: float | None = None, why: Words = _SILENT, cause: str = "",
    ) -> bool:  # fmt: skip
        """One step by the table; False where it has no row."""
        occurrence = alarm.occurrence
        transition = alarm.step(event, now.time, who, comment, source_time, why, cause)
        if transition is None:
            return False
        key = alarm.definition.key
        self._out.append(transition)
        self._dirty[key] = None
        self.revision += 1
        if occurrence is not None:
            self._touched[occurrence.id] = occurrence
            if alarm.occurrence is None:
                del self._open[key]
                self._by_device[alarm.definition.device].pop(key, None)
                self._mind(alarm)
        return True

    def _unshelved(self, alarm: Alarm, now: Moment, ended: Words = _SILENT, cause: str = "") -> None:
        """Bring suppression by design into force, where nothing stronger is. ``ended``: a reason that is gone."""
        if alarm.suppressions:
            cause = cause or next(iter(alarm.suppressions))
            self._step(alarm, Event.SUPPRESS, now, who="design", why=alarm.suppression, cause=cause)
        else:
            self._step(alarm, Event.UNSUPPRESS, now, who="design", why=ended, cause=cause)

    def _by_design(self, alarm: Alarm) -> None:
        key = alarm.definition.key
        if alarm.suppressions:
            self._suppressed[key] = alarm
        else:
            self._suppressed.pop(key, None)

    def _mind(self, alarm: Alarm) -> None:
        if alarm.index >= 0:
            self._inputs.busy[alarm.index] = alarm.occurrence is not None or alarm.definition.key in self._pending

    def _mind_left(self) -> None:
        """That the condition of one is over again before it was judged must be heard, too."""
        for alarm, *_ in self._left:
            if alarm.index >= 0:
                self._inputs.busy[alarm.index] = True

    def _remove(self, alarm: Alarm, now: Moment) -> None:
        self._by_device.setdefault(alarm.definition.device, {})
        alarm.index = -1
        self._step(alarm, Event.REMOVE, now)
        self.orders.forget(alarm)
        self._pending.pop(alarm.definition.key, None)
        self._suppressed.pop(alarm.definition.key, None)
        self._dirty[alarm.definition.key] = None
        del self._alarms[alarm.definition.key]


def _order(heard: _Heard) -> tuple[bool, int, bool, float, int]:
    alarm, reading, _, source_time = heard
    if reading.code != Code.ACTIVE:
        return False, 0, False, 0.0, reading.row
    definition = alarm.definition
    return True, definition.priority, not definition.alone, source_time or 0.0, reading.row
