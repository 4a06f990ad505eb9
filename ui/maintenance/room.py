"""What the maintenance pages have beside the plant: the store, the folder of photos, a clock, the shape of refusals."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

from flask import Flask, current_app, jsonify
from flask.typing import ResponseReturnValue

from registermaps import ConfigError
from tagdb import ChannelError
from tagdb.history import BadUrl
from tagdb.maintenance import Conflict, MaintenanceStore, Refused, StoreGone, UnknownRecord
from ui.errors import ApiError
from ui.noting import note
from ui.services import services

__all__ = ["Room", "install_room", "room", "tell_runtime"]

_BAD = ("bad-answer", "reason-missing", "tasks-missing", "hours-missing", "hours-ahead")


@dataclass(slots=True)
class Room:
    """One for each application."""

    url: str
    demo: bool
    #: folder of the photos; None = photos are not taken
    photos: Path | None
    #: Unix seconds UTC
    clock: Callable[[], float]
    _store: MaintenanceStore | None = None

    @contextmanager
    def asked(self) -> Iterator[MaintenanceStore]:
        """The store, for questions and orders. Raises ApiError where there is none or it cannot be used."""
        if not self.url:
            raise ApiError(HTTPStatus.SERVICE_UNAVAILABLE, "no-history", "no history is configured")
        try:
            if self._store is None:
                self._store = MaintenanceStore(self.url, self.demo)
            yield self._store
        except (StoreGone, BadUrl) as problem:
            message = f"maintenance cannot be read: {problem}"
            raise ApiError(HTTPStatus.SERVICE_UNAVAILABLE, "history-gone", message) from None


def install_room(app: Flask, history: str, demo: bool, photos: Path | None) -> None:
    """Give an application its maintenance."""
    app.extensions["scada-maintenance"] = Room(history, demo, photos, time.time)

    @app.errorhandler(Refused)
    def refused(error: Refused) -> ResponseReturnValue:
        status = HTTPStatus.CONFLICT
        if isinstance(error, UnknownRecord):
            status = HTTPStatus.NOT_FOUND
        elif error.code in _BAD:
            status = HTTPStatus.UNPROCESSABLE_ENTITY
        body: dict[str, Any] = {"code": error.code, "message": error.message, "parts": error.parts}
        if isinstance(error, Conflict):
            body["current"] = error.current
        return jsonify(error=body), status

    @app.errorhandler(ConfigError)
    def faulty(error: ConfigError) -> ResponseReturnValue:
        faults = [{"line": one.line, "path": one.path, "message": one.message} for one in error.faults]
        body = {"code": "faulty-programme", "message": str(error), "faults": faults}
        return jsonify(error=body), HTTPStatus.UNPROCESSABLE_ENTITY


def room() -> Room:
    """That of the application that answers the current request."""
    return cast(Room, current_app.extensions["scada-maintenance"])


def tell_runtime(device: str, event: str, who: str, en: str, ru: str, comment: str = "", key: str = "") -> None:
    """Audit trail and journal are told what was written, and the runtime; without one it looks when it starts."""
    note(f"maintenance.{event}", device or key, new=en, detail={"comment": comment, "key": key})
    with suppress(ChannelError):
        services().plant.channel.call(
            "maintenance-changed", device=device, event=event, text={"en": en, "ru": ru}, who=who, comment=comment,
            key=key,
        )  # fmt: skip
