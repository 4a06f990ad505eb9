"""Whatever a line does, the exchange gives the right answer or none, never a wrong one.

A model of a line: units that answer in the order they were asked, registers whose value tells unit, function and
address, and a stream that keeps its order. What happens to each answer is drawn: in time, late, lost, cut,
garbled, twice, refused; besides, garbage, frames of other units and another master's exchanges, all cut into
segments anywhere.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtime.wire.counters import LinkCounters
from runtime.wire.errors import DeviceRefused
from runtime.wire.exchange import Exchange
from runtime.wire.opened import ExchangeSettings
from runtime.wire.pdu import Reply, Request
from runtime.wire.rtu import LineTiming, frame

TIMEOUT_S = 1.0
FUNCTIONS = (3, 4)
LINE = LineTiming.parse("9600-8N2")


def register(unit: int, function: int, address: int) -> int:
    return unit << 12 | function << 8 | address


def data_of(request: Request) -> bytes:
    if request.of_bits:
        return bytes(request.data_bytes)
    addresses = range(request.address, request.address + request.count)
    return b"".join(register(request.unit, request.function, at).to_bytes(2, "big") for at in addresses)


def answer_to(request: Request) -> bytes:
    if not request.reads:
        return frame(request.unit, request.pdu()[:5])
    return frame(request.unit, bytes((request.function, request.data_bytes)) + data_of(request))


@dataclass
class Step:
    """One question and what the line does meanwhile."""

    request: Request
    fate: str
    delay_s: float
    noise: bytes
    noise_at_s: float
    #: another master's question, and when; None for none
    other: Request | None
    other_at_s: float
    other_lost: bool
    cuts: list[int]
    pause_s: float


@dataclass
class Line:
    """The model: a queue of (time, order, bytes) and the time at which each unit is free again."""

    machine: Exchange
    now: float = 0.0
    queue: list[tuple[float, int, bytes]] = field(default_factory=list)
    #: the stream keeps the order in which answers were put on it
    busy_until: dict[int, float] = field(default_factory=dict)
    order: int = 0
    echo: bool = False
    wrong: list[str] = field(default_factory=list)

    def put(self, when: float, data: bytes, cuts: list[int] = ()) -> float:  # type: ignore[assignment]
        start = 0
        for cut in [*sorted({cut % (len(data) + 1) for cut in cuts}), len(data)]:
            if cut > start:
                heapq.heappush(self.queue, (when, self.order, data[start:cut]))
                self.order += 1
                start = cut
                when += 0.001
        return when

    def respond(self, request: Request, fate: str, delay_s: float, cuts: list[int]) -> None:
        when = max(self.now + delay_s, self.busy_until.get(request.unit, 0.0) + 0.01)
        answer = answer_to(request)
        if fate == "late":
            when += TIMEOUT_S
        elif fate == "lost":
            return
        elif fate == "garbled":
            spoiled = bytearray(answer)
            spoiled[len(spoiled) // 2] ^= 0x5A
            answer = bytes(spoiled)
        elif fate == "cut":
            answer = answer[: len(answer) // 2]
        elif fate == "twice":
            answer = answer + answer
        elif fate == "twice, paced":  # the copy is on the line as long as the answer was
            self.put(when, answer, cuts)
            when += LINE.answer_s(request)
        elif fate in ("refused", "refused late"):
            answer = frame(request.unit, bytes((request.function | 0x80, 2)))
            when += TIMEOUT_S if fate == "refused late" else 0.0
        self.busy_until[request.unit] = self.put(when, answer, cuts)

    def run(self, until: float, outcome: list[Reply | Exception]) -> None:
        """Time passes up to ``until``, or to the outcome of the open request."""
        while not outcome:
            deadline = self.machine.next_deadline()
            due = self.queue[0][0] if self.queue else float("inf")
            if min(deadline, due) > until:
                self.now = max(self.now, until)
                return
            if due <= deadline:
                when, _, data = heapq.heappop(self.queue)
                self.now = max(self.now, when)
                events = self.machine.receive(data, self.now)
            else:
                self.now = max(self.now, deadline)
                events = self.machine.tick(self.now)
            outcome += [event.reply for event in events if event.reply is not None]
            outcome += [event.error for event in events if event.error is not None]

    def exchange(self, request: Request, step: Step | None) -> Reply | Exception:
        while self.machine.ready_at() > self.now:
            self.run(self.machine.ready_at(), [])
        sent = self.machine.send(request, self.now, TIMEOUT_S)
        if self.echo:
            self.put(self.now + 0.01, sent)
        if step is None:
            self.respond(request, "in time", 0.1, [])
        else:
            if step.noise:
                self.put(self.now + step.noise_at_s, step.noise)
            if step.other is not None:
                self.put(self.now + step.other_at_s, frame(step.other.unit, step.other.pdu()))
            after = step.other_at_s if step.other is not None else 2 * TIMEOUT_S
            asked_first = after > 0.02  # else the other master's question came before ours
            if asked_first:
                self.respond(request, step.fate, step.delay_s, step.cuts)
            if step.other is not None and not step.other_lost:
                self.respond(step.other, "in time", after + 0.03, [])
            if not asked_first:
                self.respond(request, step.fate, step.delay_s, step.cuts)
        outcome: list[Reply | Exception] = []
        self.run(float("inf"), outcome)
        assert len(outcome) == 1
        return outcome[0]

    def ask(self, request: Request, step: Step | None) -> Reply | Exception | None:
        if self.machine.ambiguous(request, self.now):
            probe = self.machine.fence(request, self.now)
            if probe is None:
                return None
            result = self.exchange(probe, step)
            self.check(probe, result)
            if not isinstance(result, Reply | DeviceRefused) or self.machine.ambiguous(request, self.now):
                return None
        result = self.exchange(request, step)
        self.check(request, result)
        return result

    def check(self, request: Request, result: Reply | Exception) -> None:
        wanted = data_of(request) if request.reads else b""
        if isinstance(result, Reply) and result.data != wanted:
            self.wrong.append(f"{request}: {result.data.hex(' ')}")


def reads() -> st.SearchStrategy[Request]:
    """Half of them of one shape, and so easily mistaken for each other."""
    alike = st.builds(Request.read, st.just(1), st.just(3), st.sampled_from((0, 40, 80)), st.just(30))
    return alike | st.builds(
        Request.read,
        st.integers(1, 2),
        st.sampled_from(FUNCTIONS),
        st.sampled_from((0, 40, 80, 120)),
        st.sampled_from((1, 2, 3, 30)),
    )


def steps() -> st.SearchStrategy[Step]:
    foreign = st.builds(
        lambda unit, function, body: frame(unit, bytes((function, len(body))) + body),
        st.integers(3, 247),
        st.sampled_from((1, 2, 3, 4)),
        st.binary(min_size=2, max_size=8).filter(lambda body: len(body) % 2 == 0),
    )
    return st.builds(
        Step,
        reads() | st.builds(Request.write_coil, st.integers(1, 2), st.integers(0, 1), st.booleans()),
        st.sampled_from(
            ["in time"] * 4
            + ["late", "late", "lost", "garbled", "cut", "twice", "twice, paced", "refused", "refused late"]
        ),
        st.sampled_from([0.05, 0.3, 0.95]),
        st.just(b"") | st.binary(max_size=12) | foreign,
        st.sampled_from([0.0, 0.04, 0.05, 0.051, 0.4]),
        st.none() | reads(),
        st.sampled_from([0.001, 0.01, 0.1, 0.5, 0.9]),
        st.booleans(),
        st.lists(st.integers(0, 20), max_size=4),
        st.sampled_from([0.0, 0.0, 0.2, 3.0]),
    )


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(steps(), min_size=2, max_size=12), st.booleans())
def test_the_right_answer_or_none(plan, echo):
    counters = LinkCounters()
    line_settings = ExchangeSettings(line=LINE, echo=echo)
    line = Line(Exchange("line", counters, line_settings), echo=echo)
    for step in plan:
        line.ask(step.request, step)
        line.run(line.now + step.pause_s, [])
    assert line.wrong == []

    # And once the line has been good for the life of a ghost, everything is answered again.
    line.run(line.now + 30.0, [])
    assert isinstance(line.ask(Request.read(1, 3, 0, 2), None), Reply)
    assert counters.bytes_in > 0


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_split_gives_the_same(data):
    request = data.draw(reads())
    stream = data.draw(st.binary(max_size=10)) + answer_to(request) + data.draw(st.binary(max_size=6))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))

    def outcome(pieces: list[bytes]) -> tuple[bytes | None, int]:
        counters = LinkCounters()
        machine = Exchange("line", counters, ExchangeSettings())
        machine.send(request, 0.0, TIMEOUT_S)
        events = [event for piece in pieces for event in machine.receive(piece, 0.5)]
        events += machine.tick(0.6)
        replies = [event.reply.data for event in events if event.reply is not None]
        return (replies[0] if replies else None), counters.answers

    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    whole, split = outcome([stream]), outcome([piece for piece in pieces if piece])
    assert whole == split == (data_of(request), 1)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=10), reads())
def test_no_bytes_upset_it(pieces, request_):
    counters = LinkCounters()
    machine = Exchange("line", counters, ExchangeSettings())
    machine.send(request_, 0.0, TIMEOUT_S)
    for piece in pieces:
        for event in machine.receive(piece, 0.1):
            assert event.reply is None
    machine.tick(TIMEOUT_S)
    machine.tick(2 * TIMEOUT_S)
    assert machine.idle
    assert machine.next_deadline() == float("inf")
    assert counters.bytes_in == sum(map(len, pieces))


@settings(max_examples=200, deadline=None)
@given(reads(), st.data())
def test_an_answer_inside_a_foreign_frame_is_not_ours(request_, data):
    """A unit whose registers hold somebody else's frame, in one segment or byte by byte."""
    inner = answer_to(request_)
    inner += bytes(len(inner) % 2)
    before = data.draw(st.integers(0, 3)) * b"\x11\x22"
    body = before + inner
    stream = frame(9, bytes((3, len(body))) + body)
    counters = LinkCounters()
    machine = Exchange("line", counters, ExchangeSettings())
    machine.send(request_, 0.0, TIMEOUT_S)
    size = data.draw(st.integers(1, len(stream)))
    for start in range(0, len(stream), size):
        for event in machine.receive(stream[start : start + size], 0.1):
            assert event.reply is None
    assert counters.foreign == 1
