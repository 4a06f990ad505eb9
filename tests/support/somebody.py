"""Somebody with a session, who talks to a running program over its command channel."""

from __future__ import annotations

from typing import Any

from tagdb import Channel
from tests.support.running import Running

__all__ = ["Somebody"]


class Somebody:
    """A user of the demo plant."""

    def __init__(self, running: Running, user: str = "operator") -> None:
        """``user``: operator, engineer or administrator."""
        assert running.program is not None
        self.accounts = running.program.accounts
        self.actor = self.accounts.sessions.begin(user, "127.0.0.1", kind="demo")[1].actor
        self.channel = Channel(running.run_dir.channel)

    def call(self, verb: str, **args: Any) -> Any:
        """The answer. Raises ChannelError."""
        return self.channel.call(verb, actor=self.actor.to_json(), **args)
