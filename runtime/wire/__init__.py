"""Modbus: requests, frames, the exchange of one with the other, and the links that own sockets and serial ports."""

from runtime.wire.counters import LinkCounters
from runtime.wire.errors import (
    AnswerPending,
    BadFrame,
    DeviceRefused,
    IllegalAddress,
    IllegalFunction,
    LinkLost,
    NoResponse,
    WireError,
    WrongReply,
)
from runtime.wire.link import Link, LinkKind, LinkSpec
from runtime.wire.opening import open_link
from runtime.wire.pdu import Reply, Request
from runtime.wire.ring import FrameRing, Verdict
from runtime.wire.rtu import LineTiming, frame_request

__all__ = [
    "AnswerPending",
    "BadFrame",
    "DeviceRefused",
    "FrameRing",
    "IllegalAddress",
    "IllegalFunction",
    "LineTiming",
    "Link",
    "LinkCounters",
    "LinkKind",
    "LinkLost",
    "LinkSpec",
    "NoResponse",
    "Reply",
    "Request",
    "Verdict",
    "WireError",
    "WrongReply",
    "frame_request",
    "open_link",
]
