"""The WebSocket ``/ws/tags``: one connection's conversation, and who may begin it.

Stage: the last of the live path; the feed says what is new, a connection sends it at the pace its client takes it.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, request
from flask_sock import Sock
from simple_websocket import ConnectionClosed, Server

from tagdb.accounts import ERRORS, Denied, Right
from ui.access import MESSAGES
from ui.alarm_feed import AlarmState
from ui.errors import ApiError
from ui.feed import Cursor, Feed, Subscription
from ui.frame import Frame, accepts_deflate
from ui.guard import same_origin
from ui.json_form import read_json
from ui.language import Language, api_language
from ui.pace import Pace
from ui.services import services
from ui.who import standing

__all__ = ["register_live"]

#: longest message a client may send; most patterns in one subscription; longest pattern
LIMIT_BYTES = 64 << 10
LIMIT_PATTERNS = 200
LIMIT_PATTERN = 200
#: most connections; the remaining threads of the server answer everybody else
LIMIT_CLIENTS = 400
HEARTBEAT_S = 2.0
#: a client that takes nothing for so long is dropped
_SEND_TIMEOUT_S = 15
#: small on purpose: what waits in the socket is old by the time it arrives
_SEND_BUFFER_BYTES = 128 << 10
_FIRST_MESSAGE_S = 10.0
#: how soon a feed ends with the session behind it
_RECHECK_S = 1.0
#: messages a second that a client may send in the long run, and at once
_RATE, _BURST = 2.0, 30
#: close codes: the server stops (RFC 6455, 7.4.1); nobody stands behind this feed any more (our own, 4000-4999)
_GOING_AWAY, _NOBODY = 1001, 4401


class BadMessage(Exception):
    """A client sent something that is not a subscription."""


def register_live(app: Flask) -> None:
    """Add the WebSocket route to the application."""
    app.config["SOCK_SERVER_OPTIONS"] = {
        "max_message_size": LIMIT_BYTES,
        "thread_class": partial(threading.Thread, daemon=True),
    }
    blueprint = Blueprint("live", __name__)
    sock = Sock(app)
    blueprint.before_request(_admit)

    @sock.route("/ws/tags", bp=blueprint)  # type: ignore[untyped-decorator]
    def tags(ws: Server) -> None:
        connection = Connection(ws, services().feed, api_language(request))
        reason = _GOING_AWAY
        try:
            connection.talk()
        except Denied as denied:
            connection.refuse(denied)
            reason = _NOBODY
        except (ConnectionClosed, OSError):
            pass  # the client is gone; there is nobody to tell
        finally:
            connection.end(reason)

    app.register_blueprint(blueprint)


def _admit() -> None:
    if not same_origin():
        raise ApiError(HTTPStatus.FORBIDDEN, "foreign-origin", "a page of another site may not open this feed")
    if len(services().connections) >= LIMIT_CLIENTS:
        message = f"there are {LIMIT_CLIENTS} connections already"
        raise ApiError(HTTPStatus.SERVICE_UNAVAILABLE, "too-many-clients", message)


class Connection:
    """One client."""

    def __init__(self, ws: Server, feed: Feed, language: Language) -> None:
        self._ws = ws
        self._feed = feed
        self._language = language
        self._deflate = accepts_deflate(request.headers.get("Sec-WebSocket-Extensions", ""))
        self._subscription: Subscription | None = None
        self._cursor = Cursor()
        self._alarms = False
        self._seen_alarms: AlarmState | None = None
        self._services = services()
        self._standing = standing()
        self._checked_at = time.monotonic()
        self._pace = Pace(_RATE, _BURST, time.monotonic)
        self._services.connections.add(self)
        sock: socket.socket = ws.sock
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", _SEND_TIMEOUT_S, 0))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)

    def talk(self) -> None:
        """Until the client leaves or the server stops. Raises Denied when the session or token behind it ends."""
        self._listen(_FIRST_MESSAGE_S)
        version, sent_at = 0, time.monotonic()
        while not self._feed.stopping:
            if time.monotonic() - self._checked_at >= _RECHECK_S:
                self._check(Right.VIEW)
            self._listen(0)
            while frame := self._next() or self._alarm_news():
                self._send(frame)
                sent_at = time.monotonic()
            if time.monotonic() - sent_at >= HEARTBEAT_S:
                if beat := self._feed.heartbeat():
                    self._send(Frame(f'{{"heartbeat":{beat[0]},"age_ms":{beat[1]}}}'))
                sent_at = time.monotonic()
            version = self._feed.wait(version, 0.25)

    def refuse(self, denied: Denied) -> None:
        """Tell a client why its feed ends."""
        with suppress(ConnectionClosed, OSError):
            self._send(Frame(json.dumps({"error": {"code": denied.code, "message": denied.message}})))

    def end(self, reason: int = _GOING_AWAY) -> None:
        """Give everything back. A client that is still there is told why."""
        self._services.connections.discard(self)
        if self._subscription is not None:
            self._feed.detach(self._subscription)
        try:
            self._ws.close(reason)
            self._ws.sock.shutdown(socket.SHUT_RDWR)  # wakes the thread that receives
        except (ConnectionClosed, OSError):
            pass  # it was faster

    def _check(self, right: Right) -> None:
        """What was true at the handshake may have ended since. Raises Denied."""
        self._checked_at = time.monotonic()
        found, accounts = self._standing, self._services.accounts
        if found is None or accounts is None:
            raise Denied("no-session", "nobody is logged in here")
        if found.reference:
            try:
                found = accounts.standing(found.reference, found.actor.origin)
            except ERRORS:
                raise Denied("accounts-unavailable", "the accounts cannot be read just now") from None
        found.actor.check(right)

    def _next(self) -> Frame | None:
        if self._subscription is None:
            return None
        frame, self._cursor = self._feed.next(self._subscription, self._cursor)
        return frame

    def _alarm_news(self) -> Frame | None:
        if not self._alarms:
            return None
        frame, self._seen_alarms = self._services.alarm_feed.news(self._seen_alarms, self._language)
        return frame

    def _send(self, frame: Frame) -> None:
        self._ws.sock.sendall(frame.bytes(self._deflate))

    def _listen(self, timeout_s: float) -> None:
        while (message := self._ws.receive(timeout=timeout_s)) is not None:
            timeout_s = 0
            self._check(MESSAGES["subscribe"])
            if self._pace.wait_s(""):
                raise Denied("too-many-messages", "too many messages: ask for what you need in one subscription")
            try:
                patterns, since, epoch, ages, alarms = _parse(message)
            except BadMessage as error:
                self._send(Frame(json.dumps({"error": {"code": "bad-message", "message": str(error)}})))
                continue
            if alarms is not None:
                self._alarms, self._seen_alarms = alarms, None
            if patterns is None:
                continue
            if self._subscription is not None:
                self._feed.detach(self._subscription)
            self._subscription = self._feed.attach(patterns, self._language, ages)
            self._cursor = Cursor(epoch, 0, since, self._cursor.trouble)


def _parse(message: str | bytes) -> tuple[list[str] | None, int, int, bool, bool | None]:
    """(patterns, since, epoch, ages) of ``{"subscribe": [...], "since": N, "epoch": E, "ages": true}``, and alarms of
    ``{"subscribe_alarms": true}``; None: as before."""
    try:
        body: Any = read_json(message)
    except ValueError:
        raise BadMessage("this is not JSON") from None
    if not isinstance(body, dict) or not MESSAGES.keys() & body:
        raise BadMessage('expected {"subscribe": ["site.*", ...]}')
    if unknown := set(body) - {*MESSAGES, "since", "epoch", "ages"}:
        raise BadMessage(f"unknown key '{min(unknown)}'; known: subscribe, since, epoch, ages, subscribe_alarms")
    alarms = body.get("subscribe_alarms")
    if alarms is not None and type(alarms) is not bool:
        raise BadMessage("'subscribe_alarms' must be true or false")
    if "subscribe" not in body:
        return None, -1, 0, False, alarms
    patterns = body["subscribe"]
    if not isinstance(patterns, list) or not all(isinstance(pattern, str) for pattern in patterns):
        raise BadMessage("'subscribe' must be a list of patterns")
    if len(patterns) > LIMIT_PATTERNS or any(len(pattern) > LIMIT_PATTERN for pattern in patterns):
        raise BadMessage(f"at most {LIMIT_PATTERNS} patterns of at most {LIMIT_PATTERN} characters")
    since, epoch, ages = body.get("since", -1), body.get("epoch", 0), body.get("ages", False)
    if type(since) is not int or type(epoch) is not int or type(ages) is not bool:
        raise BadMessage("'since' and 'epoch' must be whole numbers, 'ages' true or false")
    return patterns, since, epoch, ages, alarms
