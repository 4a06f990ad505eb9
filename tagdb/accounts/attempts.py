"""Failed log-ins, and how long the next one has to wait.

Three counters, since a lock by name alone lets anybody lock out the operators, and one by address alone lets many
addresses guess one password: name and address together, the address, the name. The last one does not hold where this
user has logged in from lately, so that strangers lock nobody out of their own desk.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any

from tagdb.accounts.actor import Denied
from tagdb.accounts.database import Database
from tagdb.accounts.models import Attempt, Session, User

__all__ = ["Attempts"]

_LONGEST_WAIT_S = 3600.0
#: failures are forgotten when there was none for so long, seconds
_FORGET_S = 3600.0
#: failures an address, and a name, may have before they wait, as multiples of those of a name from an address
_ADDRESS, _NAME = 4, 10


class Attempts:
    """Counts in the accounts' file, so that a restart forgets nothing."""

    def __init__(self, database: Database, clock: Callable[[], float], failures: int, lock_s: float) -> None:
        self._database = database
        self._clock = clock
        self._failures = failures
        self._lock_s = lock_s

    def check(self, name: str, origin: str) -> None:
        """Raises Denied ``wait`` while one of the three has to wait; the same for names that nobody has."""
        now = self._clock()
        keys = [key for key, _ in self._keys(name, origin)]
        with self._database.reading() as database:
            rows = list(Attempt.select().where(Attempt.key.in_(keys)).execute(database))
            # No wait is longer than the longest: what looks so was noted while the clock was ahead.
            waiting = {row.key: left for row in rows if 0 < (left := row.wait_until - now) <= _LONGEST_WAIT_S}
            if keys[-1] in waiting and _been_here(database, name, origin):
                del waiting[keys[-1]]
        left = max(waiting.values(), default=0.0)
        if left > 0:
            raise Denied("wait", f"too many failed log-ins: the next one can be tried in {max(1, round(left))} s")

    def failed(self, name: str, origin: str) -> bool:
        """Count one more; whether somebody has to wait now."""
        now, waits = self._clock(), False
        with self._database.writing() as database:
            Attempt.delete().where(Attempt.last_at < now - _FORGET_S, Attempt.wait_until < now).execute(database)
            for key, most in self._keys(name, origin):
                row = Attempt.select().where(Attempt.key == key).first(database)
                count = 1 + (row.failures if row else 0)
                over = count - most
                wait = 0.0 if over < 0 else min(_LONGEST_WAIT_S, self._lock_s * 2.0 ** min(over, 30))
                waits = waits or wait > 0
                values = {"key": key, "failures": count, "last_at": now, "wait_until": now + wait}
                Attempt.insert(**values).on_conflict_replace().execute(database)
        return waits

    def succeeded(self, name: str, origin: str) -> None:
        """Forget the failures of this name from this address; those of the others go on counting."""
        key = self._keys(name, origin)[0][0]
        with self._database.writing() as database:
            Attempt.delete().where(Attempt.key == key).execute(database)

    def _keys(self, name: str, origin: str) -> list[tuple[str, int]]:
        name, origin = name.strip().casefold()[:100], _network(origin)
        most = self._failures
        return [(f"both:{name}@{origin}", most), (f"from:{origin}", _ADDRESS * most), (f"name:{name}", _NAME * most)]


def _been_here(database: Any, name: str, origin: str) -> bool:
    """Whether this user has logged in from this address: sessions are remembered for a month."""
    mine = (User.key == name.strip().casefold()) & (Session.kind == "login") & (Session.origin == origin)
    return bool(Session.select(Session.id).join(User).where(mine).exists(database))


def _network(origin: str) -> str:
    """Who has one IPv6 address has 2^64 of them: they count as one (RFC 6177)."""
    try:
        address = ipaddress.ip_address(origin)
    except ValueError:
        return origin[:80]
    if isinstance(address, ipaddress.IPv4Address):
        return origin
    return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))
