"""The languages of the UI: the tables of visible texts, and which language a request wants."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

from flask import Request, current_app

__all__ = ["Language", "api_language", "page_language", "say", "texts"]

_FOLDER = Path(__file__).parent / "locale"
COOKIE = "lang"


class Language(StrEnum):
    """A language that has a table in ``locale/``."""

    RU = "ru"
    EN = "en"


@cache
def texts(language: Language) -> Mapping[str, str]:
    """All visible texts, key -> text."""
    table: dict[str, str] = json.loads((_FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return table


def say(language: Language, key: str, **parts: object) -> str:
    """One visible text, with its ``{parts}`` filled in. KeyError for an unknown key: a test holds the tables equal."""
    return texts(language)[key].format(**parts)


def page_language(request: Request) -> Language:
    """For pages: what the user chose (``?lang=``, then the cookie), else what ``[ui] language`` says."""
    return _chosen(request) or Language(current_app.config["LANGUAGE"])


def api_language(request: Request) -> Language:
    """For the API: as for pages, but ``Accept-Language`` comes before the configured language."""
    best = request.accept_languages.best_match([str(language) for language in Language])
    return _chosen(request) or (Language(best) if best else Language(current_app.config["LANGUAGE"]))


def _chosen(request: Request) -> Language | None:
    for wanted in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if wanted in tuple(Language):
            return Language(wanted)
    return None
