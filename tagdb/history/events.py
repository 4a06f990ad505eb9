"""What the journal records: one thing that happened, on its way from the scan to the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tagdb.history.plain import plain, plain_text
from tagdb.tag import Words

__all__ = ["CATEGORIES", "Event"]

#: what an event may be about
CATEGORIES = ("alarm", "device", "breaker", "mode", "mains", "command", "login", "config", "maintenance", "runtime")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One row of the journal."""

    #: when the scan recorded it, Unix seconds UTC
    time: float
    #: when the controller said it, Unix seconds UTC; None = it has no time of its own
    source_time: float | None = None
    #: one of CATEGORIES
    category: str
    site: str = ""
    #: ``site.device``; "" for the site or the runtime itself
    device: str = ""
    #: the alarm's key or the tag's name
    key: str = ""
    #: what happened: "raise", "acknowledge", "close", "write", ...
    event: str
    #: the message in both languages
    text: Words = field(default_factory=dict)
    before: str = ""
    after: str = ""
    who: str = ""
    comment: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON: what JSON cannot say becomes null or text. Raises ValueError, TypeError for a bad time."""
        return {
            "time": float(self.time),
            "source_time": None if self.source_time is None else float(self.source_time),
            "category": plain_text(self.category),
            "site": plain_text(self.site),
            "device": plain_text(self.device),
            "key": plain_text(self.key),
            "event": plain_text(self.event),
            "text": {plain_text(language): plain_text(words) for language, words in self.text.items()},
            "before": plain_text(self.before),
            "after": plain_text(self.after),
            "who": plain_text(self.who),
            "comment": plain_text(self.comment),
            "data": plain(self.data),
        }

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Event:
        """The inverse of ``to_json``; keys of a newer program are passed over."""
        return cls(**{name: row[name] for name in cls.__slots__ if name in row})
