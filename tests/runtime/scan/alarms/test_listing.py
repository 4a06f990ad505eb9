"""The alarm list as plain JSON."""

import json

from runtime.scan.alarms import Listed, listing
from tests.runtime.scan.alarms.plant import Plant

STOP = "mkz.gpu1.stop"


def test_open_alarms_and_shelves(running: Plant) -> None:
    running.set(stop=1, warn=1, unknown=0x8000)
    running.scan()
    running.engine.orders.shelve("mkz.gpu1.warn", 60.0, "noise", "anna", running.now)
    running.engine.orders.take_out("mkz.gpu2.stop", "maintenance", "boris", running.now)
    body = listing(Listed.of(running.engine, running.now))
    assert json.loads(json.dumps(body)) == body
    assert body["revision"] == running.engine.revision
    rows = {row["key"]: row for row in body["alarms"]}
    assert list(rows) == [STOP, "mkz.gpu1.warn", "mkz.gpu1.unknown"]
    assert {name: rows[STOP][name] for name in ("state", "priority", "kind", "site", "device", "value_raised")} == {
        "state": "unacknowledged",
        "priority": 1,
        "kind": "shutdown",
        "site": "mkz",
        "device": "mkz.gpu1",
        "value_raised": True,
    }
    assert rows["mkz.gpu1.warn"]["state"] == "shelved"
    assert [(row["key"], row["who"], row["until"] is None) for row in body["shelves"]] == [
        ("mkz.gpu1.warn", "anna", False),
        ("mkz.gpu2.stop", "boris", True),
    ]
    assert body["shelves"][0]["label"] == {"en": "mkz.gpu1.warn", "ru": "mkz.gpu1.warn"}


def test_what_is_suppressed_by_design_is_listed_by_cause_and_device(running: Plant) -> None:
    why = {"en": "The genset stands still", "ru": "Агрегат стоит"}
    for key in (STOP, "mkz.gpu1.warn", "mkz.gpu2.stop"):
        running.engine.suppress(key, "suppress:still", why, running.now)
    running.engine.suppress(STOP, "mkz.gpu1.maintenance", {"en": "Service", "ru": "ТО"}, running.now)
    running.scan()
    rows = listing(Listed.of(running.engine, running.now))["suppressed"]
    assert [(row["device"], row["cause"], [alarm["key"] for alarm in row["alarms"]]) for row in rows] == [
        ("mkz.gpu1", "mkz.gpu1.maintenance", [STOP]),
        ("mkz.gpu1", "suppress:still", [STOP, "mkz.gpu1.warn"]),
        ("mkz.gpu2", "suppress:still", ["mkz.gpu2.stop"]),
    ]
    assert rows[1]["reason"] == why
    assert rows[1]["alarms"][0] == {"key": STOP, "label": {"en": STOP, "ru": STOP}, "priority": 1, "code": ""}
    for key in (STOP, "mkz.gpu1.warn", "mkz.gpu2.stop"):
        running.engine.suppress(key, "suppress:still", {}, running.now)
    assert [row["cause"] for row in listing(Listed.of(running.engine, running.now))["suppressed"]] == [
        "mkz.gpu1.maintenance"
    ]
