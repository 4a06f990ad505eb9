"""Tags as the UI shows them: display texts, and the one JSON form that the REST lists and the feed share."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime

from tagdb import Directory, Kind, Tag, Value
from ui.comm_words import comm_words, is_comm_text
from ui.language import Language, say
from ui.plant import View

__all__ = ["Encoder", "display", "iso"]


def iso(seconds: float | None) -> str | None:
    """Unix seconds as ISO-8601 UTC with milliseconds; None for None and NaN."""
    if seconds is None or math.isnan(seconds):
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def display(tag: Tag, value: Value, directory: Directory, language: Language) -> str:
    """The value in words: decimals applied, enumerations and states in the language, no unit; "" for no value."""
    if value is None:
        return ""
    if isinstance(value, str):
        return comm_words(value, language) if value and is_comm_text(tag.name) else value
    if tag.kind is Kind.BOOL:
        return say(language, f"{'alarm' if tag.alarm else 'bool'}.{'on' if value else 'off'}")
    if tag.kind is Kind.ENUM:
        words = directory.enums.get(tag.enum, {}).get(str(int(value)))
        return words[language] if words else str(int(value))
    if tag.hex:
        return f"0x{int(value):04X}"
    if tag.kind is Kind.FLOAT:
        text = f"{value:.{tag.decimals}f}"
        return text[1:] if text.startswith("-") and not float(text) else text  # no "-0.0"
    return str(int(value))


class Encoder:
    """Writes tags of one directory in one language. The parts that never change are written once."""

    def __init__(self, directory: Directory, language: Language) -> None:
        self.directory = directory
        self.language = language
        self._heads = {tag.name: f'{{"tag":{_json(tag.name)},"value":' for tag in directory.tags}
        self._units = {tag.name: f',"unit":{_json(tag.unit)},"quality":"' for tag in directory.tags}
        self._last_time = (math.nan, "null")

    def tag(self, view: View, tag: Tag) -> str:
        """One tag as JSON text: tag, value, text, unit, quality, reason, time."""
        value = view.value(tag)
        text = display(tag, value, self.directory, self.language)
        quality = view.quality(tag)
        return (
            f'{self._heads[tag.name]}{_json(value)},"text":{_json(text)}{self._units[tag.name]}'
            f'{quality.level}","reason":"{quality.reason}","time":{self._time(float(view.snapshot.source_time[tag.slot]))}}}'
        )

    def _time(self, seconds: float) -> str:
        known, text = self._last_time
        if seconds != known:  # all tags of a block share their time
            text = _json(iso(seconds))
            self._last_time = seconds, text
        return text


def _json(value: Value) -> str:
    return json.dumps(value, ensure_ascii=False)
