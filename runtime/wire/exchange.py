"""One request at a time over a stream of RTU bytes, and its own answer or none: between the frames and the links.

No I/O and no clock: bytes and times are arguments, events are results. The order of calls on one line:

    ready_at() ... send() ... receive()* / tick()* ... an event with a reply or an error ... ready_at() ...

What is taken for the answer: unit, function and byte count (of a write the whole echo), a good CRC, not sooner
than the line could carry it, and no *ghost* (``ghosts.py``) that it could belong to instead. Everything else is
counted and dropped. A question whose answer could be a ghost's is ``ambiguous``; asking ``fence`` first makes it
unambiguous. After a missing answer the line is in *quarantine*: left alone until that answer has come, or silence
has lasted.

Clauses are those of MODBUS over Serial Line V1.02.
"""

from __future__ import annotations

import math

from runtime.wire.counters import LinkCounters
from runtime.wire.errors import refusal
from runtime.wire.fence import probes
from runtime.wire.frames import MORE, NONE, answer_shape_of_request, recognise
from runtime.wire.ghosts import Ghost, Ghosts
from runtime.wire.opened import REFUSAL_BYTES, Event, ExchangeSettings, OpenRequest
from runtime.wire.pdu import Reply, Request
from runtime.wire.ring import Verdict

__all__ = ["Exchange"]

#: silence that ends the wait for the rest of what only looks like the head of a frame, while the answer is
#: already there
_GAP_S = 0.02
#: answers without a duplicate after which a line that has duplicated frames is trusted again
_TRUST_AFTER = 20
#: reads in a row with an echo after which a line is taken for one that echoes, and a write's first copy for its echo
_ECHOES_BELIEVED = 3


