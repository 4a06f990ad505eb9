"""Why a connection could not be made, in words."""

from __future__ import annotations

import errno
import socket

import pytest

from runtime.wire.link import LinkSpec
from runtime.wire.tcp_socket import connection_sentence

SPEC = LinkSpec("mkz.gpu1", "tcp", wall_clock=lambda: 0.0, host="gpu1", port=502, connect_timeout_s=3.0)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (TimeoutError(), "no connection to gpu1:502 within 3 s"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "x"), "gpu1:502 refused the connection"),
        (socket.gaierror(-2, "No such name"), "the host name 'gpu1' is not known (No such name)"),
        (OSError(errno.ENETUNREACH, "x"), "no connection to gpu1:502 (Network is unreachable)"),
        (OSError("Multiple exceptions: a, b"), "no connection to gpu1:502 (Multiple exceptions: a, b)"),
    ],
)
def test_sentences(error, sentence):
    assert connection_sentence(SPEC, error) == sentence
