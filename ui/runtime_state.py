"""The runtime as its own tags tell: /api/runtime."""

from __future__ import annotations

import os
from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from tagdb import VERSION, ChannelError, Value
from ui.encode import iso
from ui.plant import View
from ui.services import services

__all__ = ["MEASURES", "QUANTILES", "blueprint"]

blueprint = Blueprint("runtime_state", __name__)

#: distributions, as ``scada.scan.<measure>_ms_<quantile>``
MEASURES = ("period", "latency", "exec", "latch", "logic", "outputs", "housekeeping")
QUANTILES = ("p50", "p95", "p99", "max")
#: most overruns shown
_OVERRUNS = 20
_PARTS = {
    "scan": ("count", "overruns", "skipped", "tags", "items", "last_overrun"),
    "inbox": ("dropped", "depth"),
    "watchdog": ("stuck", "age_ms"),
    "process": ("cpu_pct", "rss_mb", "uptime_s"),
    "config": ("generation", "reloads", "refused", "error"),
}


@blueprint.get("/api/runtime")
def runtime() -> ResponseReturnValue:
    """Scan statistics, health of the runtime's process and of this one."""
    here = services()
    view = here.plant.view()
    return jsonify(
        version=VERSION,
        epoch=view.epoch,
        generation=view.snapshot.generation,
        demo=view.directory.demo,
        scan=view.snapshot.scan,
        time=iso(view.snapshot.time),
        age_ms=round(here.plant.age_s(view) * 1000),
        stale=here.plant.stale(view),
        period_ms=view.directory.period_s * 1000,
        measures={measure: _measure(view, measure) for measure in MEASURES},
        statistics=_part(view, "scan"),
        **{part: _part(view, part) for part in ("inbox", "watchdog", "process", "config")},
        **_told(),
        ui={"pid": os.getpid(), "clients": len(here.connections), "tags": len(view.tags)},
    )


def _measure(view: View, measure: str) -> dict[str, float | None]:
    return {quantile: view.number(f"scada.scan.{measure}_ms_{quantile}") for quantile in QUANTILES}


def _part(view: View, part: str) -> dict[str, Value]:
    return {key: _value(view, f"scada.{part}.{key}") for key in _PARTS[part]}


def _value(view: View, name: str) -> Value:
    tag = view.tags.get(name)
    return None if tag is None else view.value(tag)


def _told() -> dict[str, Any]:
    """What is too long for a tag: the faults of a refused configuration, the last overruns, rules that failed."""
    try:
        status: dict[str, Any] = services().plant.channel.call("status")
    except ChannelError:
        return {"faults": [], "overruns": [], "failed_rules": []}
    return {
        "faults": [str(fault) for fault in status["reload"]["faults"]],
        "overruns": [_overrun(row) for row in reversed(status["overruns"][-_OVERRUNS:])],
        "failed_rules": [
            {"name": str(rule["name"]), "fault": str(rule["fault"])} for rule in status["rules"] if rule["fault"]
        ],
    }


def _overrun(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "scan": int(row["scan"]),
        "time": iso(row["time"]),
        "phase": str(row["phase"]),
        "cause": str(row["cause"] or ""),
        "ms": float(row["ms"]),
    }
