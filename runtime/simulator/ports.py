"""The sockets of the simulated plant: all of them bound, or none."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterable

from runtime.settings import LinkSettings, is_loopback

__all__ = ["PlantError", "bind", "bind_all", "check_loopback"]


class PlantError(Exception):
    """The simulated plant can't be started; the message is one line for each reason."""


def check_loopback(links: Iterable[LinkSettings]) -> None:
    """Raises PlantError for a link that is not on this machine's loopback: the plant never speaks to anything else."""
    wrong = [
        f"link '{link.name}': {link.address} is not a loopback address; the simulated plant serves 127.0.0.1 alone"
        for link in links
        if link.kind != "serial" and not is_loopback(link.host)
    ]
    if wrong:
        raise PlantError("\n".join(wrong))


def bind(link: LinkSettings, port: int) -> socket.socket:
    """A listening socket for a link. Raises PlantError when the port can't be had."""
    family = socket.AF_INET6 if ":" in link.host else socket.AF_INET
    # The protocol is named because asyncio switches Nagle's delay off only where it is: with it, the second segment of
    # an answer would wait 40 ms for the acknowledgement of the first.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setblocking(False)
    try:
        sock.bind((link.host, port))
        sock.listen(16)
    except OSError as error:
        sock.close()
        why = "is in use by another program" if error.errno == errno.EADDRINUSE else f"{error.strerror}"
        raise PlantError(f"link '{link.name}': port {port} on {link.host} {why}") from None
    return sock


def bind_all(links: Iterable[LinkSettings]) -> dict[str, socket.socket]:
    """A bound socket for each TCP link, by the link's name. Raises PlantError with nothing left open."""
    bound: dict[str, socket.socket] = {}
    failed = []
    for link in links:
        if link.kind == "serial":
            continue
        try:
            bound[link.name] = bind(link, link.port)
        except PlantError as error:
            failed.append(str(error))
    if failed:
        for sock in bound.values():
            sock.close()
        raise PlantError("\n".join(failed))
    return bound
