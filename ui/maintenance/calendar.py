"""The services to come: each level followed beyond its next due point, at the pace of the last weeks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tagdb.maintenance import DAY_S, Assessment, DevicePlan, Done, last_done
from tagdb.maintenance import LogEntry as Entry
from ui.encode import iso
from ui.language import Language
from ui.maintenance.board import Board, Engine

__all__ = ["coming"]

#: no engine has more services than this in the time that the calendar shows
_MOST = 60


def coming(board: Board, engine: Engine, days: float, language: Language) -> list[dict[str, Any]]:
    """Expected services of one engine, in order: it is assumed that each is done when it is due."""
    per_day = engine.plan.per_day()
    places = board.places(engine.record.device, language)
    plan, hours, now, events = engine.plan, engine.hours, board.now, []
    end = board.now + days * DAY_S
    for step in range(_MOST):
        found = plan.assess(hours, now, per_day)
        following = found.next
        if following is None or following.expected is None or following.expected > end:
            break
        at = max(following.expected, now)
        if hours is not None and per_day:
            hours += per_day * (at - now) / DAY_S
        events.append(_event(engine, found, at, step == 0, language) | places)
        now = at + 1.0
        plan = _done(plan, following.level.id, hours, now)
    return events


def _event(engine: Engine, found: Assessment, at: float, first: bool, language: Language) -> dict[str, Any]:
    following = found.next
    assert following is not None  # noqa: S101  the caller has looked
    titles = {one.level.id: one.level.title.get(language) or one.level.id for one in found.levels}
    return {
        "device": engine.record.device,
        "level": following.level.id,
        "title": titles[following.level.id],
        "absorbs": [titles[name] for name in following.absorbs],
        "time": iso(at),
        "hours": None if following.due_h is None else round(following.due_h, 1),
        # what comes after the next one is an outlook
        "state": following.severity.word if first else "later",
    }


def _done(plan: DevicePlan, level: str, hours: float | None, at: float) -> DevicePlan:
    """The plan as if this level had been done now."""
    if plan.programme is None:
        return plan
    done: dict[str, Done] = dict(plan.done)
    done |= last_done(plan.programme, [Entry("", level, hours, at)])
    return replace(plan, done=done)
