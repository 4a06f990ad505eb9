"""Which tags a list shows: by prefix, words, quality and group."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

from werkzeug.datastructures import MultiDict

from tagdb import Tag
from ui.errors import ApiError
from ui.plant import View

__all__ = ["LEVELS", "Query", "search_text"]

LEVELS = ("good", "uncertain", "bad")
_MOST = 100_000


@dataclass(frozen=True, slots=True)
class Query:
    """What a client asked for; empty fields do not filter."""

    prefix: str = ""
    words: tuple[str, ...] = ()
    levels: frozenset[str] = frozenset()
    group: str = ""
    limit: int = _MOST
    offset: int = 0

    @classmethod
    def parse(cls, args: MultiDict[str, str]) -> Query:
        """From the query string. Raises ApiError 400."""
        levels = frozenset(word for text in args.getlist("quality") for word in text.split(",") if word)
        if unknown := levels - set(LEVELS):
            allowed = ", ".join(LEVELS)
            raise ApiError(HTTPStatus.BAD_REQUEST, "bad-quality", f"quality '{min(unknown)}': allowed are {allowed}")
        return cls(
            args.get("prefix", ""),
            tuple(args.get("q", "").lower().split()),
            levels,
            args.get("group", ""),
            _number(args, "limit", _MOST),
            _number(args, "offset", 0),
        )

    def select(self, view: View) -> list[Tag]:
        """The tags, in the order of the directory."""
        found = [tag for tag in self._named(view.tags.values()) if not self.levels or self._level(view, tag)]
        return found[self.offset : self.offset + self.limit]

    def _named(self, tags: Iterable[Tag]) -> Iterable[Tag]:
        for tag in tags:
            if not tag.name.startswith(self.prefix) or (self.group and tag.group != self.group):
                continue
            if not self.words or _matches(tag, self.words):
                yield tag

    def _level(self, view: View, tag: Tag) -> bool:
        return view.quality(tag).level in self.levels


def search_text(tag: Tag) -> str:
    """What the words of a query are looked for in: name, labels in both languages, alarm code."""
    return " ".join((tag.name, *tag.label.values(), tag.code)).lower()


def _matches(tag: Tag, words: tuple[str, ...]) -> bool:
    text = search_text(tag)
    address = f"@{tag.origin.get('address', '')}"
    return all(word == address if word.startswith("@") else word in text for word in words)


def _number(args: MultiDict[str, str], name: str, default: int) -> int:
    text = args.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or len(text) > 9:
        raise ApiError(HTTPStatus.BAD_REQUEST, f"bad-{name}", f"{name} '{text}': expected a whole number")
    return min(int(text), _MOST)
