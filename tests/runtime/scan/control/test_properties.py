"""Whatever two operators, the field and the plant do, and in whatever order: one token, one order; no second write."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from runtime.scan.control import Echo, Phase, ReadBack, Refused, WriteReport
from tagdb import Quality
from tests.runtime.scan.control.plant import ANNA, BORIS, GENSET, Desk

COMMANDS = {"close": None, "stop": None, "turn": None, "limit": 62.5, "target": 10.0, "mode": 1.0}
ACTORS = st.sampled_from([ANNA, BORIS])
CODES = {Echo.ACCEPTED: "", Echo.REFUSED: "not-sent", Echo.UNKNOWN: "answer-lost"}


class ControlMachine(RuleBasedStateMachine):
    """A desk, and everything that can happen to it."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        #: (token, command) of all selections that were ever given
        self.tokens: list[tuple[str, str]] = []
        self.accepted: Counter[str] = Counter()
        self.ended: dict[int, tuple[str, str]] = {}

    @rule(actor=ACTORS, command=st.sampled_from(sorted(COMMANDS)))
    def select(self, actor: object, command: str) -> None:
        with suppress(Refused):
            self.tokens.append((self.desk.select(command, COMMANDS[command], actor), command))  # type: ignore[arg-type]

    @precondition(lambda self: self.tokens)
    @rule(data=st.data(), actor=ACTORS, command=st.sampled_from(["", *sorted(COMMANDS)]))
    def operate(self, data: st.DataObject, actor: object, command: str) -> None:
        token, meant = data.draw(st.sampled_from(self.tokens))
        name = command or meant
        before = len(self.desk.orders)
        try:
            self.desk.operate(token, name, COMMANDS[name], actor)  # type: ignore[arg-type]
        except Refused:
            assert len(self.desk.orders) == before, "what is refused writes nothing"
        else:
            self.accepted[token] += 1
            assert name == meant
            assert len(self.desk.orders) == before + 1

    @precondition(lambda self: self.desk.orders)
    @rule(data=st.data(), echo=st.sampled_from(list(Echo)))
    def report(self, data: st.DataObject, echo: Echo) -> None:
        order = data.draw(st.sampled_from(self.desk.orders))
        at = self.desk.now.monotonic
        self.desk.room.report(WriteReport(order.id, echo, CODES[echo], "the wire", at, at))

    @precondition(lambda self: self.desk.orders)
    @rule(data=st.data(), raw=st.one_of(st.none(), st.integers(0, 1000)))
    def read_back(self, data: st.DataObject, raw: int | None) -> None:
        self.desk.room.report(ReadBack(data.draw(st.sampled_from(self.desk.orders)).id, raw))

    @rule(
        name=st.sampled_from(["closed", "manual", "local", "comm_state"]), value=st.sampled_from([0, 1]),
        quality=st.sampled_from([Quality.GOOD, Quality.GOOD, Quality.GOOD, Quality.STALE, Quality.NOT_CONNECTED]),
    )  # fmt: skip
    def read(self, name: str, value: int, quality: Quality) -> None:
        self.desk.read(name, value, quality)

    @rule(seconds=st.sampled_from([0.1, 1.0, 5.0, 16.0, 120.0]))
    def pass_time(self, seconds: float) -> None:
        self.desk.pass_time(seconds)

    @rule(locked=st.booleans())
    def tag_out(self, locked: bool) -> None:
        locks = self.desk.tag_outs
        if locked and not locks.of(GENSET):
            locks.set(ANNA, GENSET, "works", self.desk.now.time)
        elif not locked and locks.of(GENSET):
            locks.remove(ANNA, GENSET)

    @invariant()
    def no_token_orders_twice(self) -> None:
        assert all(count == 1 for count in self.accepted.values())
        assert len(self.desk.orders) == sum(self.accepted.values())
        assert len({order.id for order in self.desk.orders}) == len(self.desk.orders)

    @invariant()
    def one_write_at_a_time_and_one_toggle(self) -> None:
        under_way = [one for one in self.desk.room.operations(GENSET) if not one.over]
        assert sum(one.phase is Phase.QUEUED for one in under_way) <= 1
        assert sum(one.spec.name == "turn" for one in under_way) <= 1

    @invariant()
    def a_verdict_stands(self) -> None:
        for one in self.desk.room.operations(GENSET):
            told = (str(one.verdict), one.code)
            assert one.over == (told[0] != "under-way")
            if one.over:
                assert self.ended.setdefault(one.id, told) == told
                assert one.reason["en"] and one.reason["ru"]  # noqa: PT018  one thing: it is told in both


ControlMachine.TestCase.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestControl = ControlMachine.TestCase
