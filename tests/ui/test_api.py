"""REST: shapes, filters, errors, and that the OpenAPI document tells the truth."""

from __future__ import annotations

import re
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient

from tagdb import Quality
from tests.ui.fake_plant import FakePlant
from ui.openapi import description

TAG = "mkz.gpu1.power_total"
KEYS = ["tag", "value", "text", "unit", "quality", "reason", "time"]


def names(client: FlaskClient, query: str) -> list[str]:
    answer = client.get(f"/api/tags?{query}")
    assert answer.status_code == 200
    return [tag["tag"] for tag in answer.json["tags"]]  # type: ignore[index]


def test_a_tag_in_a_list_has_exactly_its_seven_keys(client: FlaskClient, plant: FakePlant) -> None:
    plant.set(TAG, 124.25)
    plant.scan()
    body = client.get(f"/api/tags?prefix={TAG}").get_json()
    assert list(body) == ["tags", "scan"]
    assert body["scan"] == plant.scans
    (tag,) = body["tags"]
    assert list(tag) == KEYS
    assert tag | {"time": ""} == {
        "tag": TAG, "value": 124.25, "text": "124.2", "unit": "kW", "quality": "good", "reason": "", "time": "",
    }  # fmt: skip
    assert len(tag["time"]) == len("2026-01-01T00:00:00.000Z")
    assert tag["time"].endswith("Z")


def test_values_of_every_kind(client: FlaskClient, plant: FakePlant) -> None:
    plant.set("mkz.gpu1.gen_status", 3)
    plant.set("mkz.gpu1.warning_overspeed", 1)
    plant.set("mkz.gpu1.comm_error", "нет ответа")
    plant.set("mkz.gpu1.run_hours", 17001)
    plant.scan()

    def shown(name: str) -> tuple[Any, str]:
        tag = client.get(f"/api/tags/mkz.gpu1.{name}?lang=ru").get_json()
        return tag["value"], tag["text"]

    assert shown("gen_status") == (3, "Прокрутка стартером")
    assert shown("warning_overspeed") == (True, "активна")
    assert shown("mode_auto") == (True, "да")
    assert shown("comm_error") == ("нет ответа", "нет ответа")
    assert shown("run_hours") == (17001, "17001")


def test_bad_tags_keep_their_value_and_tell_the_reason(client: FlaskClient, plant: FakePlant) -> None:
    plant.set(TAG, 99.0, Quality.NOT_CONNECTED)
    plant.set("mkz.gpu1.gen_uab", float("nan"), Quality.NO_DATA)
    plant.scan()
    tag = client.get(f"/api/tags/{TAG}").get_json()
    assert (tag["value"], tag["quality"], tag["reason"], tag["code"]) == (99.0, "bad", "not connected", 522)
    none = client.get("/api/tags/mkz.gpu1.gen_uab").get_json()
    assert (none["value"], none["text"], none["reason"]) == (None, "", "no data")


@pytest.mark.parametrize(
    ("header", "query", "text"),
    [
        ({}, "", "Работа"),
        ({"Accept-Language": "en-GB,en;q=0.9"}, "", "Running"),
        ({"Accept-Language": "en"}, "?lang=ru", "Работа"),
        ({"Cookie": "lang=en", "Accept-Language": "ru"}, "", "Running"),
        ({}, "?lang=xx", "Работа"),
    ],
)
def test_language_of_texts(client: FlaskClient, header: dict[str, str], query: str, text: str) -> None:
    answer = client.get(f"/api/tags/mkz.gpu1.gen_status{query}", headers=header)
    assert answer.get_json()["text"] == text


def test_one_tag_tells_everything(client: FlaskClient, plant: FakePlant) -> None:
    plant.set(TAG, 124.2, raw=1242)
    plant.scan()
    tag = client.get(f"/api/tags/{TAG}").get_json()
    assert list(tag)[:7] == KEYS
    assert tag["raw"] == {"dec": 1242, "hex": "0x04DA", "bits": "0000010011011010"}
    assert tag["origin"]["address"] == 180
    assert tag["origin"]["line"] == 220
    assert (tag["poll"], tag["low"], tag["stale_after_s"]) == ("fast", -2000, 5.0)
    assert tag["label"]["en"] == "Active power total"


