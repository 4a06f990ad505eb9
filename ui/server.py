"""The WSGI server: gunicorn with one worker of many threads, each open WebSocket holding one.

In a prototype 300 clients at 8.7 messages a second each took the same as under gevent, without monkey patching.
"""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import ThreadWorker

from tagdb.child import die_with_parent
from ui.peer import TrustedProxies
from ui.services import Services
from ui.tls_socket import TurnSocket

__all__ = ["Server", "listen"]

_THREADS = 512


def listen(host: str, port: int) -> socket.socket:
    """The listening socket; port 0 lets the system choose. Raises OSError when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(256)
    except OSError:
        sock.close()
        raise
    sock.set_inheritable(True)
    return sock


class _Worker(ThreadWorker):  # type: ignore[misc]
    """Ends open WebSockets when told to stop; left alone they would keep their threads."""

    def init_signals(self) -> None:
        super().init_signals()
        die_with_parent()

    def handle_exit(self, sig: int, frame: Any) -> None:
        self._end_feed()
        super().handle_exit(sig, frame)

    def handle_quit(self, sig: int, frame: Any) -> None:
        # Not at once, as gunicorn would: the threads of the feed need a moment to say goodbye.
        self.handle_exit(sig, frame)

    def _end_feed(self) -> None:
        app = getattr(self, "wsgi", None)
        if isinstance(app, Flask):
            here: Services = app.extensions["scada"]
            here.feed.stop()
            if here.audit:
                here.audit.stop(1.0)


def _take_turns(app: Callable[..., Any]) -> Callable[..., Any]:
    """WebSockets read and write in two threads."""

    def wrapped(environ: dict[str, Any], start_response: Any) -> Any:
        sock = environ.get("gunicorn.socket")
        if environ.get("PATH_INFO", "").startswith("/ws/") and isinstance(sock, ssl.SSLSocket):
            environ["gunicorn.socket"] = TurnSocket(sock)
        return app(environ, start_response)

    return wrapped


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn around one application, without command line or configuration file."""

    def __init__(
        self, sock: socket.socket, build: Callable[[], Flask], trusted: Sequence[str] = (),
        tls: tuple[Path, Path] | None = None,
    ) -> None:  # fmt: skip
        """
        Args:
            build: makes the application; it is called in the worker, after the fork.
            trusted: addresses or networks of reverse proxies whose headers count.
            tls: files of certificate and key.
        """
        self._sock = sock
        self._trusted = trusted
        self._tls = tls
        self._build = build
        super().__init__()

    def load_config(self) -> None:
        """Called by gunicorn."""
        settings: dict[str, Any] = {
            "bind": f"fd://{self._sock.fileno()}",
            "worker_class": _Worker,
            "workers": 1,
            "threads": _THREADS,
            "worker_connections": 2 * _THREADS,
            "keepalive": 15,
            "graceful_timeout": 1,
            "timeout": 30,
            "loglevel": "error",
            "control_socket_disable": True,
            "worker_tmp_dir": "/dev/shm" if os.path.isdir("/dev/shm") else None,  # noqa: S108  gunicorn's heartbeat file
            "limit_request_line": 8190,
            "limit_request_fields": 60,
            "limit_request_field_size": 8190,
            # Which proxies count, and for what, is our own matter: ``ui.peer``.
            "forwarded_allow_ips": "",
            "secure_scheme_headers": {},
            **({"certfile": str(self._tls[0]), "keyfile": str(self._tls[1])} if self._tls else {}),
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Called by gunicorn, in the worker."""
        app = self._build()
        here: Services = app.extensions["scada"]
        here.feed.start()
        if here.audit:
            here.audit.start()
        app.wsgi_app = TrustedProxies(app.wsgi_app, self._trusted, self._tls is not None)  # type: ignore[method-assign]
        if self._tls:
            app.wsgi_app = _take_turns(app.wsgi_app)  # type: ignore[method-assign]
        return app
