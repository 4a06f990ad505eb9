"""REST: health, tags, one tag, the directory for the browser, recent values."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from registermaps import did_you_mean
from tagdb import Kind, Tag
from ui.encode import Encoder, iso
from ui.errors import ApiError
from ui.language import api_language
from ui.memory import STEP_S
from ui.plant import NoRuntime, View
from ui.query import Query
from ui.services import services

__all__ = ["blueprint", "find_tag", "tag_details"]

blueprint = Blueprint("api", __name__)

_RECENT_TAGS = 300
_RECENT_MOST_S = 3600


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Whether what the UI shows is live: 200, or 503 with the reason."""
    plant = services().plant
    try:
        view = plant.view()
    except NoRuntime as error:
        return jsonify(status="no-runtime", scan=None, age_ms=None, message=str(error)), HTTPStatus.SERVICE_UNAVAILABLE
    scan, age = view.snapshot.scan, round(plant.age_s(view) * 1000)
    if plant.stale(view):
        message = "the runtime does not scan any more"
        body = jsonify(status="scan-stalled", scan=scan, age_ms=age, message=message)
        return body, HTTPStatus.SERVICE_UNAVAILABLE
    return jsonify(status="ok", scan=scan, age_ms=age)


@blueprint.get("/api/tags")
def tags() -> ResponseReturnValue:
    """Tags as of the newest scan."""
    view = services().plant.view()
    encoder = Encoder(view.directory, api_language(request))
    rows = [encoder.tag(view, tag) for tag in Query.parse(request.args).select(view)]
    return Response(f'{{"tags":[{",".join(rows)}],"scan":{view.snapshot.scan}}}', mimetype="application/json")


@blueprint.get("/api/tags/<name>")
def tag(name: str) -> ResponseReturnValue:
    """Everything about one tag."""
    view = services().plant.view()
    return jsonify(tag_details(view, find_tag(view, name)))


@blueprint.get("/api/tags/<name>/recent")
def tag_recent(name: str) -> ResponseReturnValue:
    """The tag's values of the last minutes."""
    view = services().plant.view()
    newest, values = services().memory.recent(view, find_tag(view, name), _seconds())
    return jsonify(tag=name, step_s=STEP_S, newest=iso(newest), values=values)


@blueprint.get("/api/recent")
def recent() -> ResponseReturnValue:
    """The values of several tags of the last minutes; unknown names are left out."""
    names = [name for name in request.args.get("tags", "").split(",") if name]
    if len(names) > _RECENT_TAGS:
        raise ApiError(HTTPStatus.BAD_REQUEST, "too-many-tags", f"at most {_RECENT_TAGS} tags at once")
    view, memory, seconds = services().plant.view(), services().memory, _seconds()
    rows = {name: memory.recent(view, view.tags[name], seconds)[1] for name in names if name in view.tags}
    return jsonify(step_s=STEP_S, tags=rows)


@blueprint.get("/api/directory")
def directory() -> ResponseReturnValue:
    """What does not change from scan to scan, for the tag browser; compressed, and cached by its ETag."""
    packed = _packed_directory(services().plant.view())
    if request.if_none_match.contains(packed.etag):
        response = Response(status=HTTPStatus.NOT_MODIFIED)
    elif "gzip" in request.headers.get("Accept-Encoding", ""):
        response = Response(packed.gzipped, mimetype="application/json", headers={"Content-Encoding": "gzip"})
    else:
        response = Response(packed.plain, mimetype="application/json")
    response.set_etag(packed.etag)
    response.headers.update({"Cache-Control": "no-cache", "Vary": "Accept-Encoding"})
    return response


def find_tag(view: View, name: str) -> Tag:
    """The tag of this name. Raises ApiError 404 with a suggestion."""
    if found := view.tags.get(name):
        return found
    message = f"there is no tag '{name}'{did_you_mean(name, list(view.tags))}"
    raise ApiError(HTTPStatus.NOT_FOUND, "unknown-tag", message)


