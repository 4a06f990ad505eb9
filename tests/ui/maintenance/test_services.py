"""REST of a service: from start to signature, conflicts, photos, corrections, the act."""

from __future__ import annotations

import io
import re
import zlib
from pathlib import Path

import pytest
from PIL import Image

from reports import ReportSettings
from tagdb.accounts import Role
from tests.ui.conftest import as_role
from tests.ui.maintenance.conftest import Desk

SIGN = {"done_at": "2026-11-23T10:00:00Z", "done_hours": 1199}


def test_from_start_to_act(desk: Desk) -> None:
    begun = desk.start("service-1", "to2")
    assert [section["title"] for section in begun["sections"]] == ["TO-1", "TO-2"], "TO-2 does TO-1"
    assert desk.start("service-1", "to2")["id"] == "service-1", "sent twice, started once"
    assert (
        desk.send("POST", "/services", 409, id="service-2", device="mkz.gpu1", level="to2")["error"]["current"]["id"]
        == "service-1"
    )
    refused = desk.send("POST", "/services/service-1/sign", 422, **SIGN)
    assert refused["error"]["code"] == "tasks-missing"
    for section in begun["sections"]:
        for task in section["tasks"]:
            if task["critical"]:
                desk.send(
                    "PUT", f"/services/service-1/items/{task['task']}", answer="done", revision=0, stamp=task["task"]
                )
    desk.send(
        "PUT",
        "/services/service-1/items/to1.check_fasteners",
        answer="not_done",
        reason="no spanner",
        value="12",
        revision=0,
    )
    used = [{"en": "Oil", "ru": "Масло", "quantity": 20, "unit": "l"}]
    desk.send("PUT", "/services/service-1/items/to1.change_engine_oil", answer="done", consumables=used, revision=1)
    desk.send("PUT", "/services/service-1/items/note", note="all well", revision=0)
    assert (
        desk.send("POST", "/services/service-1/sign", 422, done_at=SIGN["done_at"])["error"]["code"] == "hours-missing"
    )
    ahead = desk.send("POST", "/services/service-1/sign", 422, done_at=SIGN["done_at"], done_hours=1300)
    assert "has run 1200.0 h" in ahead["error"]["message"]
    signed = desk.send("POST", "/services/service-1/sign", **SIGN)
    assert (signed["state"], signed["done_hours"], signed["signed_by"], signed["note"]) == (
        "signed",
        1199.0,
        "test engineer",
        "all well",
    )
    assert desk.send("POST", "/services/service-1/sign", **SIGN)["signed_at"] == signed["signed_at"]
    assert (
        desk.send("PUT", "/services/service-1/items/note", 409, note="x", revision=1)["error"]["code"]
        == "service-closed"
    )
    engine = desk.get("/devices/mkz.gpu1")
    assert {level["level"]: level["last"]["hours"] for level in engine["levels"]} == {
        "to1": 1199.0,
        "to2": 1199.0,
        "to3": 1000.0,
        "to4": 1000.0,
    }
    page = desk.client.get("/maintenance/services/service-1/act?lang=en&zone=180").get_data(as_text=True)
    for words in ("23.11.2026 13:00 (UTC+03:00)", "no spanner", "Oil: 20 l", "all well", "Genset 1"):
        assert words in page, words
    russian = desk.client.get("/maintenance/services/service-1/act?lang=ru").get_data(as_text=True)
    assert "Масло: 20 l" in russian
    assert "act-draft" not in russian
    pdf = desk.client.get("/api/maintenance/services/service-1/act.pdf?lang=ru")
    assert (pdf.mimetype, pdf.data[:5]) == ("application/pdf", b"%PDF-")
    assert 10_000 < len(pdf.data) < 200_000


