"""The state machine of an alarm, as one table: state x event -> state. Nothing else in the program decides states.

After the alarm state transition diagram of ANSI/ISA-18.2-2016, which IEC 62682 shares.
The names in the standard: normal (A), unacknowledged (B), acknowledged (C), returned to normal unacknowledged (D),
latched unacknowledged and latched acknowledged (one state here, told apart by the column "acknowledged"), shelved,
suppressed by design, out of service. Ours are ``unsafe`` and the events about trust: the standard leaves what happens
at a failed input to the alarm philosophy, and here a condition that cannot be seen neither raises nor clears an alarm.

An event that has no row for a state does not happen: nothing changes, or the operator is told that it is refused.
A row holds for every value of a column that it leaves open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

from runtime.scan.alarms.model import AlarmState

__all__ = ["ROWS", "Condition", "Event", "Row", "compile_rows", "next_state"]


class Event(StrEnum):
    """What can happen to an alarm; the texts are the journal's."""

    RAISE = "raise"
    #: raised because it was set already at the first reading after the start
    PRESENT = "present-at-start"
    #: raised once more before it ended
    RAISE_AGAIN = "raise-again"
    RETURN = "return"
    ACKNOWLEDGE = "acknowledge"
    RESET = "reset"
    #: the input can no longer be trusted
    UNTRUSTED = "unsafe"
    #: the input can be trusted again
    TRUSTED = "resolve"
    SHELVE = "shelve"
    UNSHELVE = "unshelve"
    SUPPRESS = "suppress"
    UNSUPPRESS = "unsuppress"
    TAKE_OUT = "out-of-service"
    PUT_BACK = "in-service"
    #: the configuration has it no more
    REMOVE = "removed"

    __hash__ = str.__hash__  # as AlarmState


