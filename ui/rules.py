"""REST of the rules: what each computes, whether it works, what it costs, since when its result stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from tagdb import ChannelError
from ui.encode import iso
from ui.plant import View
from ui.services import services

__all__ = ["blueprint", "rule_row"]

blueprint = Blueprint("rules", __name__)


@blueprint.get("/api/rules")
def rules() -> ResponseReturnValue:
    """All rules in the order in which they run."""
    here = services()
    view, told = here.plant.seen(), here.plant.channel.call("rules")
    rows = told["rules"]
    raised = {str(row["key"]): row for row in _open_alarms()}
    return jsonify(
        rules=[rule_row(row, view, raised.get(str(row["name"]))) for row in rows],
        skipped=told.get("skipped", []),
        cost_us=_cost_us(rows, int(told.get("scans", 0))),
        period_ms=None if view is None else view.directory.period_s * 1000,
    )


def _cost_us(rows: Sequence[Mapping[str, Any]], scans: int) -> float:
    """Of a scan on average; most rules are asked only when what they read has changed."""
    spent = sum(float(row["mean_us"]) * int(row["runs"]) for row in rows)
    return round(spent / scans, 1) if scans else 0.0


def rule_row(row: Mapping[str, Any], view: View | None, alarm: Mapping[str, Any] | None) -> dict[str, Any]:
    """A rule as the runtime tells it, with what the image and the alarm list know of its result."""
    file = str(row["file"])
    return {
        "name": row["name"],
        "kind": row["kind"],
        "title": row.get("title") or {},
        "state": _state(row, alarm),
        "fault": row["fault"] or "",
        "formula": list(row.get("formula", ())),
        "reads": list(row.get("reads", ())),
        "writes": list(row["outputs"]),
        "priority": row.get("priority") or None,
        "file": "/".join(PurePath(file).parts[-2:]),
        "path": file,
        "line": row["line"],
        "file_changed": iso(row.get("file_time")),
        "changed": iso(_changed(row["outputs"], view, alarm)),
        "runs": row["runs"],
        "mean_us": row["mean_us"],
        "worst_us": row["worst_us"],
        "alarm": None if alarm is None else {"id": alarm["id"], "state": alarm["state"]},
    }


def _state(row: Mapping[str, Any], alarm: Mapping[str, Any] | None) -> str:
    """``fault``, ``unknown`` (its inputs cannot be trusted), ``active``, ``ok``, or ``idle`` before its first run."""
    if row["fault"]:
        return "fault"
    if row["kind"] == "alarm" and row["runs"]:
        if row.get("active"):
            return "active"
        if row.get("active") is None or (alarm is not None and alarm["state"] == "unsafe"):
            return "unknown"
    return "ok" if row["runs"] else "idle"


def _changed(outputs: Sequence[str], view: View | None, alarm: Mapping[str, Any] | None) -> float | None:
    if alarm is not None:
        moments = (alarm.get(name) for name in ("raised_at", "last_raised_at", "returned_at"))
        return max((float(moment) for moment in moments if moment is not None), default=None)
    if view is None:
        return None
    times = [float(view.snapshot.change_time[tag.slot]) for name in outputs if (tag := view.tags.get(name))]
    return max((time for time in times if time == time), default=None)


def _open_alarms() -> Sequence[Mapping[str, Any]]:
    try:
        alarms: Sequence[Mapping[str, Any]] = services().alarm_list.told()["alarms"]
    except ChannelError:  # rules are shown all the same
        return ()
    return alarms