def test_filters(client: FlaskClient, plant: FakePlant) -> None:
    plant.set(TAG, 1, Quality.STALE)
    plant.set("mkz.gpu2.power_total", 1, Quality.LAST_KNOWN)
    plant.scan()
    assert names(client, "q=power_total&quality=bad") == [TAG]
    assert names(client, "q=power_total&quality=bad,uncertain") == [TAG, "mkz.gpu2.power_total"]
    assert set(names(client, "prefix=mkz.gpu1.&q=%40180")) == {TAG}
    assert names(client, "q=мощность+суммарная&prefix=mkz.gpu1.&group=power")[0] == TAG
    assert names(client, "prefix=mkz.gpu1.&group=power&limit=2&offset=1") == [TAG, "mkz.gpu1.reactive_total"]
    assert names(client, "q=nothing-like-this") == []
    assert len(names(client, "")) == len(plant.tags)


@pytest.mark.parametrize(
    ("path", "status", "code", "message"),
    [
        ("/api/tags/mkz.gpu1.run_hour", 404, "unknown-tag",
         "there is no tag 'mkz.gpu1.run_hour' (did you mean 'mkz.gpu1.run_hours'?)"),
        ("/api/tags?quality=god", 400, "bad-quality", "quality 'god': allowed are good, uncertain, bad"),
        ("/api/tags?limit=-1", 400, "bad-limit", "limit '-1': expected a whole number"),
        ("/api/recent?seconds=x", 400, "bad-seconds", "seconds 'x': expected 1 to 3600"),
        ("/api/links/mkz_lin/frames", 404, "unknown-link", "there is no link 'mkz_lin' (did you mean 'mkz_line'?)"),
        ("/api/nothing", 404, "not-found", None),
        ("/ws/tags", 400, "bad-request", None),
    ],
)  # fmt: skip
def test_errors_have_one_shape(client: FlaskClient, path: str, status: int, code: str, message: str | None) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    body = answer.get_json()
    assert list(body) == ["error"]
    assert set(body["error"]) == {"code", "message"}
    assert body["error"]["code"] == code
    assert message is None or body["error"]["message"] == message


def test_frames_without_a_runtime_to_ask(client: FlaskClient) -> None:
    answer = client.get("/api/links/mkz_line/frames")
    assert answer.status_code == 503
    assert answer.get_json()["error"]["code"] == "no-runtime"


def test_a_foreign_page_may_not_command(client: FlaskClient) -> None:
    answer = client.post("/api/links/mkz_line/frames/release", headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403
    assert answer.get_json()["error"]["code"] == "foreign-origin"


def test_health(client: FlaskClient, plant: FakePlant) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.get_json()["status"]) == (200, "ok")
    assert answer.get_json()["scan"] == plant.scans
    plant.scan(age_s=30.0)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.get_json()["status"]) == (503, "scan-stalled")
    plant.close()
    answer = client.get("/healthz")
    assert (answer.status_code, answer.get_json()["status"]) == (503, "no-runtime")
    assert client.get("/api/tags").get_json()["error"]["code"] == "no-runtime"


def test_a_new_generation_brings_a_new_directory(client: FlaskClient, plant: FakePlant) -> None:
    assert len(names(client, "prefix=mkz.gpu1.warning_input")) == 20
    etag = client.get("/api/directory").headers["ETag"]
    plant.generation, plant.extra = 2, 3
    plant.install()
    plant.scan()
    assert len(names(client, "prefix=mkz.gpu1.warning_input")) == 3
    assert client.get("/api/directory", headers={"If-None-Match": etag}).status_code == 200
    etag = client.get("/api/directory").headers["ETag"]
    assert client.get("/api/directory", headers={"If-None-Match": etag}).status_code == 304


def test_recent_values(client: FlaskClient, plant: FakePlant, app: Any) -> None:
    here = app.extensions["scada"]
    for second in range(5):
        plant.set(TAG, 100.0 + second, Quality.STALE if second == 2 else Quality.GOOD)
        plant.scan()
        here.memory.take(here.plant.view(), 2.0 * second)
    body = client.get(f"/api/tags/{TAG}/recent?seconds=600").get_json()
    assert body["values"] == [100.0, 101.0, None, 103.0, 104.0]
    body = client.get(f"/api/recent?tags={TAG},no.such.tag&seconds=4").get_json()
    assert body["tags"] == {TAG: [None, 103.0, 104.0]}


