"""Who may: roles, rights, users, sessions, tokens, and the gate that the runtime asks."""

from tagdb.accounts.accounts import DEMO_USERS, Accounts
from tagdb.accounts.actor import RIGHTS, Actor, Denied, Right, Role
from tagdb.accounts.database import ERRORS, AccountsUnusable
from tagdb.accounts.gate import Gate, authenticated_enough
from tagdb.accounts.links import LinkInfo, Purpose
from tagdb.accounts.secret import bound
from tagdb.accounts.sessions import SessionInfo
from tagdb.accounts.settings import AccountSettings
from tagdb.accounts.standing import Standing
from tagdb.accounts.tokens import TokenInfo
from tagdb.accounts.totp import new_key, uri
from tagdb.accounts.users import Person

__all__ = [
    "DEMO_USERS",
    "ERRORS",
    "RIGHTS",
    "AccountSettings",
    "Accounts",
    "AccountsUnusable",
    "Actor",
    "Denied",
    "Gate",
    "LinkInfo",
    "Person",
    "Purpose",
    "Right",
    "Role",
    "SessionInfo",
    "Standing",
    "TokenInfo",
    "authenticated_enough",
    "bound",
    "new_key",
    "uri",
]
