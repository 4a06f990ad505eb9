"""Passwords: which are good enough, and their hashes by argon2id (RFC 9106, its second recommended option)."""

from __future__ import annotations

import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tagdb.accounts.actor import Denied

__all__ = ["LONGEST", "Passwords"]

#: longest password, characters: a longer one only costs time
LONGEST = 128
#: fewest different characters
_DIFFERENT = 5
#: at most so many hashes are computed at once: each takes 64 MiB
_AT_ONCE = 2
#: parts that make a password guessable here, whatever else is in it
_GUESSES = ("password", "passw0rd", "qwerty", "123456", "йцукен", "пароль", "scada", "admin", "smartgen", "hgm95")
#: of a password that nobody has, as the hasher's parameters are: verified where there is no user, so that an answer
#: takes as long. Made once: a fifth of a second of each start otherwise.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$jM5/aZSLAgAFGkPGS4aCFg$JtlVch34/Tm6SmVnIdF1BoB9gvwAsFFcGs0OIrIGBV8"


class Passwords:
    """Hashes and checks. Any thread."""

    def __init__(self, shortest: int = 12, hasher: PasswordHasher | None = None) -> None:
        """``hasher``: a cheaper one for tests."""
        self.shortest = shortest
        self._hasher = hasher or PasswordHasher()
        self._turn = threading.BoundedSemaphore(_AT_ONCE)
        self._nobody = hasher.hash("no user has this password") if hasher else _NOBODY

    def hash(self, password: str) -> str:
        """Of a good password."""
        with self._turn:
            return self._hasher.hash(_plain(password))

    def verify(self, stored: str, password: str) -> bool:
        """Whether it is the password; takes as long where ``stored`` is "" and the answer no."""
        with self._turn:
            try:
                self._hasher.verify(stored or self._nobody, _plain(password)[: LONGEST + 1])
            except (VerificationError, InvalidHashError):
                return False
        return bool(stored)

    def outdated(self, stored: str) -> bool:
        """Whether it was hashed with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def check(self, password: str, name: str) -> None:
        """Raises Denied ``weak-password`` with what is wrong. No rules about kinds of characters (NIST SP 800-63B)."""
        plain = _plain(password)
        if len(plain) < self.shortest:
            raise Denied("weak-password", f"found {len(plain)} characters, wanted at least {self.shortest}")
        if len(plain) > LONGEST:
            raise Denied("weak-password", f"found {len(plain)} characters, wanted at most {LONGEST}")
        low = plain.casefold()
        if len(set(low)) < _DIFFERENT:
            raise Denied("weak-password", f"wanted at least {_DIFFERENT} different characters")
        if len(name) > 2 and name.casefold() in low:
            raise Denied("weak-password", "the user's name must not be part of it")
        if (guess := next((guess for guess in _GUESSES if guess in low), None)) and len(low) - len(guess) < 8:
            raise Denied("weak-password", f"'{guess}' and little else is the first that somebody tries")


def _plain(password: str) -> str:
    """The same text typed on another keyboard is the same password (NIST SP 800-63B, 5.1.1.2: NFKC)."""
    return unicodedata.normalize("NFKC", password)
