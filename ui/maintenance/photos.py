"""Photos of services: taken as files of a few kinds and a limited size, kept in a folder under numbers of our own."""

from __future__ import annotations

import io
import os
import warnings
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify, request, send_file
from flask.typing import ResponseReturnValue

from tagdb.maintenance import PhotoRecord, Refused, StoreGone
from ui.encode import iso
from ui.errors import ApiError
from ui.maintenance.asked import at_site, checked_id
from ui.maintenance.room import room
from ui.who import actor

__all__ = ["blueprint", "file_of", "photo_row"]

blueprint = Blueprint("maintenance_photos", __name__)

#: largest file that is taken, bytes; most photos of one service; most pixels of one
LIMIT_BYTES, LIMIT_PHOTOS, LIMIT_PIXELS = 12 << 20, 60, 60_000_000
#: format as Pillow calls it -> MIME type
_KINDS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


@blueprint.post("/api/maintenance/services/<service>/photos")
def add(service: str) -> ResponseReturnValue:
    """Add a photo: the body is the picture; ``id``, ``task`` and ``name`` are in the query."""
    number = checked_id(request.args.get("id", ""))
    folder = room().photos
    if folder is None:
        raise ApiError(
            HTTPStatus.SERVICE_UNAVAILABLE, "no-photos", "this server was started without a folder of photos"
        )
    request.max_content_length = LIMIT_BYTES
    data = request.get_data(cache=False)
    mime = _kind_of(data)
    task, name = request.args.get("task", ""), request.args.get("name", "")[:120]
    photo = PhotoRecord(number, service, task, name, mime, len(data), actor().name, room().clock())
    with room().asked() as store:
        at_site(store.service(service).device)
        fresh = _keep(folder / number, data)
        try:
            photo = store.add_photo(photo, LIMIT_PHOTOS)
        except (Refused, StoreGone):
            if fresh:  # nobody would ever find it
                (folder / number).unlink(missing_ok=True)
            raise
    return jsonify(photo_row(photo)), HTTPStatus.CREATED


@blueprint.get("/api/maintenance/photos/<photo>")
def one(photo: str) -> Response:
    """The picture."""
    with room().asked() as store:
        found = store.photo(photo)
    if (path := file_of(found.id)) is None:
        raise ApiError(HTTPStatus.NOT_FOUND, "unknown-photo", f"the file of photo '{photo}' is not there any more")
    response = send_file(path.absolute(), mimetype=found.mime, max_age=86400)
    response.headers["Content-Disposition"] = "inline"
    response.headers["Cache-Control"] = "private, max-age=86400"  # for no proxy: it is shown to who may look
    return response


def file_of(photo: str) -> Path | None:
    """The file of a photo; None where it is not there any more."""
    folder = room().photos
    path = folder / checked_id(photo) if folder else None
    return path if path is not None and path.is_file() else None


def photo_row(photo: PhotoRecord) -> dict[str, Any]:
    """A photo as JSON."""
    return {
        "id": photo.id, "task": photo.task, "name": photo.name, "mime": photo.mime, "size": photo.size,
        "who": photo.who, "time": iso(photo.time), "url": f"/api/maintenance/photos/{photo.id}",
    }  # fmt: skip


def _kind_of(data: bytes) -> str:
    """By what is in it, whatever the sender calls it."""
    from PIL import Image, UnidentifiedImageError  # large; the pages start without it

    expected = "expected a JPEG, PNG or WebP picture"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=list(_KINDS)) as picture:
                if picture.width * picture.height > LIMIT_PIXELS:
                    raise ApiError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", "the picture has too many pixels")
                picture.verify()
                return _KINDS[str(picture.format)]
    except Image.DecompressionBombWarning:
        raise ApiError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", "the picture has too many pixels") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise ApiError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "no-picture", expected) from None


def _keep(path: Path, data: bytes) -> bool:
    """Whole or not at all; what is there already stays, and is no new file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        return False
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(data)
    temporary.chmod(0o600)
    temporary.replace(path)
    return True
