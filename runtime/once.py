"""Reading a device once, outside the scan: for ``scada read``, on the same wire, plan and codec as the pollers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from registermaps import BlockDecoder, Point, RegisterMap, kind_of, plan_map, select_points
from runtime.assembly import link_spec
from runtime.field import BusSpec, link_cost
from runtime.settings import DeviceSettings, LinkSettings
from runtime.wire import Link, LinkLost, Reply, Request, WireError, open_link
from tagdb import Kind, Quality, Value, value_of

__all__ = ["Reading", "Row", "read_device"]

#: reads without an answer after which a device that has said nothing at all is given up
SILENCE = 2
#: for the plan of the reads where nobody said how fast the line is
ASSUMED_LINE = "9600-8N2"


@dataclass(frozen=True, slots=True)
class Row:
    """One point as it was read."""

    point: Point
    value: Value
    quality: Quality
    raw: int
    enum: dict[str, str]

    def text(self, lang: str) -> str:
        """The value as a person reads it."""
        if self.enum:
            return self.enum[lang]
        if isinstance(self.value, bool):
            return "1" if self.value else "0"
        if isinstance(self.value, float):
            return f"{self.value:.{self.point.decimals}f}"
        if self.point.hex and isinstance(self.value, int):
            return f"0x{self.value:04X}"
        return "-" if self.value is None else str(self.value)

    def columns(self, lang: str) -> tuple[str, ...]:
        """A row of the table: tag, value, unit, quality, raw, register, label."""
        point = self.point
        bit = f".{point.bit}" if point.type in ("bit", "bits") else ""
        quality = self.quality.level + (f" ({self.quality.reason})" if self.quality.reason else "")
        label = point.label.ru if lang == "ru" else point.label.en
        return (point.name, self.text(lang), point.unit, quality, f"0x{self.raw:X}", f"{point.address}{bit}", label)

    def to_json(self, lang: str, time: str) -> dict[str, Any]:
        """As in the REST API."""
        return {
            "tag": self.point.name,
            "value": self.value,
            "text": self.text(lang),
            "unit": self.point.unit,
            "quality": self.quality.level,
            "reason": self.quality.reason,
            "time": time,
            "raw": self.raw,
            "address": self.point.address,
        }


@dataclass(slots=True)
class Reading:
    """All points of a device that were read."""

    time: float
    rows: list[Row] = field(default_factory=list)
    #: reads that were not answered, a sentence each
    errors: list[str] = field(default_factory=list)

    def to_json(self, lang: str) -> dict[str, Any]:
        """``{"tags": [...], "errors": [...]}``"""
        time = datetime.fromtimestamp(self.time, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"tags": [row.to_json(lang, time) for row in self.rows], "errors": self.errors}


async def read_device(link: LinkSettings, device: DeviceSettings, register_map: RegisterMap) -> Reading:
    """Read every point of a device once, gated ones too.

    Raises WireError when the link cannot be opened or the device says nothing, ValueError for unknown points.
    """
    spec = link_spec(link)
    points = select_points(register_map, device.enable, device.disable)
    largest = link.max_registers or register_map.max_registers["tcp" if link.kind == "tcp" else "rtu"]
    # Only the cost of a read needs a speed: which reads are best differs little from line to line.
    priced = replace(spec, line=spec.line or ASSUMED_LINE)
    cost = link_cost(BusSpec(priced, largest, 0.0, 1.0, 1.0, {}), largest)
    plans = plan_map(points, register_map.polls, cost, register_map.unreadable)
    blocks = [block for group in plans.values() for block in group]
    wire = open_link(spec)
    await wire.connect()
    reading = Reading(datetime.now(UTC).timestamp())
    rows: dict[str, Row] = {}
    retries = link.retries if device.retries is None else device.retries
    first: WireError | None = None
    try:
        for block in sorted(blocks, key=lambda block: block.start):
            request = Request.read(device.unit, block.function, block.start, block.count)
            try:
                reply = await _ask(wire, request, link.timeout_s, retries)
            except LinkLost:
                raise
            except WireError as error:
                reading.errors.append(str(error))
                first = first or error
                if not rows and len(reading.errors) == SILENCE:
                    break
                continue
            decoded = BlockDecoder(block, register_map.enums).decode(reply.data)
            texts = dict(decoded.texts)
            for index, point in enumerate(block.points):
                kind, cell = Kind(kind_of(point)), float(decoded.cells[index])
                value = value_of(kind, cell, point.decimals, texts.get(index, ""))
                quality = Quality(int(decoded.quality[index]))
                words = register_map.enums[point.enum].get(int(value)) if point.enum and value is not None else None
                enum = {"en": words.en, "ru": words.ru} if words else {}
                rows[point.name] = Row(point, value, quality, int(decoded.raw[index]), enum)
    finally:
        await wire.close()
    if first and not rows:
        raise first
    reading.rows = [rows[point.name] for point in points if point.name in rows]
    return reading


async def _ask(wire: Link, request: Request, timeout_s: float, retries: int) -> Reply:
    for attempt in range(retries + 1):
        try:
            return await wire.exchange(request, timeout_s)
        except LinkLost:
            raise
        except WireError:
            if attempt == retries:
                raise
            await asyncio.sleep(0)
    raise AssertionError("unreachable")