PATHS = {
    "/healthz": "/healthz",
    "/api/tags": "/api/tags?limit=50",
    "/api/tags/{tag}": f"/api/tags/{TAG}",
    "/api/tags/{tag}/recent": f"/api/tags/{TAG}/recent",
    "/api/recent": f"/api/recent?tags={TAG}",
    "/api/directory": "/api/directory",
    "/api/devices": "/api/devices",
    "/api/links": "/api/links",
    "/api/runtime": "/api/runtime",
    "/api/openapi.json": "/api/openapi.json",
}


def check(answer: Any, documented: str, method: str = "get") -> None:
    document = description()
    responses = document["paths"][documented][method]["responses"]
    assert str(answer.status_code) in responses, (documented, answer.status_code)
    schema = responses[str(answer.status_code)]["content"]["application/json"]["schema"]
    whole = {**schema, "components": document["components"]}
    jsonschema.Draft202012Validator(whole).validate(answer.get_json())


@pytest.mark.parametrize(("documented", "path"), PATHS.items())
def test_answers_are_as_documented(client: FlaskClient, plant: FakePlant, documented: str, path: str) -> None:
    plant.set("mkz.gpu1.warning_overspeed", 1)
    plant.scan()
    answer = client.get(path)
    assert answer.status_code == 200
    check(answer, documented)
    plant.close()
    if documented != "/api/openapi.json":
        check(client.get(path), documented)


def test_every_kind_of_tag_is_as_documented(client: FlaskClient, plant: FakePlant) -> None:
    for name in ("mkz.gpu1.gen_status", "mkz.gpu1.comm_error", "scada.scan.count", "mkz.gpu1.warning_overspeed"):
        check(client.get(f"/api/tags/{name}"), "/api/tags/{tag}")
    check(client.get("/api/tags/none"), "/api/tags/{tag}")
    check(client.get("/api/tags?quality=x"), "/api/tags")


def test_every_route_is_documented(app: Any) -> None:
    rules = {str(rule).replace("<name>", "{tag}") for rule in app.url_map.iter_rules()}
    names = {
        "links/{tag}": "links/{link}", "users/{tag}": "users/{name}", "devices/{tag}": "devices/{name}",
        "<int:number>": "{id}",
    }  # fmt: skip
    for flask, openapi in names.items():
        rules = {rule.replace(flask, openapi) for rule in rules}
    served = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule) for rule in rules}
    served = {rule for rule in served if rule.startswith(("/api", "/metrics", "/healthz"))}
    assert served == set(description()["paths"])


def test_devices(client: FlaskClient, plant: FakePlant) -> None:
    plant.set("mkz.gpu1.shutdown_overspeed", 1)
    plant.set("mkz.gpu2.comm_state", 3)
    plant.scan()
    first, second, *_ = client.get("/api/devices?lang=en").get_json()["devices"]
    assert (first["device"], first["state"], first["online"]) == ("mkz.gpu1", "online", True)
    assert first["mode"] == "Auto mode"
    assert [(alarm["label"], alarm["class"]) for alarm in first["alarms"]] == [("Overspeed", "Shutdown")]
    assert first["key"][0]["text"] == "Running"
    assert (second["state"], second["online"], second["polls"]) == ("offline", False, 84211)


def test_missing_runtime_tags_are_null(client: FlaskClient, plant: FakePlant) -> None:
    own = [tag for tag in plant.tags if not tag.name.startswith(("scada.", "links.")) and tag.group != "comm"]
    plant.tags = own
    plant.generation = 2
    plant.store.install(own)
    plant.directory().write(plant.folder.directory)
    plant.scan()
    check(client.get("/api/runtime"), "/api/runtime")
    check(client.get("/api/links"), "/api/links")
    check(client.get("/api/devices"), "/api/devices")
    assert client.get("/api/devices").get_json()["devices"][0]["state"] == "unknown"
    assert client.get("/metrics").status_code == 200
