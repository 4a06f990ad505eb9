"""REST of the engines: fleet, one engine, programme, offset, last services, calendar, exports."""

from __future__ import annotations

import csv
import io
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from tagdb import Quality
from tagdb.accounts import Role
from tagdb.maintenance import OffsetRecord
from tests.ui.conftest import as_role
from tests.ui.maintenance.conftest import DAY, NOW, Desk
from tests.ui.test_api import check
from ui.maintenance.board import Board


def test_the_fleet_says_what_is_due_and_who_has_no_log(desk: Desk) -> None:
    first, second = desk.get("?lang=en")["devices"]
    assert (first["device"], first["title"], first["hours"], first["meter"]) == (
        "mkz.gpu1",
        "Genset 1",
        1200.0,
        "last-known",
    )
    assert (first["state"], first["per_day"]) == ("warning", 20.0)
    following = first["next"]
    assert (following["title"], following["left_h"], following["due_h"], following["progress"]) == (
        "TO-1",
        50.0,
        1250.0,
        0.8,
    )
    assert following["expected"] == "2026-11-26T00:00:00.000Z"
    assert (second["state"], second["next"], second["hours"]) == ("unknown", None, 16908.0)
    assert second["unknown"] == ["to1", "to2", "to3", "to4"]


def test_answers_are_as_documented(desk: Desk) -> None:
    base = "/api/maintenance"
    desk.start()
    for documented, path in {
        "": "", "/devices/{device}": "/devices/mkz.gpu1", "/log": "/log", "/calendar": "/calendar",
        "/programmes": "/programmes",
        "/programmes/{programme}": "/programmes/standard", "/services/{service}": "/services/service-1",
    }.items():  # fmt: skip
        check(desk.client.get(base + path), base + documented)
    for documented, path in {
        "/devices/{device}": "/devices/none", "/programmes/{programme}": "/programmes/none",
        "/services/{service}": "/services/none", "/photos/{photo}": "/photos/none",
    }.items():  # fmt: skip
        answer = desk.client.get(base + path)
        assert answer.status_code == 404
        check(answer, base + documented)


def test_last_services_are_entered_once(desk: Desk) -> None:
    rows = [
        {"id": "first-aaa", "level": "to4", "done_at": "2026-06-01T00:00:00+10:00", "done_hours": 15400},
        {"id": "first-bbb", "level": "to1", "done_at": "2026-11-01", "done_hours": 16800},
    ]
    for _ in range(2):
        desk.send("POST", "/devices/mkz.gpu2/initial", 201, levels=rows, note="paper log")
    engine = desk.get("/devices/mkz.gpu2")
    assert [(entry["level"], entry["kind"], entry["note"]) for entry in engine["log"]] == [
        ("to1", "initial", "paper log"), ("to4", "initial", "paper log"),
    ]  # fmt: skip
    assert (engine["state"], engine["unknown"]) == ("overdue", [])
    assert {level["level"]: level["left_h"] for level in engine["levels"]}["to4"] == 492.0
    assert engine["log"][1]["done_at"] == "2026-05-31T14:00:00.000Z"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"level": "to1", "done_at": "2026-01-01", "done_hours": 5}, "'id' is missing"),
        ({"id": "x", "level": "to1", "done_at": "2026-01-01", "done_hours": 5}, "8 to 64"),
        ({"id": "x" * 8, "level": "to1", "done_at": "yesterday", "done_hours": 5}, "expected a time"),
        ({"id": "x" * 8, "level": "to1", "done_at": "2027-01-01", "done_hours": 5}, "in the future"),
        ({"id": "x" * 8, "level": "to1", "done_at": "2026-01-01", "done_hours": -5}, "engine hours"),
    ],
)
def test_what_cannot_be_is_refused(desk: Desk, row: dict[str, object], words: str) -> None:
    answer = desk.send("POST", "/devices/mkz.gpu2/initial", 400, levels=[row])
    assert words in answer["error"]["message"]


def test_an_offset_has_a_reason_and_moves_what_is_shown(desk: Desk) -> None:
    assert desk.send("POST", "/devices/mkz.gpu1/offset", 400, hours=1300)["error"]["message"] == "'reason' is missing"
    assert desk.send("POST", "/devices/mkz.gpu1/offset", hours=1300, reason="new controller")["added"] == 100.0
    engine = desk.get("/devices/mkz.gpu1")
    assert (engine["hours"], engine["offset_h"], engine["state"]) == (1300.0, 100.0, "overdue")
    assert engine["offsets"][0] | {"time": None} == {
        "time": None, "who": "test engineer", "reason": "new controller", "hours": 100.0, "before": 1200.0,
    }  # fmt: skip


def test_of_two_who_set_the_hours_the_second_one_is_told(desk: Desk) -> None:
    desk.send("POST", "/devices/mkz.gpu1/offset", role=Role.OPERATOR, hours=1300, reason="panel", revision=0)
    refused = desk.send("POST", "/devices/mkz.gpu1/offset", 409, hours=1310, reason="panel", revision=0)
    assert refused["error"]["code"] == "hours-changed"
    assert (refused["error"]["current"]["who"], refused["error"]["current"]["revision"]) == ("test operator", 1)
    assert desk.send("POST", "/devices/mkz.gpu1/offset", hours=1310, reason="panel", revision=1)["added"] == 10.0