class Exchange:
    """The state of one line; see the module for the order of calls."""

    def __init__(self, name: str, counters: LinkCounters, settings: ExchangeSettings) -> None:
        self._name = name
        self._counters = counters
        self._settings = settings
        self._buffer = bytearray()
        self._open: OpenRequest | None = None
        self._ghosts = Ghosts()
        #: the ghost that the quarantine waits for, and since when
        self._awaited: Ghost | None = None
        self._awaited_since = -math.inf
        self._last_byte = -math.inf
        self._hold_until = math.inf
        #: the last frames that were an answer, and a late one: what a repetition repeats
        self._last_answer = self._last_late = b""
        #: the last read as it was sent: its echo may come when it is no longer open
        self._last_read = b""
        #: until then a repetition of it is right behind its original
        self._repeat_until = -math.inf
        #: answers to come until the line is believed not to repeat them
        self._distrust = 0
        #: answered reads in a row whose echo was heard
        self._echoed = 0
        self._units: set[int] = set()
        #: by unit, the last read that was answered: a question known to work
        self._good_reads: dict[int, Request] = {}

    # What the link asks before it sends

    @property
    def idle(self) -> bool:
        """Whether no request is under way."""
        return self._open is None

    @property
    def _echoing(self) -> bool:
        return self._settings.echo or self._echoed >= _ECHOES_BELIEVED

    def ready_at(self) -> float:
        """Monotonic time from which the line may be spoken on, if nothing more is heard until then."""
        ready = self._last_byte + self._settings.silence_s
        if self._awaited is not None:
            quiet = max(self._last_byte, self._awaited_since) + self._settings.quarantine_s
            ready = max(ready, quiet)
        return ready

    def ambiguous(self, request: Request, now: float) -> bool:
        """Whether an answer could be an older one's; then ask ``fence`` first."""
        self._ghosts.forget_old(now)
        return self._ghosts.has(request.shape)

    def fence(self, request: Request, now: float) -> Request | None:
        """A read whose answer nobody else's can be, and after which ``request`` is no longer ambiguous.

        Its data is not used: reading in one piece afterwards keeps values of two registers from being torn. The
        first choice is a part of what is wanted, then a read of the same unit that worked before, then one
        register (or eight coils) more.

        Returns:
            None if every shape is taken; then only the ghosts' age helps.
        """
        candidates = probes(request, self._good_reads.get(request.unit))
        for candidate in candidates:
            if candidate.shape != request.shape and not self.ambiguous(candidate, now):
                return candidate
        return None

    # The exchange

    def send(self, request: Request, now: float, timeout_s: float) -> bytes:
        """Open a request; the frame that is returned must be sent at once.

        Raises:
            RuntimeError: another one is open.
        """
        if self._open is not None:
            raise RuntimeError(f"{self._name}: a request is open")
        self._ghosts.forget_old(now)
        opened = OpenRequest.of(request, now, timeout_s, self._settings)
        opened.echo_due = self._echoing and not request.reads
        self._open = opened
        self._last_read = opened.sent if request.reads else b""
        self._hold_until = math.inf
        self._awaited = None
        self._units.add(request.unit)
        self._counters.requests += 1
        self._counters.bytes_out += len(opened.sent)
        return opened.sent

    def receive(self, data: bytes, now: float) -> list[Event]:
        """Take bytes as they come, split and joined in any way."""
        self._counters.bytes_in += len(data)
        self._last_byte = now
        self._buffer += data
        events: list[Event] = []
        self._scan(now, events)
        self._hold(now)
        return events

    def tick(self, now: float) -> list[Event]:
        """Let time pass; call it at ``next_deadline()``."""
        events: list[Event] = []
        overdue = self._open is not None and now >= self._open.deadline
        if overdue or now >= self._hold_until:
            self._hold_until = math.inf
            # What blocks the stream is no frame's head: step over it, byte by byte, minding what lies behind it.
            while self._buffer and (self._open is None or self._answer_behind_head()):
                self._scan(now, events, no_head=1)
        if overdue and self._open is not None:
            events.append(self._fail(self._open, now))
        return events

    def next_deadline(self) -> float:
        """Monotonic time of the next ``tick``; infinite when nothing is open and no bytes are in doubt."""
        return self._hold_until if self._open is None else min(self._open.deadline, self._hold_until)

    def abandon(self, now: float) -> list[Event]:
        """Give the open request up: nobody waits for it any more. Its answer may still come."""
        if self._open is None:
            return []
        self._leave_ghost(self._open, now)
        return [Event(Verdict.ABANDONED)]

    def reset(self, now: float) -> None:
        """The connection is gone: forget what was half received.

        The ghosts stay, since a converter hands what still comes from its line to the next connection.
        """
        self._buffer.clear()
        self._hold_until = math.inf
        if self._open is not None:
            self._leave_ghost(self._open, now)

    # The stream

    def _hold(self, now: float) -> None:
        """Until when to wait for the rest of what may be the head of a frame."""
        self._hold_until = math.inf
        if self._open is None:
            if self._buffer:
                # longer than the quarantine: the rest of a late answer may follow after the next request
                self._hold_until = now + 2 * self._settings.quarantine_s
        elif len(self._buffer) > REFUSAL_BYTES and self._answer_behind_head():
            self._hold_until = now + max(_GAP_S, self._settings.silence_s)

    def _scan(self, now: float, events: list[Event], no_head: int = 0) -> None:
        """Take frames off the buffer's front, and what cannot be one, such as its first ``no_head`` bytes."""
        buffer = self._buffer
        at, start = no_head, 0
        garbled = False
        while at < len(buffer):
            own = self._own_at(at)
            length = own if own > 0 else recognise(buffer, at)
            if own == MORE and length > 0 and not self._is_echo(at, length):
                # Eight bytes of a longer answer look like a request once in 65536 times: wait for the rest of it.
                length = MORE
            opened = self._open
            if length <= 0 and own == NONE and opened is not None and opened.garbled_at(buffer, at):
                garbled = True
                self._note_garbled(now)
            if length == MORE:
                break
            if length == NONE:
                at += 1
                continue
            if at > start:
                events.append(self._garbage(bytes(buffer[start:at]), garbled))
                garbled = False
            frame = bytes(buffer[at : at + length])
            at += length
            start = at
            events.append(self._judge(frame, now))
        if at > start:
            events.append(self._garbage(bytes(buffer[start:at]), garbled))
        del buffer[:at]

    def _own_at(self, at: int) -> int:
        return NONE if self._open is None else self._open.length_at(self._buffer, at)

    def _is_echo(self, at: int, length: int) -> bool:
        return self._open is not None and self._buffer[at : at + length] == self._open.sent

    def _answer_behind_head(self) -> int:
        """Where the answer stands behind bytes that may still become somebody's frame; 0 if it does not."""
        if self._open is None:
            return 0
        shape = self._open.shape
        for head in (shape, bytes((shape[0], shape[1] | 0x80))):
            at = self._buffer.find(head, 1)
            while at > 0:
                if self._own_at(at) > 0:
                    return at
                at = self._buffer.find(head, at + 1)
        return 0

    def _garbage(self, data: bytes, garbled: bool) -> Event:
        if garbled:
            return Event(Verdict.CRC_ERROR, data)
        self._counters.garbage_bytes += len(data)
        return Event(Verdict.GARBAGE, data)

    def _note_garbled(self, now: float) -> None:
        opened = self._open
        if opened is None or opened.garbled:
            return
        self._counters.crc_errors += 1
        # That was most likely the answer: do not wait long for another.
        opened.garbled = True
        opened.deadline = min(opened.deadline, now + self._settings.quarantine_s)

    # What a good frame is

    def _judge(self, frame: bytes, now: float) -> Event:
        opened = self._open
        if (
            opened is not None
            and frame == opened.sent
            and not opened.echo_heard
            and (opened.request.reads or opened.echo_due)
        ):
            opened.echo_heard = True
            # On a line not known to echo it may as well be another master's, with an answer of its own to come.
            opened.doubled = not self._echoing
            self._counters.echoes += 1
            return Event(Verdict.ECHO, frame)
        if opened is not None and opened.owns(frame):
            return self._judge_own(opened, frame, now)
        if opened is None and frame == self._last_read:
            self._counters.echoes += 1
            return Event(Verdict.ECHO, frame)
        if self._lay_ghost(frame, now) or self._is_repetition(frame, now):
            return self._late(frame, "a late answer came")
        shape = answer_shape_of_request(frame)
        if shape is not None:
            return self._overhear(frame, shape, now)
        if opened is None and frame[0] in self._units:
            return self._late(frame, "")
        return self._foreign(frame, f"unit {frame[0]} function {frame[1]:02d}, {len(frame)} bytes came instead")

    def _judge_own(self, opened: OpenRequest, frame: bytes, now: float) -> Event:
        refused = bool(frame[1] & 0x80)
        if opened.spoiled:
            self._lay_ghost(frame, now)
            return self._foreign(frame, "another master asked the same unit at the same time")
        if self._lay_ghost(frame, now):
            return self._late(frame, "a late answer of the same size came")
        if now < (opened.refusal_from if refused else opened.answer_from):
            return self._late(frame, "it came sooner than the line could carry it (not a paced line?)")
        if now < opened.repeat_until and self._is_repetition(frame, now):
            return self._late(frame, "the line repeated an answer")
        self._open = None
        self._last_answer = frame
        request = opened.request
        line = self._settings.line
        if line is not None and self._settings.paced:
            self._repeat_until = now + _GAP_S + line.answer_s(request)
        self._ghosts.fence(request.unit, opened.sent_at)
        if self._distrust or opened.doubled:
            self._distrust = max(0, self._distrust - 1)
            self._haunt(opened, now)
        if refused:
            self._counters.refused += 1
            return Event(Verdict.REFUSED, frame, error=refusal(frame[2], request.place(self._name)))
        if request.reads:
            self._echoed = self._echoed + 1 if opened.echo_heard else 0
            self._good_reads[request.unit] = request
        self._counters.answers += 1
        data = frame[3:-2] if request.reads else b""
        return Event(Verdict.ANSWER, frame, reply=Reply(data, now, now - opened.sent_at))

    def _late(self, frame: bytes, why: str) -> Event:
        self._counters.late += 1
        self._last_late = frame
        if self._open is not None:
            self._open.strange = why
        return Event(Verdict.LATE, frame)

    def _foreign(self, frame: bytes, why: str) -> Event:
        self._counters.foreign += 1
        if self._open is not None:
            self._open.strange = why
        return Event(Verdict.FOREIGN, frame)

    def _overhear(self, frame: bytes, shape: bytes, now: float) -> Event:
        """Another master's request: its answer will pass by."""
        opened = self._open
        if opened is not None and opened.shape[:2] == shape[:2]:
            opened.spoiled = True
        self._ghosts.forget_old(now)
        length = 8 if shape[1] > 4 else 5 + shape[2]
        ghost = Ghost(shape, length, now, now + self._settings.ghost_life_s)
        self._ghosts.add(ghost)
        self._await(ghost, now)
        return self._foreign(frame, f"another master asked unit {frame[0]}")

    def _is_repetition(self, frame: bytes, now: float) -> bool:
        """Whether the line repeats frames.

        One that comes right behind its original does no harm on a paced line. From any other on, each answer
        leaves a ghost, until the line is trusted again.
        """
        if frame not in (self._last_answer, self._last_late):
            return False
        if now > self._repeat_until:
            self._distrust = _TRUST_AFTER
        return True

    # Ghosts and the quarantine

    def _fail(self, opened: OpenRequest, now: float) -> Event:
        self._counters.timeouts += 1
        begun = len(self._buffer) if self._buffer and self._own_at(0) == MORE else 0
        self._leave_ghost(opened, now)
        return Event(Verdict.TIMEOUT, error=opened.failure(self._name, begun))

    def _leave_ghost(self, opened: OpenRequest, now: float) -> None:
        self._open = None
        self._hold(now)
        self._haunt(opened, now)
        if opened.doubled:
            self._haunt(opened, now)

    def _haunt(self, opened: OpenRequest, now: float) -> None:
        ghost = Ghost(opened.shape, opened.length, now, now + self._settings.ghost_life_s)
        self._ghosts.add(ghost)
        self._await(ghost, now)
        self._counters.quarantines += 1

    def _await(self, ghost: Ghost, now: float) -> None:
        self._awaited = ghost
        self._awaited_since = now

    def _lay_ghost(self, frame: bytes, now: float) -> bool:
        ghost = self._ghosts.take(frame)
        if ghost is None:
            return False
        if ghost is self._awaited:
            self._awaited = None
        self._is_repetition(frame, now)
        return True
