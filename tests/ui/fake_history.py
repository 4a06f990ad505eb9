"""A journal of a plant's last hour, for pages that show events over time."""

from __future__ import annotations

from pathlib import Path

from tagdb.history import Event, HistoryWriter

__all__ = ["write_events"]


def write_events(url: str, folder: Path, now: float) -> None:
    """An alarm ten minutes ago, a breaker fifteen minutes ago, one of another plant."""
    writer = HistoryWriter(url, folder / "journal-spool")
    for ago, category, site, device, event, text in (
        (600, "alarm", "mkz", "mkz.gpu1", "raise", {"ru": "Высокая температура", "en": "Temperature high"}),
        (900, "breaker", "mkz", "mkz.gpu1", "close", {"ru": "Выключатель", "en": "Breaker"}),
        (960, "alarm", "yakz", "yakz.gpu1", "raise", {"ru": "Чужая авария", "en": "Another plant"}),
    ):
        writer.post(
            Event(time=now - ago, category=category, site=site, device=device, event=event, text=text,
                  key=f"{device}.key", data={"priority": 2})
        )  # fmt: skip
    writer.start()
    assert writer.flush(60)
    writer.stop()
