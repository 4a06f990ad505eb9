"""REST of commands, tag-outs and forces: what reaches the runtime, and how its refusals come back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from runtime.outputs import ChannelServer, Refusal
from tagdb import RunDir
from tagdb.accounts import Role
from tests.ui.conftest import as_role
from tests.ui.fake_plant import FakePlant

OPERATION = {
    "id": 7, "device": "mkz.gpu1", "command": "stop", "label": {"en": "Stop", "ru": "Стоп"}, "value": None, "old": "",
    "new": "", "who": "operator", "begun": 1_700_000_000.0, "ended": None, "phase": "queued", "verdict": "under-way",
    "code": "", "reason": {}, "stages": [], "effect_within_s": 10.0, "effect_left_s": None, "to_wire_ms": None,
}  # fmt: skip


class FakeRoom:
    """Answers the verbs of control, and keeps the calls."""

    def __init__(self, plant: FakePlant) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.refusal: Refusal | None = None
        answers = {
            "select": {"token": "t", "expires_s": 15.0}, "operate": OPERATION, "cancel": {},
            "command-status": OPERATION,
            "tag-out": {"device": "mkz.gpu1", "who": "operator", "reason": "x", "since": 1.0, "retained": True},
            "tag-in": {"retained": True}, "release-force": {"retained": True}, "tag-outs": {"tag_outs": []},
            "forces": {"forces": []},
        }  # fmt: skip
        force = {"tag": "mkz.gpu1.coolant_temp", "value": 9.0, "who": "e", "reason": "x", "since": 1.0, "until": 61.0}
        answers["force"] = force
        verbs = {verb: self._verb(verb, answer) for verb, answer in answers.items()}
        self.server = ChannelServer(RunDir(plant.folder.folder).channel, verbs)

    def _verb(self, verb: str, answer: Any) -> Any:
        def handle(**args: Any) -> Any:
            self.calls.append((verb, args))
            if self.refusal:
                raise self.refusal
            return answer

        return handle


@pytest.fixture
def room(app: Flask, plant: FakePlant) -> Iterator[FakeRoom]:
    room = FakeRoom(plant)
    yield room
    room.server.close()


def test_select_and_operate_carry_actor_and_value(app: Flask, room: FakeRoom) -> None:
    client = as_role(app, Role.OPERATOR)
    assert client.post("/api/devices/mkz.gpu1/commands/limit/select", json={"value": 62.5}).get_json()["token"] == "t"
    answer = client.post("/api/devices/mkz.gpu1/commands/limit/operate", json={"value": 62.5, "token": "t"})
    assert (answer.get_json()["id"], answer.get_json()["begun"]) == (7, "2023-11-14T22:13:20.000Z")
    (select, one), (operate, two) = room.calls
    assert (select, one["device"], one["command"], one["value"]) == ("select", "mkz.gpu1", "limit", 62.5)
    assert (operate, two["token"], two["value"]) == ("operate", "t", 62.5)
    assert one["actor"] == two["actor"]
    assert one["actor"]["role"] == "operator"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("devices/mkz.gpu1/commands/stop/select", {"value": "1"}),
        ("devices/mkz.gpu1/commands/stop/select", {"value": True}),
        ("devices/mkz.gpu1/commands/stop/select", {"valeu": 1}),
        ("devices/mkz.gpu1/commands/stop/operate", {}),
        ("devices/mkz.gpu1/commands/stop/operate", {"token": "x" * 101}),
        ("devices/mkz.gpu1/commands/cancel", {"id": "7"}),
        ("tag-outs", {"device": "mkz.gpu1"}),
        ("force", {"tag": "mkz.gpu1.coolant_temp", "value": "9", "seconds": 60, "reason": "x"}),
    ],
)
def test_what_is_not_as_expected_never_reaches_the_runtime(
    app: Flask, room: FakeRoom, path: str, body: dict[str, Any]
) -> None:
    assert as_role(app, Role.ADMINISTRATOR).post(f"/api/{path}", json=body).status_code == 400
    assert room.calls == []


def test_unknown_devices_and_tags_are_told_with_a_suggestion(app: Flask, room: FakeRoom) -> None:
    client = as_role(app, Role.ADMINISTRATOR)
    answer = client.post("/api/devices/mkz.gpu9/commands/stop/select", json={})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "unknown-device")
    assert "did you mean" in answer.get_json()["error"]["message"]
    order = {"tag": "mkz.gpu1.coolant", "value": 1, "seconds": 60, "reason": "x"}
    assert client.post("/api/force", json=order).status_code == 404
    assert room.calls == []


def test_a_refusal_comes_in_both_languages(app: Flask, room: FakeRoom) -> None:
    room.refusal = Refusal("interlock", "manual mode only", {"en": "manual mode only", "ru": "только вручную"})
    answer = as_role(app, Role.OPERATOR).post("/api/devices/mkz.gpu1/commands/start/select", json={})
    assert answer.status_code == 409
    error = answer.get_json()["error"]
    assert (error["code"], error["words"]["ru"]) == ("interlock", "только вручную")


@pytest.mark.parametrize(
    ("code", "status"), [("unknown-value", 409), ("unknown-operation", 404), ("scan-stuck", 503), ("no-rule", 409)]
)
def test_what_a_refusal_is_to_http(app: Flask, room: FakeRoom, code: str, status: int) -> None:
    room.refusal = Refusal(code, "no")
    answer = as_role(app, Role.OPERATOR).post("/api/devices/mkz.gpu1/commands/start/select", json={"value": 9})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (status, code)


def test_locks_and_forces(app: Flask, room: FakeRoom) -> None:
    operator, engineer = as_role(app, Role.OPERATOR), as_role(app, Role.ENGINEER)
    assert operator.post("/api/tag-outs", json={"device": "mkz.gpu1", "reason": "x"}).get_json()["retained"] is True
    assert operator.post("/api/tag-outs/release", json={"device": "mkz.gpu1"}).status_code == 200
    order = {"tag": "mkz.gpu1.coolant_temp", "value": 9, "seconds": 60, "reason": "x"}
    assert operator.post("/api/force", json=order).status_code == 403
    assert engineer.post("/api/force", json=order).get_json()["until"] == "1970-01-01T00:01:01.000Z"
    assert [verb for verb, _ in room.calls] == ["tag-out", "tag-in", "force"]
    assert operator.get("/api/force").get_json() == {"forces": []}
    assert operator.get("/api/tag-outs").get_json() == {"tag_outs": []}
