"""Errors as the browser and API clients see them: one JSON shape under /api, a page elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from flask import Flask, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from tagdb import ChannelError
from tagdb.accounts import ERRORS, Denied
from ui.plant import NoRuntime

__all__ = ["ApiError", "register_errors"]

#: codes of the command channel with a status of their own: the runtime's absence is not the caller's fault
_AWAY = {
    "no-runtime": HTTPStatus.SERVICE_UNAVAILABLE,
    "scan-stuck": HTTPStatus.SERVICE_UNAVAILABLE,
    "timeout": HTTPStatus.GATEWAY_TIMEOUT,
    "unknown-value": HTTPStatus.CONFLICT,  # of a command, not something that is not there
}
#: codes of a refusal because of who asks, from the pages and from the runtime alike
_UNKNOWN = ("no-session", "session-expired", "session-ended", "no-token", "token-expired", "token-ended")
_DENIED = {
    **dict.fromkeys(_UNKNOWN, HTTPStatus.UNAUTHORIZED),
    **dict.fromkeys(("bad-login", "code-needed", "bad-code"), HTTPStatus.UNAUTHORIZED),
    **dict.fromkeys(("weak-password", "bad-name", "reserved-name", "bad-sites", "bad-actor"), HTTPStatus.BAD_REQUEST),
    **dict.fromkeys(("not-allowed", "not-your-site", "reauthenticate", "second-factor"), HTTPStatus.FORBIDDEN),
    **dict.fromkeys(("name-taken", "last-administrator"), HTTPStatus.CONFLICT),
    **dict.fromkeys(("accounts-unavailable", "no-accounts"), HTTPStatus.SERVICE_UNAVAILABLE),
    "wait": HTTPStatus.TOO_MANY_REQUESTS,
    "bad-link": HTTPStatus.GONE,
}


class ApiError(Exception):
    """A request that cannot be answered; ``code`` is for programs, ``message`` for people."""

    def __init__(self, status: HTTPStatus, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def register_errors(app: Flask) -> None:
    """Give every error its shape."""

    @app.errorhandler(ApiError)
    def api_error(error: ApiError) -> ResponseReturnValue:
        return _answer(error.status, error.code, error.message)

    @app.errorhandler(NoRuntime)
    def no_runtime(error: NoRuntime) -> ResponseReturnValue:
        return _answer(HTTPStatus.SERVICE_UNAVAILABLE, "no-runtime", str(error))

    @app.errorhandler(ChannelError)
    def channel_error(error: ChannelError) -> ResponseReturnValue:
        default = HTTPStatus.NOT_FOUND if error.code.startswith("unknown-") else HTTPStatus.CONFLICT
        return _answer((_AWAY | _DENIED).get(error.code, default), error.code, error.message, error.words)

    @app.errorhandler(Denied)
    def denied(error: Denied) -> ResponseReturnValue:
        default = HTTPStatus.NOT_FOUND if error.code.startswith("unknown-") else HTTPStatus.FORBIDDEN
        status = _DENIED.get(error.code, default)
        answer = _answer(status, error.code, error.message)
        return (*answer, {"WWW-Authenticate": "Bearer"}) if error.code in _UNKNOWN else answer

    def accounts_gone(error: Exception) -> ResponseReturnValue:
        app.logger.error("accounts: %s", error)
        message = "the accounts cannot be read or written just now"
        return _answer(HTTPStatus.SERVICE_UNAVAILABLE, "accounts-unavailable", message)

    for kind in ERRORS:
        if kind is not OSError:  # which may be of anything; those of the history have their own
            app.register_error_handler(kind, accounts_gone)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> ResponseReturnValue:
        status = HTTPStatus(error.code or 500)
        answer = _answer(status, status.phrase.lower().replace(" ", "-"), error.description or status.phrase)
        return (*answer, error.get_headers()) if status is HTTPStatus.METHOD_NOT_ALLOWED else answer


def _answer(
    status: HTTPStatus, code: str, message: str, words: Mapping[str, str] | None = None
) -> tuple[str, int]:
    """``words``: the message in both languages, where the runtime gives it so."""
    g.error_code = code  # for the audit trail
    if request.path.startswith(("/api/", "/ws/", "/metrics", "/healthz")):
        return jsonify(error={"code": code, "message": message} | ({"words": words} if words else {})), status  # type: ignore[return-value]
    return render_template("error.html", page="", status=int(status), message=message), status
