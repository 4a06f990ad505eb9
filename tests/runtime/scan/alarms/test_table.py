"""The state table, cell by cell, against a matrix written down independently of its rows."""

from itertools import product

import pytest

from runtime.scan.alarms import AlarmState, Event
from runtime.scan.alarms.table import ROWS, Condition, Row, compile_rows, next_state

STATES = {
    "N": AlarmState.NORMAL,
    "U": AlarmState.UNACK,
    "A": AlarmState.ACKED,
    "R": AlarmState.RTN_UNACK,
    "L": AlarmState.LATCHED,
    "S": AlarmState.SHELVED,
    "D": AlarmState.SUPPRESSED,
    "O": AlarmState.OUT_OF_SERVICE,
    "X": AlarmState.UNSAFE,
}
# "." does not happen; "*" depends on condition, acknowledgement or latching: see GUARDED.
MATRIX = """
       raise present again return ack reset untrusted trusted shelve unshelve suppress unsuppress out in removed
    N  U     U       .     .      .   .     .         .       S      .        D        .          O   .  .
    U  .     .       U     *      A   .     X         .       S      .        D        .          O   .  N
    A  .     .       U     *      .   .     X         .       S      .        D        .          O   .  N
    R  .     .       U     .      N   .     .         .       S      .        D        .          O   .  N
    L  .     .       U     .      *   *     .         .       S      .        D        .          O   .  N
    S  S     S       S     S      .   .     .         .       S      *        .        .          O   .  N
    D  D     D       D     D      .   .     .         .       .      .        .        *          O   .  N
    O  O     O       O     O      .   .     .         .       .      .        .        .          .   *  N
    X  .     .       .     .      *   .     .         *       S      .        D        .          O   .  N
"""
COLUMNS = dict(zip(MATRIX.splitlines()[1].split(), Event, strict=True))
H, V, W, E = Condition.HOLDS, Condition.OVER, Condition.UNSEEN, Condition.NONE
ANY = None
# state, event, condition, acknowledged, latched -> state
GUARDED = [
    ("U", "return", ANY, ANY, False, "R"),
    ("U", "return", ANY, ANY, True, "L"),
    ("A", "return", ANY, ANY, False, "N"),
    ("A", "return", ANY, ANY, True, "L"),
    ("L", "ack", ANY, False, ANY, "L"),
    ("L", "reset", ANY, True, ANY, "N"),
    ("X", "ack", ANY, False, ANY, "X"),
    ("X", "trusted", H, False, ANY, "U"),
    ("X", "trusted", H, True, ANY, "A"),
    ("X", "trusted", V, False, False, "R"),
    ("X", "trusted", V, True, False, "N"),
    ("X", "trusted", V, ANY, True, "L"),
    *(
        (state, event, *rest)
        for state, event in (("S", "unshelve"), ("D", "unsuppress"), ("O", "in"))
        for rest in (
            (E, ANY, ANY, "N"),
            (H, ANY, ANY, "U"),
            (V, ANY, False, "N"),
            (V, ANY, True, "L"),
            (W, ANY, ANY, "X"),
        )
    ),
]


def expected(state: str, event: str, condition: Condition, acknowledged: bool, latched: bool) -> str:
    header, *lines = MATRIX.strip().splitlines()
    row = next(line.split()[1:] for line in lines if line.split()[0] == state)
    cell = row[header.split().index(event)]
    if cell != "*":
        return cell
    for s, e, c, a, la, after in GUARDED:
        if (s, e) == (state, event) and c in (ANY, condition) and a in (ANY, acknowledged) and la in (ANY, latched):
            return after
    return "."


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("event", COLUMNS)
def test_every_cell(state: str, event: str) -> None:
    for condition, acknowledged, latched in product(Condition, (False, True), (False, True)):
        after = next_state(STATES[state], COLUMNS[event], condition, acknowledged, latched)
        want = expected(state, event, condition, acknowledged, latched)
        assert after == STATES.get(want), (condition, acknowledged, latched)


def test_two_rows_for_one_cell_are_found() -> None:
    again = Row(AlarmState.NORMAL, Event.RAISE, AlarmState.ACKED)
    with pytest.raises(ValueError, match="two rows for normal at raise"):
        compile_rows([*ROWS, again])


def test_every_state_can_be_left_and_reached() -> None:
    for state in AlarmState:
        assert any(row.state is state and row.after is not state for row in ROWS)
        assert any(row.after is state and row.state is not state for row in ROWS)
