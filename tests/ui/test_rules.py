"""REST of the rules, against a fake command channel."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from tests.ui.fake_alarms import FakeAlarms, alarm, rule
from tests.ui.fake_plant import FakePlant
from tests.ui.test_api import check

HOT = "rule:hot.high:mkz.gpu1"


@pytest.fixture
def runtime(plant: FakePlant) -> Iterator[FakeAlarms]:
    with FakeAlarms(plant.folder.channel, [alarm(5, key=HOT, raised_at=1_700_000_000.0)]).answering() as fake:
        fake.rules = [
            rule("tag:mkz.gpu1.power_total", outputs=["mkz.gpu1.power_total"], mean_us=4.5),
            rule(HOT, "alarm", active=True, priority=2, mean_us=2.0),
            rule("rule:cold:mkz.gpu1", "alarm", active=False),
            rule("rule:odd:mkz.gpu1", "alarm", active=None),
            rule("python:fuel:mkz.gpu1", "python", fault="Traceback\nZeroDivisionError"),
            rule("tag:new", runs=0),
        ]
        yield fake


def test_rules_with_their_state_cost_and_last_change(client: FlaskClient, runtime: FakeAlarms) -> None:
    answer = client.get("/api/rules")
    check(answer, "/api/rules")
    body = answer.get_json()
    rows = {row["name"]: row for row in body["rules"]}
    assert [row["state"] for row in body["rules"]] == ["ok", "active", "ok", "unknown", "fault", "idle"]
    assert (rows[HOT]["alarm"], rows[HOT]["changed"]) == (
        {"id": 5, "state": "unacknowledged"},
        "2023-11-14T22:13:20.000Z",
    )
    assert rows["rule:cold:mkz.gpu1"]["alarm"] is None
    assert rows["tag:mkz.gpu1.power_total"]["changed"] is not None
    assert rows["tag:new"]["file"] == "rules/gensets.yaml"
    assert "ZeroDivisionError" in rows["python:fuel:mkz.gpu1"]["fault"]
    assert (body["cost_us"], body["period_ms"]) == (4.8, 100.0), "asked in every second scan"


def test_without_a_runtime_there_are_no_rules(client: FlaskClient, plant: FakePlant) -> None:
    answer = client.get("/api/rules")
    assert answer.status_code == 503
    check(answer, "/api/rules")
