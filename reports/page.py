"""A report as a page of HTML that prints well on A4 and needs nothing else: no script, its one style inside."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports.facts import GensetFacts, Report
from reports.words import COLUMNS, figure, moment, say

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["STYLE", "html_of", "remarks_of"]

_FOLDER = Path(__file__).parent
_STYLE = (_FOLDER / "report.css").read_text(encoding="utf-8")
#: what a policy of content must allow for the style: ``style-src '<STYLE>'``
STYLE = "sha256-" + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
#: below this share of known time a genset is remarked upon
_SPARSE = 0.99


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # which no scan process needs

    return Environment(
        loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip


def html_of(report: Report, language: str) -> str:
    """The page."""

    def t(key: str, **parts: object) -> str:
        return say(language, key, **parts)

    def n(value: float | None, digits: int = 0) -> str:
        return figure(value, digits, language)

    return _environment().get_template("report.html").render(
        report=report, language=language, style=_STYLE, t=t, n=n, columns=COLUMNS, values=_values, own=_own(language),
        at=lambda seconds: moment(seconds, report.zone, language), fuel=lambda one: _fuel(one, language),
        specific=lambda one: _specific(one, language), site_fuel=_site_fuel(report, language),
        site_specific=_site_specific(report, language),
        titles={one.device: _own(language)(one.title) for one in report.gensets}, remarks=remarks_of(report, language),
        hours=n((report.end - report.start) / 3600, 0 if (report.end - report.start) % 3600 == 0 else 2),
    )  # fmt: skip


def _own(language: str) -> Any:
    return lambda words: words.get(language) or words.get("en") or ""


def _values(one: Any, field: str, factor: float) -> float | None:
    value = getattr(one, field, None)
    return None if value is None else value * factor


def _fuel(one: GensetFacts, language: str) -> str:
    return "—" if one.fuel is None else _gas(one.fuel, one.fuel_unit, one.fuel_estimated, language)


def _specific(one: GensetFacts, language: str) -> str:
    return "—" if one.specific is None else _by_energy(one.specific, one.fuel_unit, one.fuel_estimated, language)


def _site_fuel(report: Report, language: str) -> str:
    """The sum, where all gensets that tell it tell it in one unit."""
    told = [one for one in report.gensets if one.fuel is not None]
    if not told or report.fuel_unit is None:
        return ""
    return _gas(report.total("fuel") or 0.0, report.fuel_unit, any(one.fuel_estimated for one in told), language)


def _site_specific(report: Report, language: str) -> str:
    if report.specific is None or report.fuel_unit is None:
        return ""
    estimated = any(one.fuel_estimated for one in report.gensets if one.specific is not None)
    return _by_energy(report.specific, report.fuel_unit, estimated, language)


def _gas(amount: float, unit: str, estimated: bool, language: str) -> str:
    return f"{'≈ ' if estimated else ''}{figure(amount, 0, language)} {say(language, unit)}".strip()


def _by_energy(amount: float, unit: str, estimated: bool, language: str) -> str:
    per = "kWh" if language == "en" else "кВт·ч"
    return f"{'≈ ' if estimated else ''}{figure(amount, 3, language)} {say(language, unit)}/{per}"


def remarks_of(report: Report, language: str) -> list[str]:
    """What somebody who trusts the figures has to know."""
    lines = []
    for one in report.gensets:
        title = one.title.get(language) or one.device
        for counter, what, count in one.remarks:
            lines.append(
                say(language, "remark", genset=title, counter=say(language, f"counter.{counter}"),
                    what=say(language, f"remark.{what}"), n=count)
            )  # fmt: skip
        if one.fuel_estimated:
            lines.append(say(language, "remark.fuel", genset=title))
        if one.known < _SPARSE and report.whole:
            lines.append(say(language, "remark.known", genset=title, n=figure(one.known * 100, 1, language)))
    return lines
