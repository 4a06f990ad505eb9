"""A text in both languages of the UI, as maps carry it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Label"]


@dataclass(frozen=True, slots=True)
class Label:
    """A text in both languages of the UI."""

    en: str
    ru: str