def test_a_task_answered_by_two_is_a_conflict_with_what_stands_there(desk: Desk) -> None:
    desk.start()
    path = "/services/service-1/items/to1.check_fasteners"
    assert desk.send("PUT", path, answer="done", revision=0, stamp="phone")["revision"] == 1
    assert desk.send("PUT", path, answer="done", revision=0, stamp="phone")["revision"] == 1, (
        "sent again after a lost answer"
    )
    other = desk.send("PUT", path, 409, role=Role.OPERATOR, answer="na", revision=0, stamp="other")
    current = other["error"]["current"]
    assert (current["answer"], current["who"], current["revision"]) == ("done", "test engineer", 1)
    assert desk.send("PUT", path, role=Role.OPERATOR, answer="na", revision=1, stamp="other2")["who"] == "test operator"
    assert desk.send("PUT", path, 422, answer="not_done", revision=2)["error"]["code"] == "reason-missing"
    assert (
        desk.send("PUT", path, 400, answer="done", revision=2, consumables=[{"quantity": "x"}])["error"]["code"]
        == "bad-order"
    )
    assert (
        desk.send("PUT", "/services/service-1/items/to1.none", 404, answer="done", revision=0)["error"]["code"]
        == "unknown-task"
    )


def test_corrections_and_giving_up(desk: Desk) -> None:
    desk.start()
    desk.fill()
    desk.send("POST", "/services/service-1/sign", **SIGN)
    assert (
        desk.send("POST", "/services/service-1/correct", 400, id="correct-1", reason="typo")["error"]["code"]
        == "bad-order"
    )
    line = desk.send("POST", "/services/service-1/correct", 201, id="correct-1", reason="typo", done_hours=1190)
    assert (line["kind"], line["corrects"], line["done_hours"], line["sections"]) == (
        "correction",
        "service-1",
        1190.0,
        [],
    )
    assert desk.get("/devices/mkz.gpu1")["levels"][0]["last"]["hours"] == 1190.0
    assert "typo" in desk.client.get("/maintenance/services/service-1/act").get_data(as_text=True)
    desk.send("POST", "/services/correct-1/correct", 201, id="correct-2", reason="was not done", void=True)
    assert desk.get("/devices/mkz.gpu1")["levels"][0]["last"]["hours"] == 1000.0
    desk.start("service-2")
    assert desk.send("POST", "/services/service-2/cancel", reason="by mistake")["state"] == "cancelled"
    assert desk.get("/devices/mkz.gpu1")["open"] == []


def test_an_act_tells_every_correction_and_that_it_is_not_signed(desk: Desk) -> None:
    desk.start()
    path = "/maintenance/services/service-1/act?lang=en"
    assert "act-draft" in desk.client.get(path).get_data(as_text=True)
    assert desk.client.get("/api/maintenance/services/service-1/act.pdf").data[:5] == b"%PDF-"
    desk.fill()
    desk.send("POST", "/services/service-1/sign", **SIGN)
    desk.send("POST", "/services/service-1/correct", 201, id="correct-1", reason="typo", done_hours=1190)
    desk.send("POST", "/services/correct-1/correct", 201, id="correct-2", reason="wrong engine", void=True)
    page = desk.client.get(path).get_data(as_text=True)
    assert "typo. Done: 23.11.2026 10:00 (UTC), Engine hours: 1190.0" in page
    assert "wrong engine. This was not done" in page, "a correction of the correction, too"


def test_an_act_has_the_time_of_its_site(desk: Desk, tmp_path: Path) -> None:
    desk.app.extensions["scada"].reports = ReportSettings(tmp_path, zone="UTC", zones={"mkz": "Europe/Moscow"})
    desk.start()
    desk.fill()
    desk.send("POST", "/services/service-1/sign", **SIGN)
    page = desk.client.get("/maintenance/services/service-1/act").get_data(as_text=True)
    assert "23.11.2026 13:00 (UTC+03:00)" in page