def tag_details(view: View, found: Tag) -> dict[str, Any]:
    """The list form of a tag, and everything else there is to know about it."""
    snapshot, quality = view.snapshot, view.quality(found)
    details: dict[str, Any] = json.loads(Encoder(view.directory, api_language(request)).tag(view, found))
    description = found.to_json()
    for key in ("name", "unit", "slot", "text_row"):
        del description[key]
    age = snapshot.time - float(snapshot.change_time[found.slot])
    details |= {
        "code": int(quality),
        "changed": iso(float(snapshot.change_time[found.slot])),
        "changed_ago_s": None if age != age else round(max(0.0, age), 3),
        "raw": _raw(found, int(snapshot.raw[found.slot])),
        "scan": snapshot.scan,
        "alarm_code": description.pop("code"),
        **description,
    }
    return details


def _raw(tag: Tag, raw: int) -> dict[str, Any] | None:
    """The register words behind the value; None for a tag that comes from no register."""
    if "address" not in tag.origin:
        return None
    words = max(1, int(tag.origin.get("count", 1)))
    return {"dec": raw, "hex": f"0x{raw:0{4 * min(words, 4)}X}", "bits": f"{raw:0{16 * min(words, 4)}b}"}


def _seconds() -> float:
    text = request.args.get("seconds", "600")
    if not text.isdecimal() or not 0 < int(text) <= _RECENT_MOST_S:
        raise ApiError(HTTPStatus.BAD_REQUEST, "bad-seconds", f"seconds '{text}': expected 1 to {_RECENT_MOST_S}")
    return float(text)


@dataclass(frozen=True, slots=True)
class _Packed:
    """The browser's directory of one generation, written once."""

    key: tuple[int, int]
    plain: bytes
    gzipped: bytes
    etag: str


def _packed_directory(view: View) -> _Packed:
    packed = current_app.extensions.get("scada-directory")
    if isinstance(packed, _Packed) and packed.key == view.key:
        return packed
    body = json.dumps(_browser_directory(view), ensure_ascii=False, separators=(",", ":")).encode()
    etag = hashlib.sha256(body).hexdigest()[:16]
    packed = current_app.extensions["scada-directory"] = _Packed(view.key, body, gzip.compress(body, 5), etag)
    return packed


def _browser_directory(view: View) -> dict[str, Any]:
    known = view.directory
    return {
        "generation": known.generation,
        "epoch": view.epoch,
        "title": known.title,
        "demo": known.demo or bool(current_app.config["DEMO"]),
        "period_s": known.period_s,
        "sites": [{"name": site.name, "title": site.title} for site in known.sites],
        "devices": [
            {"name": d.name, "site": d.site, "title": d.title, "model": d.model, "link": d.link, "map": d.map}
            for d in known.devices
        ],
        "links": [{"name": link.name, "kind": link.kind, "address": link.address} for link in known.links],
        "groups": known.groups,
        "alarm_classes": known.alarm_classes,
        "enums": known.enums,
        "trends": [asdict(trend) for trend in known.trends],
        "tags": [_browser_tag(tag) for tag in known.tags],
    }


def _browser_tag(tag: Tag) -> dict[str, Any]:
    row: dict[str, Any] = {
        "tag": tag.name,
        "label": tag.label,
        "unit": tag.unit,
        "kind": tag.kind,
        "group": tag.group,
        "site": tag.site,
        "device": tag.device,
        "address": tag.origin.get("address"),
        "decimals": tag.decimals,
    }
    if tag.kind in (Kind.FLOAT, Kind.INT) and tag.low is not None and tag.high is not None:
        row["range"] = [tag.low, tag.high]
    extra = {"enum": tag.enum, "alarm": tag.alarm, "code": tag.code, "hex": tag.hex, "unconfirmed": not tag.confirmed}
    return row | {key: value for key, value in extra.items() if value}
