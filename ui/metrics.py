"""Prometheus: /metrics, from the tags that the runtime keeps about itself.

Source: Prometheus documentation, "Exposition formats", text format 0.0.4.
"""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from tagdb import VERSION, Quality
from ui.devices import COMM_STATES, LINK_COUNTERS, device_state
from ui.plant import NoRuntime, View
from ui.runtime_state import MEASURES
from ui.services import services

__all__ = ["blueprint"]

blueprint = Blueprint("metrics", __name__)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
#: the quantile label of each percentile
_QUANTILES = {"p50": "0.5", "p95": "0.95", "p99": "0.99", "max": "1"}
#: metric, its type, its help, the tag, factor to the base unit
_PLAIN = (
    ("scada_scans_total", "counter", "Scans since the runtime started.", "scada.scan.count", 1.0),
    ("scada_scan_overruns_total", "counter", "Scans that took longer than the period.", "scada.scan.overruns", 1.0),
    ("scada_scan_skipped_total", "counter", "Periods in which no scan ran.", "scada.scan.skipped", 1.0),
    ("scada_scan_items", "gauge", "Inbox items of the last scan.", "scada.scan.items", 1.0),
    ("scada_tags", "gauge", "Tags in the store.", "scada.scan.tags", 1.0),
    ("scada_inbox_dropped_total", "counter", "Items that the full inbox lost.", "scada.inbox.dropped", 1.0),
    ("scada_inbox_depth", "gauge", "Items waiting in the inbox.", "scada.inbox.depth", 1.0),
    ("scada_watchdog_stuck", "gauge", "1 while the scan is stuck.", "scada.watchdog.stuck", 1.0),
    ("scada_process_cpu_ratio", "gauge", "Share of one core.", "scada.process.cpu_pct", 0.01),
    ("scada_process_resident_bytes", "gauge", "Resident memory.", "scada.process.rss_mb", 1e6),
    ("scada_process_uptime_seconds", "gauge", "Since the runtime started.", "scada.process.uptime_s", 1.0),
    ("scada_config_generation", "gauge", "Generation of the configuration.", "scada.config.generation", 1.0),
    ("scada_config_reloads_total", "counter", "Reloads that were taken.", "scada.config.reloads", 1.0),
    ("scada_config_refused_total", "counter", "Reloads that were refused.", "scada.config.refused", 1.0),
)
#: metric without prefix, type, help, key of the tag, factor
_DEVICE = (
    ("response_seconds", "gauge", "Time of the last answer.", "comm_response_ms", 0.001),
    ("polls_total", "counter", "Reads that were answered.", "comm_polls", 1.0),
    ("errors_total", "counter", "Reads that failed.", "comm_errors", 1.0),
    ("missed_cycles", "gauge", "Cycles missed in a row.", "comm_missed", 1.0),
    ("poll_period_seconds", "gauge", "Period at which it is polled now.", "comm_period_s", 1.0),
    ("cycle_seconds", "gauge", "Time of one whole cycle.", "comm_cycle_ms", 0.001),
)
_LINK_GAUGES = (
    ("connected", "1 while the connection is up.", "connected", 1.0),
    ("utilisation_ratio", "Share of the time that the line is busy.", "utilisation_pct", 0.01),
    ("max_registers", "Largest read.", "max_registers", 1.0),
    ("response_seconds", "Time of the last answer.", "response_ms", 0.001),
    ("ring_frozen", "1 while the recorded frames are kept.", "ring_frozen", 1.0),
)


@blueprint.get("/metrics")
def metrics() -> ResponseReturnValue:
    """All metrics; without a runtime only ``scada_up 0``."""
    lines = ["# HELP scada_up 1 while the runtime scans.", "# TYPE scada_up gauge"]
    plant = services().plant
    try:
        view = plant.view()
    except NoRuntime:
        lines.append("scada_up 0")
    else:
        lines.append(f"scada_up {0 if plant.stale(view) else 1}")
        lines += _own(view, plant.age_s(view), len(services().connections))
        lines += _scan(view)
        lines += _devices(view)
        lines += _links(view)
    return Response("\n".join(lines) + "\n", content_type=CONTENT_TYPE)


def _own(view: View, age_s: float, clients: int) -> Iterator[str]:
    yield from _family("scada_build_info", "gauge", "Version of the product.", [(_labels(version=VERSION), 1.0)])
    yield from _family("scada_scan_age_seconds", "gauge", "Since the last scan began.", [("", age_s)])
    yield from _family("scada_ui_clients", "gauge", "Open live connections.", [("", float(clients))])
    quality = view.snapshot.quality[view.slots]
    counts = {
        "good": int((quality < Quality.LAST_KNOWN).sum()),
        "uncertain": int(((quality >= Quality.LAST_KNOWN) & (quality < Quality.BAD)).sum()),
        "bad": int((quality >= Quality.BAD).sum()),
    }
    samples = [(_labels(quality=level), float(count)) for level, count in counts.items()]
    yield from _family("scada_tags_by_quality", "gauge", "Tags by quality.", samples)


def _scan(view: View) -> Iterator[str]:
    for metric, kind, text, tag, factor in _PLAIN:
        value = view.number(tag)
        yield from _family(metric, kind, text, [] if value is None else [("", value * factor)])
    for measure in MEASURES:
        samples = [
            (_labels(quantile=label), value / 1000)
            for quantile, label in _QUANTILES.items()
            if (value := view.number(f"scada.scan.{measure}_ms_{quantile}")) is not None
        ]
        text = f"{measure.capitalize()} of the scan, over its last 600 runs; quantile 1 is the maximum."
        yield from _family(f"scada_scan_{measure}_seconds", "gauge", text, samples)


def _devices(view: View) -> Iterator[str]:
    devices = view.directory.devices
    online = [
        (_labels(device=device.name, link=device.link), float(state in ("online", "disturbed")))
        for device in devices
        if (state := device_state(view, device.name)) != "unknown"
    ]
    yield from _family("scada_device_online", "gauge", "1 while the controller answers.", online)
    states = [
        (_labels(device=device.name, link=device.link, state=state), float(device_state(view, device.name) == state))
        for device in devices
        for state in COMM_STATES
    ]
    yield from _family("scada_device_state", "gauge", "1 for the state it is in.", states)
    for metric, kind, text, key, factor in _DEVICE:
        samples = [
            (_labels(device=device.name, link=device.link), value * factor)
            for device in devices
            if (value := view.number(f"{device.name}.{key}")) is not None
        ]
        yield from _family(f"scada_device_{metric}", kind, text, samples)


def _links(view: View) -> Iterator[str]:
    counters = ((f"{key}_total", "counter", f"{key} of the link.".replace("_", " "), key, 1.0) for key in LINK_COUNTERS)
    gauges = ((metric, "gauge", text, key, factor) for metric, text, key, factor in _LINK_GAUGES)
    for metric, kind, text, key, factor in (*counters, *gauges):
        samples = [
            (_labels(link=link.name), value * factor)
            for link in view.directory.links
            if (value := view.number(f"links.{link.name}.{key}")) is not None
        ]
        yield from _family(f"scada_link_{metric}", kind, text, samples)


def _family(name: str, kind: str, text: str, samples: list[tuple[str, float]]) -> Iterator[str]:
    if samples:
        yield f"# HELP {name} {text}"
        yield f"# TYPE {name} {kind}"
        for labels, value in samples:
            yield f"{name}{labels} {value:.10g}"


def _labels(**labels: str) -> str:
    body = ",".join(f'{key}="{_escape(value)}"' for key, value in labels.items())
    return f"{{{body}}}"


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
