"""The REST API of the alarms, against a fake command channel and a real history."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.ui.conftest import make_app
from tests.ui.fake_alarms import FakeAlarms, alarm, write_history
from tests.ui.fake_plant import FakePlant, show_alarms
from tests.ui.test_api import check


@pytest.fixture
def runtime(plant: FakePlant) -> Iterator[FakeAlarms]:
    alarms = [
        alarm(1, "warning_overspeed", 3, raised_at=1_700_000_100.0),
        alarm(2, "trip_reverse_power", 1, raised_at=1_700_000_000.0),
        alarm(3, "block_charge_failure", 1, raised_at=1_700_000_050.0, device="yakz.gpu1"),
    ]
    with FakeAlarms(plant.folder.channel, alarms).answering() as fake:
        yield fake


@pytest.fixture
def past(plant: FakePlant, tmp_path: Path) -> FlaskClient:
    return make_app(plant.folder.folder, "ru", history=write_history(tmp_path)).test_client(use_cookies=False)


def calls(runtime: FakeAlarms, verb: str) -> list[dict[str, Any]]:
    return [call["args"] for call in runtime.calls if call["verb"] == verb]


def test_open_alarms_come_most_urgent_first_then_newest(client: FlaskClient, runtime: FakeAlarms) -> None:
    answer = client.get("/api/alarms")
    check(answer, "/api/alarms")
    body = answer.get_json()
    assert [row["id"] for row in body["alarms"]] == [3, 2, 1]
    assert body["alarms"][1]["raised_at"] == "2023-11-14T22:13:20.000Z"
    assert body["alarms"][1]["label"] == {"ru": "Обратная мощность", "en": "Reverse power"}


def test_the_summary_names_the_newest_of_the_most_urgent(client: FlaskClient, runtime: FakeAlarms) -> None:
    runtime.alarms += [
        alarm(4, "trip_reverse_power", 1, raised_at=1_700_000_300.0, acknowledged=True, state="acknowledged"),
        alarm(5, "trip_reverse_power", 1, raised_at=1_700_000_400.0, state="shelved"),
        alarm(6, "warning_overspeed", 3, raised_at=1_700_000_001.0, last_raised_at=1_700_000_500.0),
    ]
    answer = client.get("/api/alarms/summary?lang=en")
    check(answer, "/api/alarms/summary")
    body = answer.get_json()
    assert (body["top"]["id"], body["top"]["label"]["en"]) == (3, "Charging failure")
    assert (body["unacknowledged"], body["shown"], body["quiet"]) == (4, 5, 1)
    assert body["priorities"]["1"] == {"shown": 3, "unacknowledged": 2, "newest": "2023-11-14T22:14:10.000Z"}
    assert body["priorities"]["3"]["newest"] == "2023-11-14T22:21:40.000Z"
    assert body["priorities"]["2"] == {"shown": 0, "unacknowledged": 0, "newest": None}


def test_nothing_to_acknowledge_is_no_top(client: FlaskClient, runtime: FakeAlarms) -> None:
    runtime.alarms = [alarm(1, acknowledged=True, state="acknowledged"), alarm(2, state="out-of-service")]
    body = client.get("/api/alarms/summary").get_json()
    assert (body["top"], body["unacknowledged"], body["shown"], body["quiet"]) == (None, 0, 1, 1)


def test_a_value_is_shown_as_its_tag_shows_it(client: FlaskClient, runtime: FakeAlarms) -> None:
    runtime.alarms = [alarm(1, tag="mkz.gpu1.oil_pressure", value=112.0), alarm(2), alarm(3, tag="", value=0.5)]
    rows = {row["id"]: row for row in client.get("/api/alarms").get_json()["alarms"]}
    assert [(rows[n]["value_text"], rows[n]["unit"]) for n in (1, 2, 3)] == [("112", "kPa"), ("", ""), ("0.5", "")]


def test_many_pages_ask_the_runtime_once_a_revision(client: FlaskClient, plant: FakePlant, runtime: FakeAlarms) -> None:
    def publish() -> None:
        show_alarms(plant, runtime.tags())
        plant.scan()

    publish()
    for _ in range(5):
        client.get("/api/alarms")
    assert len(calls(runtime, "alarms")) == 1
    runtime.revision = 2
    publish()
    client.get("/api/alarms")
    client.get("/api/alarms")
    assert len(calls(runtime, "alarms")) == 2
    client.post("/api/alarms/unshelve", json={"key": "x"})
    client.get("/api/alarms")
    assert len(calls(runtime, "alarms")) == 3


def test_one_alarm_has_its_snapshot_in_words(client: FlaskClient, runtime: FakeAlarms) -> None:
    answer = client.get("/api/alarms/2?lang=en")
    check(answer, "/api/alarms/{id}")
    rows = {row["tag"]: row for row in answer.get_json()["snapshot"]}
    assert (rows["mkz.gpu1.coolant_temp"]["text"], rows["mkz.gpu1.coolant_temp"]["unit"]) == ("104", "degC")
    assert rows["mkz.gpu1.gen_status"]["text"] == "Running"
    assert (rows["mkz.gpu1.gas_temp"]["text"], rows["mkz.gpu1.gas_temp"]["quality"]) == ("", "bad")


@pytest.mark.parametrize(
    ("body", "args"),
    [
        ({"items": [2, 3]}, {"items": [2, 3]}),
        ({"device": "mkz.gpu1"}, {"device": "mkz.gpu1"}),
        ({"everything": True}, {"everything": True}),
    ],
)
def test_acknowledging(client: FlaskClient, runtime: FakeAlarms, body: dict[str, Any], args: dict[str, Any]) -> None:
    answer = client.post("/api/alarms/acknowledge", json={**body, "comment": "seen"})
    assert answer.status_code == 200
    check(answer, "/api/alarms/acknowledge", "post")
    assert {row["verdict"] for row in answer.get_json()["outcomes"]} == {"done"}
    (call,) = calls(runtime, "acknowledge")
    actor = call.pop("actor")
    assert call == {**args, "comment": "seen"}
    assert (actor["name"], actor["role"], actor["origin"]) == ("test administrator", "administrator", "127.0.0.1")
    assert actor["session"].startswith("token:")


def test_an_order_is_told_apart_from_one_that_was_given_already(client: FlaskClient, runtime: FakeAlarms) -> None:
    order = {"items": [2]}
    verdicts = [client.post("/api/alarms/acknowledge", json=order).get_json()["outcomes"][0]["verdict"] for _ in "12"]
    assert verdicts == ["done", "already"]


def test_shelving_and_taking_back(client: FlaskClient, runtime: FakeAlarms) -> None:
    key = "mkz.gpu1.trip_reverse_power"
    order = {"key": key, "seconds": 3600, "reason": "sensor ordered"}
    answer = client.post("/api/alarms/shelve", json=order)
    check(answer, "/api/alarms/shelve", "post")
    body = client.get("/api/alarms")
    check(body, "/api/alarms")
    (shelf,) = body.get_json()["shelves"]
    assert (shelf["key"], shelf["reason"], shelf["who"]) == (key, "sensor ordered", "test administrator")
    check(client.post("/api/alarms/unshelve", json={"key": key}), "/api/alarms/unshelve", "post")
    assert client.get("/api/alarms").get_json()["shelves"] == []


def test_a_refusal_has_its_reasons(client: FlaskClient, runtime: FakeAlarms) -> None:
    runtime.refuse = "the alarm is out of service"
    answer = client.post("/api/alarms/acknowledge", json={"items": [2]})
    assert answer.status_code == 409
    assert answer.get_json() == {"error": {"code": "refused", "message": "the alarm is out of service"}}


@pytest.mark.parametrize(
    ("verb", "body", "code"),
    [
        ("acknowledge", {"items": [1], "who": "Ivanov"}, "bad-order"),
        ("acknowledge", {}, "nothing-named"),
        ("acknowledge", {"items": []}, "nothing-named"),
        ("acknowledge", {"everything": "yes"}, "bad-order"),
        ("acknowledge", {"items": ["1"]}, "bad-order"),
        ("acknowledge", {"items": [True]}, "bad-order"),
        ("acknowledge", {"items": [1], "comment": "x" * 501}, "bad-order"),
        ("acknowledge", {"item": [1]}, "bad-order"),
        ("acknowledge", [1], "bad-order"),
        ("shelve", {"key": "k", "reason": "r"}, "bad-order"),
        ("shelve", {"key": "k", "seconds": 60}, "bad-order"),
        ("shelve", {"key": "k", "seconds": -1, "reason": "r"}, "bad-order"),
        ("shelve", {"key": "k", "seconds": True, "reason": "r"}, "bad-order"),
        ("shelve", {"key": "k", "seconds": 10**400, "reason": "r"}, "bad-order"),
        ("unshelve", {}, "bad-order"),
    ],
)
def test_an_order_that_is_not_one(client: FlaskClient, runtime: FakeAlarms, verb: str, body: Any, code: str) -> None:
    answer = client.post(f"/api/alarms/{verb}", json=body)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, code)
    assert runtime.calls == []


def test_orders_are_taken_from_our_own_pages_only(client: FlaskClient, runtime: FakeAlarms) -> None:
    path, order = "/api/alarms/acknowledge", {"everything": True}
    foreign = client.post(path, json=order, headers={"Origin": "http://elsewhere.example"})
    assert (foreign.status_code, foreign.get_json()["error"]["code"]) == (403, "foreign-origin")
    form = client.post(path, data='{"everything": true}', content_type="text/plain")
    assert (form.status_code, form.get_json()["error"]["code"]) == (415, "not-json")
    large = client.post(path, data=b" " * (65 << 10), content_type="application/json")
    assert large.status_code in (400, 413)
    assert client.get(path).status_code == 405
    assert runtime.calls == []
    assert client.post(path, json=order, headers={"Origin": "http://localhost"}).status_code == 200


def test_without_a_runtime(client: FlaskClient) -> None:
    for answer in (client.get("/api/alarms"), client.get("/api/alarms/health")):
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (503, "no-runtime")
    answer = client.post("/api/alarms/unshelve", json={"key": "k"})
    assert answer.status_code == 503


def test_health(client: FlaskClient, runtime: FakeAlarms) -> None:
    answer = client.get("/api/alarms/health")
    check(answer, "/api/alarms/health")
    body = answer.get_json()
    assert (body["rate_10min"], body["flood"], body["standing"]) == (12, True, 3)
    assert body["by_priority"]["4"] == 0.44
    assert body["frequent"][0]["label"]["en"] == "Overspeed"


def test_health_of_which_little_is_known(client: FlaskClient, plant: FakePlant, monkeypatch: Any) -> None:
    told = {"rate_10min": 2, "flood": False, "standing": [{"key": "a"}], "by_priority": {"1": 1, "2": 3}}
    with FakeAlarms(plant.folder.channel, []).answering():
        monkeypatch.setattr("tests.ui.fake_alarms.health", lambda alarms: told)
        answer = client.get("/api/alarms/health")
    check(answer, "/api/alarms/health")
    assert answer.get_json()["by_priority"] == {"1": 0.25, "2": 0.75}
    assert answer.get_json()["standing"] == 1


def test_past_alarms(past: FlaskClient) -> None:
    answer = past.get("/api/alarms/history")
    check(answer, "/api/alarms/history")
    rows = answer.get_json()["alarms"]
    assert [(row["id"], row["active"], row["cleared_at"]) for row in rows] == [
        (2, False, "2023-11-14T22:14:21.000Z"),
        (1, False, "2023-11-14T22:14:21.000Z"),
    ]
    page = past.get("/api/alarms/history?limit=1").get_json()
    assert (page["alarms"][0]["id"], page["next"]) == (2, 2)
    assert past.get("/api/alarms/history?limit=1&before=2").get_json()["alarms"][0]["id"] == 1
    assert [row["id"] for row in past.get("/api/alarms/history?priority=2").get_json()["alarms"]] == [1]
    assert past.get("/api/alarms/history?priority=7").status_code == 400


def test_one_past_alarm(past: FlaskClient) -> None:
    answer = past.get("/api/alarms/1")
    check(answer, "/api/alarms/{id}")
    assert len(answer.get_json()["snapshot"]) == 4
    for number in (77, 10**30):
        missing = past.get(f"/api/alarms/{number}")
        assert (missing.status_code, missing.get_json()["error"]["code"]) == (404, "unknown-alarm")


def test_one_state_of_the_list(client: FlaskClient, runtime: FakeAlarms) -> None:
    runtime.alarms += [
        alarm(4, active=False, state="returned-unacknowledged"),
        alarm(5, acknowledged=True, state="acknowledged"),
        alarm(6, state="shelved"),
        alarm(7, state="suppressed"),
    ]
    found = {}
    for state in ("active", "unacknowledged", "shelved"):
        answer = client.get(f"/api/alarms?state={state}")
        check(answer, "/api/alarms")
        found[state] = {row["id"] for row in answer.get_json()["alarms"]}
    assert found == {"active": {1, 2, 3, 5}, "unacknowledged": {1, 2, 3, 4}, "shelved": {6, 7}}
    refused = client.get("/api/alarms?state=odd")
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (400, "bad-state")


def test_the_state_history_is_the_past(past: FlaskClient) -> None:
    assert past.get("/api/alarms?state=history").get_json() == past.get("/api/alarms/history").get_json()


@pytest.mark.parametrize(
    ("path", "body", "verb", "args"),
    [
        ("2/acknowledge", {"comment": "seen"}, "acknowledge", {"items": [2], "comment": "seen"}),
        ("2/shelve", {"seconds": 60, "reason": "r"}, "shelve",
         {"key": "mkz.gpu1.trip_reverse_power", "seconds": 60.0, "reason": "r"}),
        ("2/unshelve", {}, "unshelve", {"key": "mkz.gpu1.trip_reverse_power", "comment": ""}),
        ("2/reset", {}, "reset-alarm", {"key": "mkz.gpu1.trip_reverse_power"}),
        ("reset", {"key": "k"}, "reset-alarm", {"key": "k"}),
        ("take-out", {"key": "k", "reason": "r"}, "take-out", {"key": "k", "reason": "r"}),
        ("put-back", {"key": "k"}, "put-back", {"key": "k", "comment": ""}),
    ],
)  # fmt: skip
def test_orders_for_one_alarm(
    client: FlaskClient, runtime: FakeAlarms, path: str, body: dict[str, Any], verb: str, args: dict[str, Any]
) -> None:
    answer = client.post(f"/api/alarms/{path}", json=body)
    assert (answer.status_code, answer.get_json()["outcomes"][0]["verdict"]) == (200, "done")
    (given,) = calls(runtime, verb)
    assert given.pop("actor")["name"]
    assert given == args


def test_an_order_for_an_alarm_that_is_over_is_not_found(client: FlaskClient, runtime: FakeAlarms) -> None:
    assert client.post("/api/alarms/99/shelve", json={"seconds": 60, "reason": "r"}).status_code == 404
    assert calls(runtime, "shelve") == []


def test_a_reason_is_told_in_the_language_of_the_request(client: FlaskClient, runtime: FakeAlarms) -> None:
    runtime.refuse = "it has ended"
    runtime.refuse_ru = "она уже завершилась"
    for language, words in (("en", "it has ended"), ("ru", "она уже завершилась")):
        answer = client.post(f"/api/alarms/2/acknowledge?lang={language}", json={})
        assert (answer.status_code, answer.get_json()["error"]["message"]) == (409, words)


def test_what_is_suppressed_by_design_is_told_raised_or_not(client: FlaskClient, runtime: FakeAlarms) -> None:
    label = {"ru": "Обороты", "en": "Overspeed"}
    alarms = [{"key": "mkz.gpu2.warning_overspeed", "label": label, "priority": 3, "code": "WN0.1"}]
    runtime.suppressed.append(
        {"cause": "suppress:standing_still:mkz.gpu2", "reason": {"en": "Stands still", "ru": "Стоит"}, "site": "mkz",
         "device": "mkz.gpu2", "alarms": alarms}
    )  # fmt: skip
    answer = client.get("/api/alarms")
    check(answer, "/api/alarms")
    assert answer.get_json()["suppressed"] == runtime.suppressed