def test_hours_set_a_moment_ago_are_shown_before_the_runtime_has_them(desk: Desk) -> None:
    """Its tag still says 1,200 h with the offset of before: a second correction must not add to that."""
    values = {"mkz.gpu1.maint_hours": 1200.0, "mkz.gpu1.maint_offset_h": 0.0, "mkz.gpu1.maint_meter": 1.0}
    view: Any = SimpleNamespace(
        tags={name: SimpleNamespace(name=name, slot=0) for name in values},
        snapshot=SimpleNamespace(quality=[Quality.GOOD]),
        value=lambda tag: values[tag.name],
        directory=SimpleNamespace(devices=[SimpleNamespace(name="mkz.gpu1")]),
    )
    desk.store.add_offset(OffsetRecord("mkz.gpu1", NOW, "Иванов", "panel", 100.0, 1200.0))
    assert Board(desk.store, view, NOW).engines["mkz.gpu1"].hours == 1300.0
    values |= {"mkz.gpu1.maint_hours": 1300.0, "mkz.gpu1.maint_offset_h": 100.0}
    assert Board(desk.store, view, NOW).engines["mkz.gpu1"].hours == 1300.0


@pytest.mark.parametrize(
    ("level", "hours", "status", "code"),
    [
        ("to1", 16950.0, 422, "hours-ahead"),
        ("to1", None, 422, "hours-missing"),
        ("to9", 16000.0, 404, "unknown-level"),
    ],
)
def test_last_services_that_cannot_be_are_refused_as_a_whole(
    desk: Desk, level: str, hours: float | None, status: int, code: str
) -> None:
    """At hours that the engine has not reached, a service would put off what is due."""
    rows = [
        {"id": "first-aaa", "level": "to4", "done_at": "2026-06-01", "done_hours": 15400},
        {"id": "first-bbb", "level": level, "done_at": "2026-11-01", "done_hours": hours},
    ]
    refused = desk.send("POST", "/devices/mkz.gpu2/initial", status, levels=rows)
    assert refused["error"]["code"] == code
    assert desk.get("/devices/mkz.gpu2")["log"] == []


def test_a_programme_is_given_once_by_one(desk: Desk) -> None:
    assert desk.send("PUT", "/devices/mkz.gpu1", programme=None, revision=1)["revision"] == 2
    refused = desk.send("PUT", "/devices/mkz.gpu1", 409, programme="standard", revision=1)
    assert refused["error"]["current"] == {"programme": None, "revision": 2}
    assert desk.get("/devices/mkz.gpu1")["state"] == "none"
    assert desk.send("PUT", "/devices/none", 404, programme=None, revision=1)["error"]["code"] == "unknown-device"


def test_the_calendar_follows_each_level_beyond_the_next(desk: Desk) -> None:
    found = desk.get("/calendar?ahead=60")
    mine = [(event["title"], event["state"], event["hours"]) for event in found["coming"]]
    assert mine[:3] == [("TO-1", "warning", 1250.0), ("TO-2", "later", 1500.0), ("TO-1", "later", 1750.0)]
    assert {event["device"] for event in found["coming"]} == {"mkz.gpu1"}, "without a log nothing is expected"
    times = [event["time"] for event in found["coming"]]
    assert times == sorted(times)


def test_exports(desk: Desk) -> None:
    desk.start()
    desk.fill()
    desk.send("PUT", "/services/service-1/items/note", note="=1+1", revision=0)
    desk.send("POST", "/services/service-1/sign", done_at="2026-11-23T10:00:00Z", done_hours=1199)
    sheet = desk.client.get("/api/maintenance/log.csv?lang=en").get_data(as_text=True)
    rows = list(csv.DictReader(io.StringIO(sheet.removeprefix("\ufeff"))))
    assert [(row["Device"], row["Level"], row["Engine hours"], row["Signed by"]) for row in rows] == [
        ("mkz.gpu1", "to1", "1199.0", "test engineer"), ("mkz.gpu1", "to4", "1000.0", "Иванов"),
    ]  # fmt: skip
    assert rows[0]["Note"] == "'=1+1", "no formula of somebody else's"
    assert desk.client.get("/api/maintenance/log.csv?lang=ru").get_data(as_text=True).count(";") > 20
    told = yaml.safe_load(desk.client.get("/api/maintenance/log.yaml?device=mkz.gpu1").get_data(as_text=True))
    assert {item["task"] for item in told["log"][0]["items"]} == {
        "",
        "to1.change_engine_oil",
        "to1.replace_oil_filter",
        "to1.check_oil_pressure",
    }
    assert desk.client.get("/api/maintenance/log.yaml?device=none").get_data(as_text=True) == "log: []\n"


def test_without_a_history_it_says_so(desk: Desk) -> None:
    desk.client.application.extensions["scada-maintenance"].url = ""
    answer = desk.client.get("/api/maintenance")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (503, "no-history")
    assert desk.client.get("/maintenance").status_code == 200
    assert NOW - DAY > 0


def test_who_may_what(desk: Desk) -> None:
    start = {"id": "service-1", "device": "mkz.gpu1", "level": "to1"}
    assert desk.send("POST", "/services", 403, role=Role.VIEWER, **start)["error"]["code"] == "not-allowed"
    elsewhere = as_role(desk.app, Role.OPERATOR, ("yakz",)).post("/api/maintenance/services", json=start)
    assert (elsewhere.status_code, elsewhere.get_json()["error"]["code"]) == (403, "not-your-site")
    desk.send("POST", "/services", 201, role=Role.OPERATOR, **start)
    body = desk.get("/programmes/standard")["body"]
    assert desk.send("PUT", "/programmes/standard", 403, role=Role.OPERATOR, body=body, revision=1)
    assert desk.send("POST", "/devices/mkz.gpu1/offset", 403, role=Role.VIEWER, hours=1, reason="x")
    assert as_role(desk.app, None).get("/api/maintenance").status_code == 401
