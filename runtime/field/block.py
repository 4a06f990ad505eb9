"""One read of a device's plan with its decoder and its luck, and the poll class that it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from registermaps import Block, BlockDecoder, Label, PollClass
from runtime.wire import Request

__all__ = ["BlockRead", "PollGroup"]

Enums = Mapping[str, Mapping[int, Label]]

#: failures in a row, while the device answers other reads, after which a read counts as never answered
SILENT_AFTER = 5
#: first pause before a silent read is tried again, and the longest, seconds
SILENT_PAUSE_S = (60.0, 3600.0)


class BlockRead:
    """A block that is read as one request."""

    def __init__(self, block: Block, unit: int, slots: Mapping[str, int], enums: Enums) -> None:
        self.block = block
        self.request = Request.read(unit, block.function, block.start, block.count)
        self.decoder = BlockDecoder(block, enums)
        self.slots: npt.NDArray[np.intp] = np.array([slots[point.name] for point in block.points], np.intp)
        #: consecutive failures
        self.failures = 0
        #: monotonic time before which it is not asked; 0 = asked as usual
        self.silent_until = 0.0
        self._silent_pause_s = SILENT_PAUSE_S[0]

    def answered(self) -> None:
        """It was read: all is forgiven."""
        self.failures = 0
        self.silent_until = 0.0
        self._silent_pause_s = SILENT_PAUSE_S[0]

    def failed(self, device_answers: bool, now: float) -> None:
        """It was not. SmartGen controllers give no answer at all to what they do not know (field trouble 16)."""
        self.failures += 1
        if device_answers and self.failures >= SILENT_AFTER:
            self.silent_until = now + self._silent_pause_s
            self._silent_pause_s = min(self._silent_pause_s * 2, SILENT_PAUSE_S[1])


@dataclass(slots=True)
class PollGroup:
    """The blocks of one poll class, and when they are due."""

    poll: PollClass
    reads: list[BlockRead]
    #: monotonic time of the next reading
    due: float
    #: a gated class: whether its gate is set
    open: bool = True
    #: reads to be answered once whatever the gate says: after connecting, after a failure, after the gate closed
    owed: set[BlockRead] = field(default_factory=set)
    #: monotonic time at which its tags were last read, or confirmed without reading them
    confirmed_at: float = 0.0
    slots: npt.NDArray[np.intp] = field(default_factory=lambda: np.empty(0, np.intp))

    @property
    def active(self) -> bool:
        """Whether the class is to be read at all now."""
        return self.poll.gate is None or self.open or bool(self.owed)

    def ready(self, now: float) -> list[BlockRead]:
        """What to read when the class is due: all of it, or behind a closed gate what is owed."""
        wanted = self.reads if self.poll.gate is None or self.open else [r for r in self.reads if r in self.owed]
        return [read for read in wanted if read.silent_until <= now]

    def owe_all(self) -> None:
        """What was read before may no longer hold: read everything once."""
        self.owed = set(self.reads)

    def schedule_next(self, now: float) -> None:
        """The next time on the class's own grid that is still to come."""
        period = self.poll.period_s
        self.due += period
        if self.due <= now:
            self.due += ((now - self.due) // period + 1) * period
