"""From how a link is described to the link: the one place that knows all kinds."""

from __future__ import annotations

from runtime.wire.link import Link, LinkSpec
from runtime.wire.rtu_stream import RtuTcpLink
from runtime.wire.serial_port import SerialLink
from runtime.wire.tcp import TcpLink

__all__ = ["open_link"]


def open_link(spec: LinkSpec) -> Link:
    """Build the link that ``spec`` describes, without connecting it.

    Raises:
        ValueError: the kind is unknown, or the line's format cannot be read.
    """
    if spec.kind == "tcp":
        return TcpLink(spec)
    if spec.kind == "rtu-tcp":
        return RtuTcpLink(spec)
    if spec.kind == "serial":
        return SerialLink(spec)
    raise ValueError(f"link {spec.name}: kind {spec.kind!r} is not one of tcp, rtu-tcp, serial")
