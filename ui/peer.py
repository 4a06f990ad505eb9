"""Where a request comes from: the connection's own address, or what a reverse proxy says that the ini trusts.

Stage: outermost, before the application sees the request. werkzeug's ProxyFix believes whoever connects; this believes
named addresses alone, and takes the headers away from everybody else.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Sequence
from typing import Any

__all__ = ["TrustedProxies", "is_loopback"]

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST")
_OTHERS = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_PORT", "HTTP_X_FORWARDED_PREFIX", "HTTP_X_REAL_IP")


class TrustedProxies:
    """WSGI middleware."""

    def __init__(self, app: Callable[..., Any], trusted: Sequence[str], secure: bool = False) -> None:
        """
        Args:
            trusted: addresses or networks of proxies.
            secure: the server itself speaks TLS.
        """
        self._app = app
        self._networks: list[_Network] = [ipaddress.ip_network(network) for network in trusted]
        self._secure = secure

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Called by the WSGI server."""
        told = {name: environ.pop(name, "") for name in _HEADERS}
        for name in _OTHERS:
            environ.pop(name, None)
        environ["wsgi.url_scheme"] = "https" if self._secure else "http"
        environ["REMOTE_ADDR"] = _plain(environ.get("REMOTE_ADDR", ""))
        if self._is_trusted(environ.get("REMOTE_ADDR", "")):
            self._believe(environ, *(told[name] for name in _HEADERS))
        return self._app(environ, start_response)

    def _believe(self, environ: dict[str, Any], chain: str, scheme: str, host: str) -> None:
        # The right-most address that no proxy of ours stands for: what is left of it, the client may have made up.
        for address in reversed([part.strip() for part in chain.split(",") if part.strip()]):
            if not _is_address(address):
                break
            environ["REMOTE_ADDR"] = address = _plain(address)
            if not self._is_trusted(address):
                break
        if scheme in ("http", "https"):
            environ["wsgi.url_scheme"] = scheme
        if host and "," not in host:
            environ["HTTP_HOST"] = host

    def _is_trusted(self, address: str) -> bool:
        return _is_address(address) and _within(address, self._networks)


def is_loopback(host: str) -> bool:
    """Whether a host as a request names it, perhaps with a port, is this machine's loopback."""
    name = host.rpartition(":")[0] if host.count(":") == 1 else host
    name = name.partition("]")[0].removeprefix("[") if name.startswith("[") else name
    return name == "localhost" or (_is_address(name) and ipaddress.ip_address(name).is_loopback)


def _within(address: str, networks: Iterable[_Network]) -> bool:
    return any(ipaddress.ip_address(address) in network for network in networks)


def _plain(text: str) -> str:
    """An IPv4 address is the same to a socket of both kinds, which calls it ``::ffff:10.0.0.5`` (RFC 4291, 2.5.5.2)."""
    mapped = ipaddress.ip_address(text).ipv4_mapped if ":" in text and _is_address(text) else None  # type: ignore[union-attr]
    return str(mapped) if mapped else text


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
