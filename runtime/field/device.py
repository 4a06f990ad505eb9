"""One controller: which read is due, what its answer means, and how the device is doing.

No I/O here: the bus asks what to read, and tells what came of it. Every wire error ends here and becomes quality.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from registermaps import Block, LinkCost, plan, plan_map
from runtime.field.block import BlockRead, PollGroup
from runtime.field.health import HealthTags
from runtime.field.spec import DeviceSpec
from runtime.wire import DeviceRefused, LinkLost, Reply, WireError
from tagdb import Batch, Inbox, Mark, Quality, Refresh

__all__ = ["CommState", "Device"]

Cells = npt.NDArray[np.float64]

#: failed reads in a row that end a cycle: before the device has answered in it, and after (field trouble 14)
GIVE_UP = (2, 3)
#: failures of a read after which its tags are bad, while the device answers others
COMM_FAILURE_AFTER = 3


class CommState(IntEnum):
    """How a device is doing; the values of its tag ``comm_state``."""

    CONNECTING = 0
    ONLINE = 1
    DISTURBED = 2
    OFFLINE = 3


class Device:
    """Health, due blocks, errors become quality."""

    def __init__(
        self, spec: DeviceSpec, cost: LinkCost, inbox: Inbox, wall: Callable[[], float], first_due: float
    ) -> None:
        """``first_due``: monotonic time of the first poll, chosen so that a link's devices do not bunch."""
        self.spec = spec
        self.name = spec.name
        self._inbox = inbox
        self._wall = wall
        self._health = HealthTags(spec.health, inbox, spec.name)
        self._all_slots = np.array(sorted(spec.slots.values()), np.intp)
        self._base_s = min((p.period_s for p in spec.polls.values() if p.gate is None), default=1.0)
        self.state = CommState.CONNECTING
        self.missed = 0
        self.polls = 0
        self.errors = 0
        self._error = ""
        self._response_s = 0.0
        self._groups: list[PollGroup] = []
        self._cycle: list[BlockRead] = []
        #: the read that was answered last, and how many times the device was probed since it went offline
        self._probe_first: BlockRead | None = None
        self._probes = 0
        self._cycle_started: float | None = None
        self._cycle_due = first_due
        self._cycle_s = 0.0
        self._answers = 0
        self._answered_last_cycle = False
        self._failed_in_cycle = False
        self._streak = 0
        self._retry_at = 0.0
        self._demotion_s = self._base_s
        self.replan(cost, first_due)

    def replan(self, cost: LinkCost, due: float) -> None:
        """Plan the reads anew, as the link allows now. Reads that stay the same keep their history."""
        spec = self.spec
        before = {group.poll.name: group for group in self._groups}
        known = {read.block: read for group in self._groups for read in group.reads}
        plans = plan_map(spec.points, spec.polls, cost, spec.unreadable)
        self._groups = [self._group(name, blocks, known, before.get(name), due) for name, blocks in plans.items()]
        # Fast ones first, then what is gated, then the slow: a burst must not wait for a slow block.
        self._groups.sort(key=lambda group: (group.poll.period_s, group.poll.gate is not None))
        self._gates = {group.poll.gate for group in self._groups if group.poll.gate}
        self._abandon()

    def split(self, read: BlockRead, cost: LinkCost) -> None:
        """One read fails while others of its size are answered: read its points in smaller pieces."""
        largest = max(point.count for point in read.block.points)
        half = replace(cost, max_registers=max(largest, read.block.count // 2))
        for group in self._groups:
            if read in group.reads:
                at = group.reads.index(read)
                pieces = plan(read.block.points, half, self.spec.unreadable)
                group.reads[at : at + 1] = [self._read(block) for block in pieces]
                group.owe_all()
        self._abandon()

    def take_over(self, before: Device) -> None:
        """Stand in for a device whose map or settings were changed: what was known of its health still holds."""
        self.state, self.missed, self.polls, self.errors = before.state, before.missed, before.polls, before.errors
        self._error, self._demotion_s, self._retry_at = before._error, before._demotion_s, before._retry_at
        if self.state is CommState.OFFLINE:
            self._inbox.post(Mark(self._all_slots, Quality.NOT_CONNECTED, self.name))

    @property
    def largest_point(self) -> int:
        """Registers of its largest point: no read can be smaller."""
        return max((point.count for point in self.spec.points), default=1)

    def _group(
        self,
        name: str,
        blocks: Iterable[Block],
        known: Mapping[Block, BlockRead],
        before: PollGroup | None,
        due: float,
    ) -> PollGroup:
        reads = [known.get(block) or self._read(block) for block in blocks]
        slots = np.concatenate([read.slots for read in reads]) if reads else np.empty(0, np.intp)
        poll = self.spec.polls[name]
        group = PollGroup(poll, reads, due, open=before.open if before else poll.gate is None, slots=slots)
        group.owe_all()
        return group

    def _read(self, block: Block) -> BlockRead:
        return BlockRead(block, self.spec.unit, self.spec.slots, self.spec.enums)

    @property
    def due(self) -> float:
        """Monotonic time at which this device next wants the link; a cycle under way keeps its place."""
        if self._cycle:
            return self._cycle_due
        if self.state is CommState.OFFLINE:
            return self._retry_at
        return min((group.due for group in self._groups if group.active), default=float("inf"))

    @property
    def _answering(self) -> bool:
        """Whether it has answered any read in this cycle or the last."""
        return self._answers > 0 or self._answered_last_cycle

    @property
    def period_s(self) -> float:
        """Its shortest period."""
        return self._base_s

    def next_read(self, now: float) -> BlockRead | None:
        """The read to make now; None when nothing is due after all."""
        if not self._cycle:
            self._begin(now)
        return self._cycle[0] if self._cycle else None

    def answered(self, read: BlockRead, reply: Reply, now: float) -> None:
        """The read was answered: decode it and send it to the scan."""
        decoded = read.decoder.decode(reply.data)
        time = self._wall() - (now - reply.received)
        self._inbox.post(
            Batch(
                read.slots, decoded.cells, decoded.quality, time, reply.received, decoded.raw, decoded.texts, self.name
            )
        )
        read.answered()
        self.polls += 1
        self._answers += 1
        self._streak = 0
        self._response_s = reply.elapsed_s
        self._probe_first = read
        for group in self._groups:
            if read in group.owed:
                group.owed.discard(read)
                group.confirmed_at = now
        if self._gates:
            self._watch_gates(read, decoded.cells, time, reply.received, now)
        if self.state is CommState.OFFLINE:
            self._came_back(now)
        else:
            self._step(now)

    def failed(self, read: BlockRead, error: WireError, now: float) -> None:
        """The read was not answered, or not with anything usable, after all its repeats."""
        self.errors += 1
        self._error = str(error)
        self._failed_in_cycle = True
        if isinstance(error, DeviceRefused):  # it is there, and said no
            self._answers += 1
            self._streak = 0
        else:
            self._streak += 1
        if not isinstance(error, LinkLost):
            read.failed(self._answering, now)
        bad = read.failures >= COMM_FAILURE_AFTER and self._answering
        self._inbox.post(Mark(read.slots, Quality.COMM_FAILURE if bad else Quality.LAST_KNOWN, self.name))
        give_up = GIVE_UP[1] if self._answers else GIVE_UP[0]
        if self.state is CommState.OFFLINE and self._answers:
            self._came_back(now)
        elif self._streak >= give_up or self.state is CommState.OFFLINE:
            self._end(now)
        else:
            self._step(now)

    def unreachable(self, reason: str, now: float) -> None:
        """A cycle was due while the link was down: it counts as failed."""
        if not self._cycle:
            self._begin(now)
        self._error = reason
        self._answers = 0
        self._inbox.post(Mark(self._all_slots, Quality.LAST_KNOWN, self.name))
        self._end(now)

    def reconnected(self, due: float) -> None:
        """The link is up again: try at this moment, whatever the pause was, and read everything anew."""
        self._retry_at = due
        self._want_everything(due)

    def keeps_failing(self, read: BlockRead) -> bool:
        """Whether this read fails time after time although the device answers: it may be too large."""
        return read.failures >= 3 and self._answering

    def post_health(self, now: float) -> None:
        """Send the ``comm_*`` tags."""
        silent = sum(1 for group in self._groups for read in group.reads if read.silent_until > now)
        period = self._demotion_s if self.state is CommState.OFFLINE else self._base_s
        self._health.post(
            {
                "comm_state": float(self.state),
                "comm_response_ms": round(self._response_s * 1000, 1),
                "comm_polls": self.polls,
                "comm_errors": self.errors,
                "comm_missed": self.missed,
                "comm_period_s": period,
                "comm_cycle_ms": round(self._cycle_s * 1000, 1),
                "comm_error": self._error,
                "comm_silent_blocks": silent,
            },
            self._wall(),
            now,
        )

    def _begin(self, now: float) -> None:
        self._answers = self._streak = 0
        self._failed_in_cycle = False
        self._cycle_started = now
        self._cycle_due = self.due
        if self.state is CommState.OFFLINE:
            self._cycle = [self._probe()]
            return
        soon = now + self._base_s / 4
        for group in self._groups:
            if group.active and group.due <= soon:
                self._cycle.extend(group.ready(now))
                group.schedule_next(now)
        # What failed last time goes last: what works is read whatever becomes of it, and shows that the device answers.
        self._cycle.sort(key=lambda read: read.failures > 0)

    def _probe(self) -> BlockRead:
        """What to ask a device that is offline: first what it answered last, then each of its reads in turn."""
        reads = [read for group in self._groups if group.poll.gate is None for read in group.reads]
        reads = reads or [read for group in self._groups for read in group.reads]
        if self._probe_first in reads:
            reads.insert(0, self._probe_first)
        self._probes += 1
        return reads[(self._probes - 1) % len(reads)]

    def _step(self, now: float) -> None:
        if self._cycle:
            self._cycle.pop(0)
        if not self._cycle:
            self._end(now)

    def _end(self, now: float) -> None:
        rest, self._cycle = self._cycle[1:], []
        if rest:
            slots = np.concatenate([read.slots for read in rest])
            self._inbox.post(Mark(slots, Quality.LAST_KNOWN, self.name))
        self._cycle_s = now - self._cycle_started if self._cycle_started is not None else 0.0
        self._cycle_started = None
        self._answered_last_cycle = self._answers > 0
        if self._answers:
            self.missed = 0
            self.state = CommState.DISTURBED if self._failed_in_cycle else CommState.ONLINE
            if self.state is CommState.ONLINE:
                self._error = ""
        else:
            self.missed += 1
            self._missed(now)
        self.post_health(now)

    def _missed(self, now: float) -> None:
        for group in self._groups:
            group.owe_all()
        if self.state is CommState.OFFLINE:
            self._demotion_s = min(self._demotion_s * 2, max(self.spec.demote_max_s, self._base_s))
        elif self.missed >= self.spec.offline_after:
            self.state = CommState.OFFLINE
            self._demotion_s = self._base_s * 2
            self._probes = 0
            self._inbox.post(Mark(self._all_slots, Quality.NOT_CONNECTED, self.name))
        elif self.state is not CommState.CONNECTING:
            self.state = CommState.DISTURBED
        self._retry_at = now + self._demotion_s

    def _came_back(self, now: float) -> None:
        self.state = CommState.ONLINE
        self.missed = 0
        self._demotion_s = self._base_s
        self._abandon()
        self._want_everything(now)
        self.post_health(now)

    def _want_everything(self, due: float) -> None:
        for group in self._groups:
            group.due = due
            group.owe_all()
            for read in group.reads:
                read.silent_until = 0.0

    def _abandon(self) -> None:
        self._cycle = []
        self._answers = self._streak = 0

    def _watch_gates(self, read: BlockRead, cells: Cells, time: float, seen: float, now: float) -> None:
        for index, point in enumerate(read.block.points):
            if point.name not in self._gates:
                continue
            for group in self._groups:
                if group.poll.gate == point.name:
                    self._gate_says(group, bool(cells[index]), time, seen, now)

    def _gate_says(self, group: PollGroup, is_set: bool, time: float, seen: float, now: float) -> None:
        if is_set and not group.open:
            group.due = now  # at once, not when its period comes round
        elif group.open and not is_set:
            group.owe_all()
            group.due = now
        elif not is_set and not group.owed:
            # Nothing is set, so nothing needs reading: what was read when the gate closed still holds. Unless the gate
            # itself was not read for so long that the tags behind it have become stale meanwhile.
            if now - group.confirmed_at > self.spec.stale_s[group.poll.name]:
                group.owe_all()
            else:
                self._inbox.post(Refresh(group.slots, time, seen, self.name))
                group.confirmed_at = now
        group.open = is_set
