"""Reverse proxies: believed where the ini names them, ignored everywhere else."""

from __future__ import annotations

from typing import Any

import pytest

from ui.peer import TrustedProxies, is_loopback


def seen(trusted: list[str], remote: str, secure: bool = False, **headers: str) -> tuple[str, str, str]:
    """(address, scheme, host) as the application sees them."""
    found: dict[str, Any] = {}
    environ = {"REMOTE_ADDR": remote, "HTTP_HOST": "plant:8010", "wsgi.url_scheme": "http"}
    environ |= {f"HTTP_X_FORWARDED_{name.upper()}": value for name, value in headers.items()}
    TrustedProxies(lambda environ, start: found.update(environ), trusted, secure)(environ, None)
    assert not [name for name in found if name.startswith("HTTP_X_FORWARDED")]
    return found["REMOTE_ADDR"], found["wsgi.url_scheme"], found["HTTP_HOST"]


def test_a_named_proxy_is_believed() -> None:
    told = {"for": "203.0.113.7", "proto": "https", "host": "scada.example"}
    assert seen(["127.0.0.1"], "127.0.0.1", **told) == ("203.0.113.7", "https", "scada.example")
    assert seen(["10.0.0.0/28"], "10.0.0.5", **told) == ("203.0.113.7", "https", "scada.example")


@pytest.mark.parametrize("trusted", [[], ["10.0.0.5"], ["10.0.0.0/28"]])
def test_anybody_else_is_not(trusted: list[str]) -> None:
    told = {"for": "127.0.0.1", "proto": "https", "host": "evil.example"}
    assert seen(trusted, "203.0.113.7", **told) == ("203.0.113.7", "http", "plant:8010")


def test_what_the_client_made_up_is_left_of_what_the_proxy_added() -> None:
    assert seen(["127.0.0.1"], "127.0.0.1", **{"for": "127.0.0.1, 198.51.100.1, 203.0.113.7"})[0] == "203.0.113.7"
    chain = {"for": "1.2.3.4, 203.0.113.7, 10.0.0.5"}
    assert seen(["127.0.0.1", "10.0.0.0/8"], "127.0.0.1", **chain)[0] == "203.0.113.7"


@pytest.mark.parametrize("told", ["", "unknown", "_hidden", "1.2.3", "<script>", ","])
def test_what_is_no_address_changes_nothing(told: str) -> None:
    assert seen(["127.0.0.1"], "127.0.0.1", **{"for": told, "proto": "gopher", "host": "a,b"}) == (
        "127.0.0.1", "http", "plant:8010",
    )  # fmt: skip


def test_an_ipv4_address_is_the_same_to_a_socket_of_both_kinds() -> None:
    assert seen([], "::ffff:203.0.113.7")[0] == "203.0.113.7"
    told = {"for": "::ffff:203.0.113.7", "proto": "https"}
    assert seen(["10.0.0.5"], "::ffff:10.0.0.5", **told)[:2] == ("203.0.113.7", "https")
    assert seen([], "2001:db8::1")[0] == "2001:db8::1"


def test_the_server_itself_may_speak_tls() -> None:
    assert seen([], "203.0.113.7", secure=True)[1] == "https"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:80", "localhost:80", "localhost", "[::1]:80", "[::1]", "::1"])
def test_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["", "evil.example", "127.0.0.1.evil.example:80", "localhost.evil.example", "10.0.0.1", "[::2]", "0x7f.1"],
)
def test_not_loopback(host: str) -> None:
    assert not is_loopback(host)