def test_an_act_as_pdf_has_its_photos_and_breaks_where_it_should(desk: Desk) -> None:
    desk.start("service-1", "to4")
    for number in range(4):
        url = f"/api/maintenance/services/service-1/photos?task=to1.check_fasteners&id=photo-00{number}"
        data = picture("PNG" if number else "JPEG", (1600, 1200 + 100 * number))
        assert desk.client.post(url, data=data, content_type="image/jpeg").status_code == 201
    long = " ".join(["the seal leaks, a new one is ordered and comes next week;"] * 8)
    for section in desk.get("/services/service-1")["sections"]:
        for task in section["tasks"]:
            desk.send("PUT", f"/services/service-1/items/{task['task']}", answer="done", note=long, revision=0)
    (desk.app.extensions["scada-maintenance"].photos / "photo-003").write_bytes(b"damaged")
    pdf = desk.client.get("/api/maintenance/services/service-1/act.pdf?lang=ru").data
    pages = len(re.findall(rb"/Type /Page\b", pdf))
    assert 6 <= pages <= 20
    assert len(re.findall(rb"/Subtype /Image\b", pdf)) == 3, "the damaged one is left out"
    assert len(re.findall(rb"/FontFile2\b", pdf)) == 2, "the fonts are in the file"
    html = desk.client.get("/maintenance/services/service-1/act").get_data(as_text=True)
    assert html.count("<figure>") == 4


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 30)) -> bytes:
    page = io.BytesIO()
    Image.new("RGB", size, (200, 80, 40)).save(page, kind)
    return page.getvalue()


def test_photos_are_pictures_of_a_limited_size(desk: Desk) -> None:
    desk.start()
    url = "/api/maintenance/services/service-1/photos?task=to1.check_fasteners&name=a.jpg&id="
    data = picture()
    for _ in range(2):
        answer = desk.client.post(f"{url}photo-001", data=data, content_type="image/jpeg")
        assert answer.status_code == 201, answer.text
    photo = answer.get_json()
    shown = desk.client.get(photo["url"])
    assert (shown.data, shown.headers["Cache-Control"]) == (data, "private, max-age=86400")
    assert len(desk.get("/services/service-1")["photos"]) == 1
    assert (
        desk.client.post(f"{url}photo-002", data=picture("PNG"), content_type="image/jpeg").get_json()["mime"]
        == "image/png"
    )
    for bad, status in (
        (b"<svg/>", 415),
        (b"", 415),
        (data[:60], 415),
        (picture("GIF"), 415),
        (b"x" * (13 << 20), 413),
    ):
        assert desk.client.post(f"{url}photo-003", data=bad, content_type="image/jpeg").status_code == status
    folder = desk.app.extensions["scada-maintenance"].photos
    desk.send("POST", "/services/service-1/cancel", reason="by mistake")
    assert desk.client.post(f"{url}photo-005", data=data, content_type="image/jpeg").status_code == 409
    assert sorted(path.name for path in folder.iterdir()) == ["photo-001", "photo-002"], "no file without a record"
    assert desk.client.post(f"{url}../../etc", data=data, content_type="image/jpeg").status_code == 400
    viewer = as_role(desk.app, Role.VIEWER)
    assert viewer.post(url + "photo-004", data=data, content_type="image/jpeg").status_code == 403


def test_a_picture_that_unpacks_to_far_more_is_refused(desk: Desk) -> None:
    desk.start()
    head = (20000).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    chunk = b"IHDR" + head
    bomb = b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
    answer = desk.client.post(
        "/api/maintenance/services/service-1/photos?id=photo-009", data=bomb, content_type="image/png"
    )
    assert answer.status_code in (413, 415)


def test_the_service_worker_may_see_the_checklists_alone(desk: Desk) -> None:
    answer = desk.client.get("/maintenance/services/worker.js")
    assert (answer.status_code, answer.mimetype) == (200, "text/javascript")
    assert answer.headers["Cache-Control"] == "no-cache", "a new one is found at the next visit"
    assert "Service-Worker-Allowed" not in answer.headers, "its scope is the folder that it comes from"
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("field", ["device", "level", "id"])
def test_a_field_that_is_missing_is_named(desk: Desk, field: str) -> None:
    body = {"id": "service-1", "device": "mkz.gpu1", "level": "to1"}
    del body[field]
    assert f"'{field}' is missing" in desk.send("POST", "/services", 400, **body)["error"]["message"]