class Condition(StrEnum):
    """What is known of the condition of an alarm when the event comes."""

    #: no occurrence is open
    NONE = "none"
    #: one is open, and the condition holds
    HOLDS = "holds"
    #: one is open, and the condition is over
    OVER = "over"
    #: one is open, and held when it was last seen
    UNSEEN = "unseen"

    __hash__ = str.__hash__  # as AlarmState


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; None leaves a column open."""

    state: AlarmState
    event: Event
    after: AlarmState
    condition: Condition | None = None
    acknowledged: bool | None = None
    latched: bool | None = None


_NORMAL, _UNACK, _ACKED = AlarmState.NORMAL, AlarmState.UNACK, AlarmState.ACKED
_RTN, _LATCHED, _UNSAFE = AlarmState.RTN_UNACK, AlarmState.LATCHED, AlarmState.UNSAFE
_SHELVED, _SUPPRESSED, _OUT = AlarmState.SHELVED, AlarmState.SUPPRESSED, AlarmState.OUT_OF_SERVICE


def _leave(state: AlarmState, event: Event) -> tuple[Row, ...]:
    """From shelved, suppressed, out of service: to where the condition is now, announced anew if it holds."""
    return (
        Row(state, event, _NORMAL, condition=Condition.NONE),
        Row(state, event, _UNACK, condition=Condition.HOLDS),
        Row(state, event, _NORMAL, condition=Condition.OVER, latched=False),
        Row(state, event, _LATCHED, condition=Condition.OVER, latched=True),
        Row(state, event, _UNSAFE, condition=Condition.UNSEEN),
    )


ROWS: tuple[Row, ...] = (
    # Normal (A)
    Row(_NORMAL, Event.RAISE, _UNACK),
    Row(_NORMAL, Event.PRESENT, _UNACK),
    Row(_NORMAL, Event.SHELVE, _SHELVED),
    Row(_NORMAL, Event.SUPPRESS, _SUPPRESSED),
    Row(_NORMAL, Event.TAKE_OUT, _OUT),
    # Unacknowledged (B); raised again: a further bit in a word of unknown bits
    Row(_UNACK, Event.RAISE_AGAIN, _UNACK),
    Row(_UNACK, Event.ACKNOWLEDGE, _ACKED),
    Row(_UNACK, Event.RETURN, _RTN, latched=False),
    Row(_UNACK, Event.RETURN, _LATCHED, latched=True),
    Row(_UNACK, Event.UNTRUSTED, _UNSAFE),
    Row(_UNACK, Event.SHELVE, _SHELVED),
    Row(_UNACK, Event.SUPPRESS, _SUPPRESSED),
    Row(_UNACK, Event.TAKE_OUT, _OUT),
    Row(_UNACK, Event.REMOVE, _NORMAL),
    # Acknowledged (C)
    Row(_ACKED, Event.RAISE_AGAIN, _UNACK),
    Row(_ACKED, Event.RETURN, _NORMAL, latched=False),
    Row(_ACKED, Event.RETURN, _LATCHED, latched=True),
    Row(_ACKED, Event.UNTRUSTED, _UNSAFE),
    Row(_ACKED, Event.SHELVE, _SHELVED),
    Row(_ACKED, Event.SUPPRESS, _SUPPRESSED),
    Row(_ACKED, Event.TAKE_OUT, _OUT),
    Row(_ACKED, Event.REMOVE, _NORMAL),
    # Returned to normal unacknowledged (D)
    Row(_RTN, Event.RAISE_AGAIN, _UNACK),
    Row(_RTN, Event.ACKNOWLEDGE, _NORMAL),
    Row(_RTN, Event.SHELVE, _SHELVED),
    Row(_RTN, Event.SUPPRESS, _SUPPRESSED),
    Row(_RTN, Event.TAKE_OUT, _OUT),
    Row(_RTN, Event.REMOVE, _NORMAL),
    # Latched, unacknowledged and acknowledged: reset ends it, once it has been acknowledged
    Row(_LATCHED, Event.RAISE_AGAIN, _UNACK),
    Row(_LATCHED, Event.ACKNOWLEDGE, _LATCHED, acknowledged=False),
    Row(_LATCHED, Event.RESET, _NORMAL, acknowledged=True),
    Row(_LATCHED, Event.SHELVE, _SHELVED),
    Row(_LATCHED, Event.SUPPRESS, _SUPPRESSED),
    Row(_LATCHED, Event.TAKE_OUT, _OUT),
    Row(_LATCHED, Event.REMOVE, _NORMAL),
    # Shelved: kept up to date, not announced; shelving once more sets the time anew
    Row(_SHELVED, Event.RAISE, _SHELVED),
    Row(_SHELVED, Event.PRESENT, _SHELVED),
    Row(_SHELVED, Event.RAISE_AGAIN, _SHELVED),
    Row(_SHELVED, Event.RETURN, _SHELVED),
    Row(_SHELVED, Event.SHELVE, _SHELVED),
    Row(_SHELVED, Event.TAKE_OUT, _OUT),
    Row(_SHELVED, Event.REMOVE, _NORMAL),
    *_leave(_SHELVED, Event.UNSHELVE),
    # Suppressed by design
    Row(_SUPPRESSED, Event.RAISE, _SUPPRESSED),
    Row(_SUPPRESSED, Event.PRESENT, _SUPPRESSED),
    Row(_SUPPRESSED, Event.RAISE_AGAIN, _SUPPRESSED),
    Row(_SUPPRESSED, Event.RETURN, _SUPPRESSED),
    Row(_SUPPRESSED, Event.TAKE_OUT, _OUT),
    Row(_SUPPRESSED, Event.REMOVE, _NORMAL),
    *_leave(_SUPPRESSED, Event.UNSUPPRESS),
    # Out of service
    Row(_OUT, Event.RAISE, _OUT),
    Row(_OUT, Event.PRESENT, _OUT),
    Row(_OUT, Event.RAISE_AGAIN, _OUT),
    Row(_OUT, Event.RETURN, _OUT),
    Row(_OUT, Event.REMOVE, _NORMAL),
    *_leave(_OUT, Event.PUT_BACK),
    # Unsafe: can be acknowledged, and becomes what it would have been when the input is trusted again
    Row(_UNSAFE, Event.ACKNOWLEDGE, _UNSAFE, acknowledged=False),
    Row(_UNSAFE, Event.TRUSTED, _UNACK, condition=Condition.HOLDS, acknowledged=False),
    Row(_UNSAFE, Event.TRUSTED, _ACKED, condition=Condition.HOLDS, acknowledged=True),
    Row(_UNSAFE, Event.TRUSTED, _RTN, condition=Condition.OVER, acknowledged=False, latched=False),
    Row(_UNSAFE, Event.TRUSTED, _NORMAL, condition=Condition.OVER, acknowledged=True, latched=False),
    Row(_UNSAFE, Event.TRUSTED, _LATCHED, condition=Condition.OVER, latched=True),
    Row(_UNSAFE, Event.SHELVE, _SHELVED),
    Row(_UNSAFE, Event.SUPPRESS, _SUPPRESSED),
    Row(_UNSAFE, Event.TAKE_OUT, _OUT),
    Row(_UNSAFE, Event.REMOVE, _NORMAL),
)

_Cell = tuple[AlarmState, Event, Condition, bool, bool]


def _cells(row: Row) -> Iterator[_Cell]:
    conditions = tuple(Condition) if row.condition is None else (row.condition,)
    acknowledged = (False, True) if row.acknowledged is None else (row.acknowledged,)
    latched = (False, True) if row.latched is None else (row.latched,)
    for guard in product(conditions, acknowledged, latched):
        yield (row.state, row.event, *guard)


def compile_rows(rows: Iterable[Row]) -> dict[_Cell, AlarmState]:
    """Every cell that the rows fill. Raises ValueError where two rows fill the same one."""
    table: dict[_Cell, AlarmState] = {}
    for row in rows:
        for cell in _cells(row):
            if cell in table:
                raise ValueError(f"two rows for {row.state} at {row.event}")
            table[cell] = row.after
    return table


_TABLE = compile_rows(ROWS)


def next_state(
    state: AlarmState, event: Event, condition: Condition, acknowledged: bool, latched: bool
) -> AlarmState | None:
    """Where an event leads; None where it does not happen in this state."""
    return _TABLE.get((state, event, condition, acknowledged, latched))
