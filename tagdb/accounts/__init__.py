"""Who may: roles, rights, and the person or program behind a request."""

from tagdb.accounts.actor import RIGHTS, Actor, Denied, Right, Role

__all__ = ["RIGHTS", "Actor", "Denied", "Right", "Role"]
