"""The engineer's orders on the command channel: recorded frames, reload; and what the pages tell the journal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from runtime.admission import Admission
from runtime.field import Pollers
from runtime.outputs import Refusal
from tagdb.accounts import Right

__all__ = ["Engineering"]

#: what the pages may tell the journal, in both languages
LOGINS: Mapping[str, Mapping[str, str]] = {
    "log-in": {"en": "Log-in", "ru": "Вход в систему"},
    "log-out": {"en": "Log-out", "ru": "Выход из системы"},
    "log-in-refused": {"en": "Log-in refused", "ru": "Вход отклонён"},
}


class Engineering:
    """``verbs`` for the channel."""

    def __init__(
        self,
        pollers: Pollers,
        reload: Callable[[], list[str]],
        journal: Callable[[str, Mapping[str, str], str, str], None],
        desk: Admission,
    ) -> None:
        """
        Args:
            reload: reads the configuration again; what changed, a line each.
            journal: takes event, text, who and comment of a log-in.
        """
        self._pollers = pollers
        self._reload = reload
        self._journal = journal
        self._desk = desk

    def verbs(self) -> dict[str, Callable[..., Any]]:
        """By their names on the channel."""
        return {
            "frames": self.frames,
            "release-frames": self.release_frames,
            "reload": self.reload,
            "note-login": self.note_login,
        }

    def frames(self, actor: Mapping[str, Any], link: str) -> dict[str, Any]:
        """The last frames of a link, as a transcript."""
        who = self._desk.admit(actor, Right.ENGINEER, "frames.download", target=link)
        ring = self._link(link).ring
        self._desk.note(who, "frames.download", link)
        return {"text": ring.dump(), "frozen": ring.frozen}

    def release_frames(self, actor: Mapping[str, Any], link: str) -> dict[str, Any]:
        """Let a frozen recording go on."""
        who = self._desk.admit(actor, Right.ENGINEER, "frames.release", target=link)
        ring = self._link(link).ring
        before = "frozen" if ring.frozen else "running"
        ring.release()
        self._desk.note(who, "frames.release", link, old=before, new="running")
        return {}

    def reload(self, actor: Mapping[str, Any]) -> dict[str, Any]:
        """Read ini, maps and rules again."""
        who = self._desk.admit(actor, Right.ENGINEER, "config.reload")
        report = self._reload()
        self._desk.note(who, "config.reload", "", new="; ".join(report))
        return {"report": report}

    def note_login(self, event: str, who: str, origin: str) -> dict[str, Any]:
        """The pages tell who has logged in or out."""
        if event not in LOGINS:
            raise Refusal("unknown-event", f"known events: {', '.join(LOGINS)}")
        self._journal(event, LOGINS[event], who[:80], origin[:80])
        return {}

    def _link(self, name: str) -> Any:
        link = self._pollers.link(name)
        if link is None:
            raise Refusal("unknown-link", f"there is no link '{name}'")
        return link
