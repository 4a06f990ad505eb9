"""Plays transcripts against the exchange: what was asked, what the line said and when, and what must come of it.

One step a line; ``#`` starts a comment, bytes are hexadecimal, and ``crc`` stands for the CRC of the
bytes before it, back to the last ``crc`` or ``|``.

    set line=9600-8N2 echo=yes quarantine_s=0.5 ghost_life_s=10 paced=no    (before anything else)
    ask read 1 3 0 2 [timeout 1.0]      ask coil 1 5 on       ask register 1 100 7
    > 01 03 ..                          what must have been sent
    < 01 03 ..                          bytes arrive
    +0.150                              time passes
    ? late garbage                      verdicts on what arrived last, in order; - for none
    = 00 07 00 08                       the answer; "= written" for a write; "= nothing" while it is open
    ! NoResponse                        the error
    count late=1 foreign=0              counters
    quiet 0.5                           time until the line may be spoken on
    ambiguous read 1 3 0 2 yes          fence read 1 3 0 2 is read 1 3 0 1
    abandon                             lost
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from runtime.wire.counters import LinkCounters
from runtime.wire.exchange import Exchange
from runtime.wire.opened import Event, ExchangeSettings
from runtime.wire.pdu import Request
from runtime.wire.rtu import LineTiming, frame

__all__ = ["Player"]


def request_of(words: list[str]) -> Request:
    kind, unit, *rest = words
    if kind == "read":
        function, address, count = map(int, rest)
        return Request.read(int(unit), function, address, count)
    if kind == "coil":
        return Request.write_coil(int(unit), int(rest[0]), rest[1] == "on")
    return Request.write_register(int(unit), int(rest[0]), int(rest[1]))


def bytes_of(text: str) -> bytes:
    """Pieces stand between ``|`` or behind ``crc``, each piece with a CRC of its own."""
    whole = b""
    for piece in text.replace("crc", "crc|").split("|"):
        data = bytes.fromhex(piece.replace("crc", ""))
        whole += frame(data[0], data[1:]) if "crc" in piece else data
    return whole


class Player:
    def __init__(self) -> None:
        self.now = 100.0
        self.counters = LinkCounters()
        self.settings = ExchangeSettings(line=LineTiming.parse("9600-8N2"))
        self.machine = Exchange("test", self.counters, self.settings)
        self.sent = b""
        self.heard: list[Event] = []
        self.outcome: Event | None = None

    def play(self, path: Path) -> None:
        for number, text in enumerate(path.read_text().splitlines(), 1):
            step = text.partition("#")[0].strip()
            if step:
                try:
                    self.step(step)
                except AssertionError as error:
                    pytest.fail(f"{path.name}:{number}: {step}\n{error}")

    def step(self, step: str) -> None:
        verb, *words = step.split()
        if verb.startswith("+"):
            self.heard = self.wait(float(verb))
            return
        rest = step[len(verb) :].strip()
        {
            "set": self.set,
            "ask": self.ask,
            ">": lambda _: self.expect(self.sent.hex(" "), bytes_of(rest).hex(" ")),
            "<": lambda _: self.feed(bytes_of(rest)),
            "?": lambda _: self.expect(", ".join(event.verdict for event in self.heard) or "-", rest),
            "=": lambda _: self.answer(rest),
            "!": lambda _: self.error(rest),
            "count": self.count,
            "quiet": lambda _: self.expect(f"{max(0.0, self.machine.ready_at() - self.now):.4f}", f"{float(rest):.4f}"),
            "ambiguous": lambda _: self.expect(
                self.machine.ambiguous(request_of(words[:-1]), self.now), words[-1] == "yes"
            ),
            "fence": lambda _: self.fence(rest),
            "abandon": lambda _: self.take(self.machine.abandon(self.now)),
            "lost": lambda _: self.machine.reset(self.now),
        }[verb](words)

    @staticmethod
    def expect(got: object, wanted: object) -> None:
        assert got == wanted, f"got {got!r}, wanted {wanted!r}"

    def set(self, words: list[str]) -> None:
        options: dict[str, object] = {}
        for word in words:
            key, value = word.split("=")
            if key == "line":
                options[key] = LineTiming.parse(value) if value != "-" else None
            elif key in ("echo", "paced"):
                options[key] = value == "yes"
            else:
                options[key] = float(value)
        self.settings = replace(self.settings, **options)  # type: ignore[arg-type]
        self.machine = Exchange("test", self.counters, self.settings)

    def ask(self, words: list[str]) -> None:
        timeout_s = float(words.pop()) if "timeout" in words else 1.0
        self.outcome = None
        self.sent = self.machine.send(request_of([word for word in words if word != "timeout"]), self.now, timeout_s)

    def feed(self, data: bytes) -> None:
        self.heard = self.take(self.machine.receive(data, self.now))

    def take(self, events: list[Event]) -> list[Event]:
        for event in events:
            if event.reply is not None or event.error is not None:
                assert self.outcome is None, "two outcomes of one request"
                self.outcome = event
        return events

    def wait(self, seconds: float) -> list[Event]:
        until = self.now + seconds
        events: list[Event] = []
        while self.machine.next_deadline() <= until:
            self.now = self.machine.next_deadline()
            events += self.take(self.machine.tick(self.now))
        self.now = until
        return events

    def answer(self, rest: str) -> None:
        if rest == "nothing":
            self.expect(self.outcome, None)
            return
        assert self.outcome is not None, "no answer"
        reply = self.outcome.reply
        assert reply is not None, f"got {self.outcome.error}"
        self.expect(reply.data.hex(" "), "" if rest == "written" else bytes.fromhex(rest).hex(" "))

    def error(self, rest: str) -> None:
        assert self.outcome is not None, "neither answer nor error"
        name, _, text = rest.partition(" ")
        self.expect(type(self.outcome.error).__name__, name)
        if text:
            assert re.search(re.escape(text), str(self.outcome.error)), str(self.outcome.error)

    def count(self, words: list[str]) -> None:
        for word in words:
            name, value = word.split("=")
            assert getattr(self.counters, name) == int(value), f"{name} is {getattr(self.counters, name)}, not {value}"

    def fence(self, rest: str) -> None:
        asked, wanted = rest.split(" is ")
        got = self.machine.fence(request_of(asked.split()), self.now)
        self.expect(got, None if wanted == "none" else request_of(wanted.split()))


@pytest.fixture
def player() -> Player:
    """An exchange at time 100 on a 9600-8N2 line."""
    return Player()
