"""Transcripts of lines in trouble, each played against the exchange.

| simulated fault | transcript | what must come of it |
| --- | --- | --- |
| answer in several segments, with pauses | fragments, cut_off | the answer; or garbled |
| garbage before, behind, like a frame's head | garbage | the answer |
| wrong checksum | crc_error, crc_error_then_answer, short_crc_error | garbled, soon; or the answer |
| answer after the time-out, other size | late_other_size, late_in_pieces | dropped, line free again |
| answer after the time-out, same size | late_same_size, late_never_came, late_without_fence | dropped; fenced off |
| refusal or write echo after the time-out | late_refusal, late_write, late_write_unknown | dropped; fenced off |
| nothing ever again | ghost_life, quarantine | believed in for its life |
| frames of other units, functions, sizes | foreign, foreign_only | dropped; wrong reply |
| another master on the line | other_master, other_master_before, other_master_other_unit | none of ours is taken |
| local echo | echo, echo_alone, echo_learned | not an answer |
| write answered with another address or value | write_reply | dropped |
| exception answers, own and foreign | refusals | own refusal only |
| a frame sooner than the line allows | early | dropped |
| frames repeated | duplicates, duplicates_paced | dropped; then expected |
| frames while nothing is open | idle | dropped |
| none at all | plain, coils | the answer |
| request cancelled, connection lost | abandoned | as after a time-out |
"""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.wire.counters import LinkCounters
from runtime.wire.exchange import Exchange
from runtime.wire.opened import ExchangeSettings
from runtime.wire.pdu import Request

TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.txt"))


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_transcript(path, player):
    player.play(path)


def test_every_transcript_is_in_the_table():
    missing = [path.stem for path in TRANSCRIPTS if path.stem not in (__doc__ or "")]
    assert missing == []


def test_one_request_at_a_time():
    machine = Exchange("mkz.line", LinkCounters(), ExchangeSettings())
    machine.send(Request.read(1, 3, 0, 1), 0.0, 1.0)
    with pytest.raises(RuntimeError, match=r"mkz\.line: a request is open"):
        machine.send(Request.read(1, 3, 0, 1), 0.1, 1.0)
