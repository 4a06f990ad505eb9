"""REST of the programmes: list, one with its versions, save, import from YAML, export, delete."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from programmes import load_programme, programme_yaml
from tagdb.maintenance import Version
from ui.encode import iso
from ui.errors import ApiError
from ui.language import Language, api_language
from ui.maintenance.asked import bad, signer, whole
from ui.maintenance.room import room, tell_runtime
from ui.order import Order

__all__ = ["blueprint"]

blueprint = Blueprint("maintenance_programmes", __name__)

#: largest programme, bytes
LIMIT_BYTES = 512 << 10


@blueprint.get("/api/maintenance/programmes")
def programmes() -> ResponseReturnValue:
    """All programmes, with who uses them."""
    language = api_language(request)
    with room().asked() as store:
        versions, devices = store.programmes(), store.devices()
    users = {code: [name for name, one in devices.items() if one.programme == code] for code in versions}
    rows = [_head(version, language) | {"devices": users[code]} for code, version in versions.items()]
    return jsonify(programmes=rows)


@blueprint.get("/api/maintenance/programmes/<programme>")
def one(programme: str) -> ResponseReturnValue:
    """One programme in full, in the form of its YAML file, with its versions; ``version`` asks for an older one."""
    language = api_language(request)
    with room().asked() as store:
        newest = store.programme(programme)
        versions = store.versions(programme)
        devices = [name for name, one in store.devices().items() if one.programme == programme]
    shown = _asked_version(newest, versions)
    history = [{"version": v.number, "who": v.who, "comment": v.comment, "time": iso(v.time)} for v in versions]
    return jsonify(
        **_head(newest, language), devices=devices, shown=shown.number, body=shown.programme.to_json(), history=history
    )


@blueprint.get("/api/maintenance/programmes/<programme>/yaml")
def export(programme: str) -> Response:
    """One programme as a YAML file."""
    with room().asked() as store:
        found = _asked_version(store.programme(programme), store.versions(programme))
    headers = {"Content-Disposition": f'attachment; filename="{programme}.yaml"', "Cache-Control": "no-store"}
    return Response(programme_yaml(found.programme), mimetype="application/yaml", headers=headers)


@blueprint.put("/api/maintenance/programmes/<programme>")
def save(programme: str) -> ResponseReturnValue:
    """Save a programme as a new version; ``revision``: the version that was edited, 0 = the programme is new."""
    request.max_content_length = LIMIT_BYTES
    order = Order.read(request, {"body", "revision", "comment"})
    body = order.body.get("body")
    if not isinstance(body, dict):
        raise bad("'body' must be a programme")
    found = load_programme(programme, json.dumps(body, ensure_ascii=False))
    if found.code != programme:
        raise bad(f"the programme is named '{found.code}', not '{programme}'")
    revision = whole(order, "revision") or None
    with room().asked() as store:
        version = store.save_programme(found, revision, signer(order), room().clock(), order.text("comment"))
    _tell(version, "programme-save", signer(order), order.text("comment"))
    return jsonify(_head(version, api_language(request)))


@blueprint.post("/api/maintenance/programmes/import")
def import_() -> ResponseReturnValue:
    """Take a programme from the text of a YAML file; every fault has its line. ``revision`` as in saving."""
    request.max_content_length = LIMIT_BYTES
    order = Order.read(request, {"yaml", "revision", "comment"})
    text = order.body.get("yaml")
    if not isinstance(text, str):
        raise bad("'yaml' must be the text of a programme")
    found = load_programme("programme.yaml", text)
    revision = whole(order, "revision") or None
    with room().asked() as store:
        version = store.save_programme(found, revision, signer(order), room().clock(), order.text("comment"))
    _tell(version, "programme-save", signer(order), order.text("comment"))
    return jsonify(_head(version, api_language(request)))


@blueprint.delete("/api/maintenance/programmes/<programme>")
def delete(programme: str) -> ResponseReturnValue:
    """Take a programme off the list; refused while it is in use."""
    order = Order.read(request, set())
    with room().asked() as store:
        version = store.programme(programme)
        store.delete_programme(programme)
    _tell(version, "programme-delete", signer(order), "")
    return jsonify(code=programme)


def _asked_version(newest: Version, versions: list[Version]) -> Version:
    text = request.args.get("version", "")
    if not text:
        return newest
    for version in versions:
        if str(version.number) == text:
            return version
    raise ApiError(HTTPStatus.NOT_FOUND, "unknown-version", f"there is no version '{text}'")


def _head(version: Version, language: Language) -> dict[str, Any]:
    programme = version.programme
    return {
        "code": programme.code,
        "title": programme.title.get(language) or programme.code,
        "version": version.number,
        "who": version.who,
        "time": iso(version.time),
        "levels": [
            {"level": one.id, "title": one.title.get(language) or one.id, "every_h": one.every_h,
             "every_days": one.every_days, "tasks": len(one.tasks)}
            for one in programme.levels
        ],
    }  # fmt: skip


def _tell(version: Version, event: str, who: str, comment: str) -> None:
    title = version.programme.title
    en, ru = (title.get(language, version.programme.code) for language in ("en", "ru"))
    tell_runtime("", event, who, f"{en}, version {version.number}", f"{ru}, версия {version.number}", comment)
