"""One-time codes by time: RFC 6238 over RFC 4226, SHA-1, six digits, 30 seconds, as authenticator apps make them."""

from __future__ import annotations

import base64
import hmac
import secrets
import struct
from urllib.parse import quote

__all__ = ["STEP_S", "check_key", "code_at", "matching_step", "new_key", "new_recovery_codes", "uri"]

STEP_S = 30
#: steps before and after now that are taken: clocks differ, people type slowly (RFC 6238, 5.2)
_WINDOW = 1
_DIGITS = 6
_KEY_BYTES = 20
#: characters that cannot be mistaken for each other on paper
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


def new_key() -> str:
    """160 random bits in base32 (RFC 4226, R6)."""
    return base64.b32encode(secrets.token_bytes(_KEY_BYTES)).decode()


def check_key(key: str) -> None:
    """Raises ValueError for what is not 160 bits in base32: it comes back from a browser."""
    if len(base64.b32decode(key)) != _KEY_BYTES:
        raise ValueError("the key has another length")


def code_at(key: str, step: int) -> str:
    """The code of a time step: time in seconds // STEP_S."""
    digest = hmac.digest(base64.b32decode(key), struct.pack(">Q", step), "sha1")
    start = digest[-1] & 0xF
    number: int = struct.unpack_from(">I", digest, start)[0] & 0x7FFFFFFF
    return f"{number % 10**_DIGITS:0{_DIGITS}}"


def matching_step(key: str, code: str, now: float, after: int = -1) -> int | None:
    """The step whose code this is, None for none. Steps up to ``after`` were taken already (RFC 6238, 5.2)."""
    typed = code.replace(" ", "")
    if len(typed) != _DIGITS or not typed.isascii() or not typed.isdecimal():
        return None
    current = int(now // STEP_S)
    found = None
    for step in range(max(0, current - _WINDOW), current + _WINDOW + 1):
        if hmac.compare_digest(code_at(key, step), typed) and step > after:
            found = step
    return found


def uri(key: str, user: str, issuer: str) -> str:
    """What the QR code says to an authenticator app (Google Authenticator's "Key URI Format")."""
    label = f"{quote(issuer, safe='')}:{quote(user, safe='')}"
    return f"otpauth://totp/{label}?secret={key}&issuer={quote(issuer, safe='')}&digits={_DIGITS}&period={STEP_S}"


def new_recovery_codes(count: int = 10) -> list[str]:
    """Codes that stand in once each, of 49 bits: ``k7mp-2xr4-9d``."""
    texts = ["".join(secrets.choice(_LETTERS) for _ in range(10)) for _ in range(count)]
    return [f"{text[:4]}-{text[4:8]}-{text[8:]}" for text in texts]
