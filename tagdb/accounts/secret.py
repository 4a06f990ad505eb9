"""Random secrets, and what is kept of them: a hash.

256 random bits need no slow hash: nobody can try them all (OWASP ASVS 4.0.3, 2.9, 3.2.2 asks for 64 bits at least).
"""

from __future__ import annotations

import hashlib
import secrets

__all__ = ["bound", "digest", "new_reference", "new_secret"]


def new_secret(prefix: str = "") -> str:
    """256 random bits as text; the prefix tells tools that search for leaked secrets what it is."""
    return prefix + secrets.token_urlsafe(32)


def new_reference() -> str:
    """How a session or token is called where people see it: says nothing of its secret."""
    return secrets.token_hex(6)


def digest(secret: str) -> str:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def bound(purpose: str, secret: str) -> str:
    """Another secret that only the holder of the first one can have, for one purpose."""
    return hashlib.sha256(f"{purpose}:{secret}".encode()).hexdigest()
