"""What the UI asks of the runtime over the command channel: downloads, and what is too long for a tag."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask.testing import FlaskClient

from tests.ui.fake_plant import FakePlant
from tests.ui.test_api import check


@contextmanager
def answering(plant: FakePlant, answers: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """A runtime that gives these answers, in the order of the calls; the calls it got."""
    calls: list[dict[str, Any]] = []
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(plant.folder.channel))
    server.listen()

    def work() -> None:
        while True:
            try:
                sock, _ = server.accept()
            except OSError:
                return
            with sock, sock.makefile("rwb") as stream:
                calls.append(json.loads(stream.readline()))
                stream.write(json.dumps(answers[calls[-1]["verb"]]).encode() + b"\n")

    thread = threading.Thread(target=work)
    thread.start()
    yield calls
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


def test_frames_are_a_download(client: FlaskClient, plant: FakePlant) -> None:
    text = "> 01 03 00 00 00 01 84 0a\n< 01 03 02 02 00 b9 24\n"
    answers = {"frames": {"ok": True, "result": {"text": text, "frozen": True}}}
    with answering(plant, answers) as calls:
        answer = client.get("/api/links/mkz_line/frames")
    assert answer.get_data(as_text=True) == text
    assert answer.headers["Content-Disposition"] == 'attachment; filename="frames-mkz_line.txt"'
    assert answer.headers["X-Ring-Frozen"] == "true"
    assert (calls[0]["verb"], calls[0]["args"]["link"]) == ("frames", "mkz_line")
    assert calls[0]["args"]["actor"]["name"] == "test administrator"


def test_a_frozen_recording_is_released(client: FlaskClient, plant: FakePlant) -> None:
    with answering(plant, {"release-frames": {"ok": True, "result": {}}}) as calls:
        answer = client.post("/api/links/mkz_line/frames/release", headers={"Origin": "http://localhost"})
    assert (answer.status_code, answer.get_json()) == (200, {"link": "mkz_line", "frozen": False})
    assert calls[0]["verb"] == "release-frames"
    check(answer, "/api/links/{link}/frames/release", "post")


def test_a_refusal_is_an_error_of_the_usual_shape(client: FlaskClient, plant: FakePlant) -> None:
    with answering(plant, {"frames": {"ok": False, "error": "unknown-link", "message": "there is no link 'x'"}}):
        answer = client.get("/api/links/mkz_line/frames")
    assert answer.status_code == 404
    assert answer.get_json() == {"error": {"code": "unknown-link", "message": "there is no link 'x'"}}


def test_status_tells_faults_overruns_and_failed_rules(client: FlaskClient, plant: FakePlant) -> None:
    status = {
        "reload": {"report": [], "faults": ["scada.ini:3: unknown key 'perod_ms' (did you mean 'period_ms'?)"]},
        "overruns": [
            {"scan": 7, "time": 1_700_000_000.0, "phase": "start", "cause": "", "ms": 120.4},
            {"scan": 9, "time": 1_700_000_001.0, "phase": "logic", "cause": "rule x", "ms": 131.0},
        ],
        "rules": [{"name": "fine", "fault": None}, {"name": "hours", "fault": "ZeroDivisionError"}],
    }
    with answering(plant, {"status": {"ok": True, "result": status}}):
        answer = client.get("/api/runtime")
    check(answer, "/api/runtime")
    body = answer.get_json()
    assert body["faults"] == ["scada.ini:3: unknown key 'perod_ms' (did you mean 'period_ms'?)"]
    assert [row["scan"] for row in body["overruns"]] == [9, 7]
    assert body["overruns"][1]["time"] == "2023-11-14T22:13:20.000Z"
    assert body["failed_rules"] == [{"name": "hours", "fault": "ZeroDivisionError"}]
