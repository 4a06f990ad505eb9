"""REST of the programmes: versions, faults with their places, import and export, deletion."""

from __future__ import annotations

import copy

from programmes import load_programme, standard_programme
from tagdb.accounts import Role
from tests.ui.maintenance.conftest import Desk


def test_a_save_is_a_version_and_an_older_edit_is_a_conflict(desk: Desk) -> None:
    found = desk.get("/programmes/standard?lang=en")
    assert (found["version"], found["devices"], len(found["levels"])) == (1, ["mkz.gpu1", "mkz.gpu2"], 4)
    body = copy.deepcopy(found["body"])
    tasks = body["levels"]["to1"]["tasks"]
    body["levels"]["to1"]["tasks"] = dict(sorted(tasks.items(), reverse=True))
    assert desk.send("PUT", "/programmes/standard", body=body, revision=1, comment="order")["version"] == 2
    current = desk.send("PUT", "/programmes/standard", 409, role=Role.ADMINISTRATOR, body=found["body"], revision=1)
    assert current["error"]["current"]["revision"] == 2
    again = desk.get("/programmes/standard")
    assert list(again["body"]["levels"]["to1"]["tasks"]) == sorted(tasks, reverse=True), "the order is kept"
    assert [(one["version"], one["comment"]) for one in again["history"]] == [(2, "order"), (1, "")]
    assert list(desk.get("/programmes/standard?version=1")["body"]["levels"]["to1"]["tasks"]) == list(tasks)
    assert desk.client.get("/api/maintenance/programmes/standard?version=9").status_code == 404


def test_faults_have_their_places(desk: Desk) -> None:
    body = desk.get("/programmes/standard")["body"]
    body["levels"]["to1"]["includes"] = ["to4"]
    body["levels"]["to2"]["every_h"] = -1
    faults = desk.send("PUT", "/programmes/standard", 422, body=body, revision=1)["error"]["faults"]
    assert {fault["message"] for fault in faults} == {
        "every_h: found number -1, expected a number above 0",
        "includes: in a circle, to1 -> to4 -> to3 -> to2 -> to1",
    }


def test_import_and_export(desk: Desk) -> None:
    text = desk.client.get("/api/maintenance/programmes/standard/yaml").get_data(as_text=True)
    assert load_programme("x", text) == standard_programme()
    mine = text.replace("programme: standard", "programme: mine")
    assert desk.send("POST", "/programmes/import", yaml=mine, revision=0)["code"] == "mine"
    assert desk.send("POST", "/programmes/import", 409, yaml=mine, revision=0)["error"]["code"] == "programme-exists"
    faults = desk.send(
        "POST", "/programmes/import", 422, yaml=mine.replace("every_h: 250", "every_hours: 250"), revision=1
    )
    told = faults["error"]["faults"]
    assert "unknown key 'every_hours' (did you mean 'every_h'?)" in {one["message"] for one in told}
    assert all(one["line"] for one in told)
    refused = desk.send("DELETE", "/programmes/standard", 409)
    assert "in use by mkz.gpu1, mkz.gpu2" in refused["error"]["message"]
    desk.send("DELETE", "/programmes/mine")
    assert [one["code"] for one in desk.get("/programmes")["programmes"]] == ["standard"]
