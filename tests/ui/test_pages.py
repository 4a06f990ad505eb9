"""Pages: both languages complete, nothing inline, nothing from elsewhere, the security headers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.ui.fake_plant import FakePlant
from ui.language import Language, texts

UI = Path(__file__).parents[2] / "ui"
PAGES = [
    "/", "/trends", "/reports", "/tags/mkz.gpu1.power_total", "/alarms", "/journal",
    "/devices", "/runtime", "/rules", "/maintenance",
]  # fmt: skip
#: keys that are put together from parts: their beginnings
COMPOSED = (
    "unit.", "reason.", "explain.", "short.", "origin.", "kind.", "function.", "age.", "byte.", "banner.", "scan.",
    "device.", "links.", "measure.", "quality.", "help.", "filter.changed.", "trend.window.", "bool.", "alarm.", "nav.",
    "runtime.", "tree.scada.", "phase.", "priority.", "astate.", "event.", "category.", "health.", "alarms.state.",
    "alarms.tab.", "alarms.shelve.", "account.tab.", "audit.", "denied.", "error.", "right.", "role.", "session.",
    "setup.", "tokens.", "users.", "sound.", "journal.span.", "journal.by.", "rules.", "system.", "maint.",
    "trends.span.", "reports.kind.", "trends.compare.",
    "control.kind.", "control.stage.", "control.proof-state.", "control.verdict.",
)  # fmt: skip


def test_both_languages_have_the_same_keys_and_parts() -> None:
    ru, en = texts(Language.RU), texts(Language.EN)
    assert set(ru) == set(en)
    for key in ru:
        assert set(re.findall(r"\{(\w+)\}", ru[key])) == set(re.findall(r"\{(\w+)\}", en[key])), key


def test_every_text_that_is_used_exists_and_every_text_is_used() -> None:
    known = set(texts(Language.RU))
    sources = [*UI.glob("templates/**/*.html"), *UI.glob("static/js/**/*.js"), *UI.glob("**/*.py")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    used = set(re.findall(r"""\bt\(["']([a-z0-9_.\-]+[a-z0-9_])["']""", code))
    assert used - known == set()
    plain = {key for key in known if not key.startswith(COMPOSED)}
    unused = {key for key in plain if f'"{key}"' not in code and f"'{key}'" not in code}
    assert unused == set()


def test_no_text_without_a_key_in_templates() -> None:
    for path in UI.glob("templates/**/*.html"):
        text = re.sub(r"\{[{%#].*?[%}#]\}", "", path.read_text(encoding="utf-8"), flags=re.S)
        assert not re.search("[А-Яа-я]", text), path


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["ru", "en"])
def test_pages(client: FlaskClient, page: str, language: str) -> None:
    answer = client.get(f"{page}?lang={language}")
    html = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in html
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", html)
    scripts = re.findall(r"<script([^>]*)>", html)
    assert all("src=" in script or 'type="application/json"' in script for script in scripts)
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", html)
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_pages_follow_the_configured_language_and_the_users_choice(client: FlaskClient) -> None:
    def language(**headers: str) -> str:
        html = client.get("/", headers=headers).get_data(as_text=True)
        match = re.search(r'<html lang="(\w+)"', html)
        assert match
        return match[1]

    assert language() == "ru"
    assert language(**{"Accept-Language": "en"}) == "ru"
    assert language(Cookie="lang=en") == "en"


def test_links_keep_their_query(client: FlaskClient) -> None:
    answer = client.get("/tags?prefix=mkz.&q=%40220")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/?prefix=mkz.&q=%40220")


def test_an_unknown_tag_is_a_page_that_says_so(client: FlaskClient) -> None:
    answer = client.get("/tags/mkz.gpu1.power_totl")
    html = answer.get_data(as_text=True)
    assert answer.status_code == 404
    assert "did you mean" in html
    assert "<html" in html


def test_pages_open_without_a_runtime(client: FlaskClient, plant: FakePlant) -> None:
    plant.close()
    for page in PAGES:
        assert client.get(page).status_code == 200


def test_nothing_in_the_scripts_points_elsewhere() -> None:
    for path in (UI / "static").rglob("*"):
        if path.suffix in (".js", ".css", ".svg") and "vendor" not in path.parts:
            urls = re.findall(r"https?://[^\s\"'`)]+", path.read_text(encoding="utf-8"))
            assert set(urls) <= {"http://www.w3.org/2000/svg"}, path


def test_the_vendored_library_is_named() -> None:
    folder = UI / "static" / "vendor" / "uplot"
    assert "1.6.32" in (folder / "VERSION").read_text()
    assert "MIT" in (folder / "LICENSE").read_text()


def test_the_openapi_file_is_sound() -> None:
    document = json.loads((UI / "openapi.json").read_text(encoding="utf-8"))
    assert document["openapi"].startswith("3.1")
    for reference in re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)):
        assert reference in document["components"]["schemas"]
