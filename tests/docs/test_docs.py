"""The documentation is complete and current: keys, commands, quality codes, tags, requests, messages, links, paths."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from registermaps.mapschema import key_docs
from runtime.assembly import Assembly
from runtime.commands.main import build_parser
from runtime.settings_keys import SECTIONS
from runtime.wire import errors
from tagdb import Kind, Quality
from tests.docs.markdown import PAGES, ROOT, anchors, links, prose, samples
from tools import reference

DOCS = ROOT / "docs"
#: a path of the repository in backquotes, perhaps with a test behind it
_PATH = re.compile(
    r"`((?:registermaps|runtime|tagdb|ui|tests|tools|docs|benchmarks)/[\w./-]*[\w/]|Makefile|scada\.ini|setup\.cfg)"
    r"(?:::(\w+))?`"
)


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def named(page_text: str) -> set[str]:
    """What stands in backquotes."""
    return set(re.findall(r"`([^`\n]+)`", page_text))


@pytest.mark.parametrize("path", sorted((DOCS / "reference").glob("*.md")), ids=lambda path: path.name)
def test_tables_are_current(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert reference.fill(text) == text, "run: python tools/reference.py"


def test_every_table_is_on_a_page() -> None:
    marks = set(re.findall(r"<!-- table: ([\w.-]+) -->", "".join(p.read_text() for p in DOCS.glob("reference/*.md"))))
    assert marks == set(reference.TABLES)


def test_every_ini_key_is_in_its_section() -> None:
    text = page("reference/scada-ini.md")
    for section, keys in SECTIONS.items():
        body = re.split(rf"^## \[{section}\b", text, flags=re.MULTILINE)[1].split("\n## ")[0]
        assert {key.name for key in keys} <= named(body)


def test_every_map_key_is_named() -> None:
    found = named(page("reference/registermap-format.md"))
    missing = [doc.path for doc in key_docs() if not any(doc.path.endswith(name) for name in found)]
    assert not missing


def test_every_quality_kind_and_own_tag_is_named(demo: Assembly) -> None:
    text = page("reference/tags-and-quality.md")
    assert all(f"| {int(quality)} |" in text and f"`{quality.name}`" in text for quality in Quality)
    assert {str(kind) for kind in Kind} <= named(text)
    for tag in demo.directory.tags:
        if tag.name.startswith(("scada.", "links.")) or ".comm_" in tag.name:
            name = re.sub(r"_(p95|p99|max)$", "_p50", tag.name)
            name = re.sub(r"^links\.\w+\.", "links.<link>.", name)
            name = re.sub(r"^\w+\.\w+\.comm_", "<site>.<device>.comm_", name)
            assert f"`{name}`" in text


def parsers() -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for action in build_parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.items()


@pytest.mark.parametrize(("word", "parser"), list(parsers()), ids=lambda value: value if isinstance(value, str) else "")
def test_every_command_and_option_is_described(word: str, parser: argparse.ArgumentParser) -> None:
    text = page("reference/command-line.md")
    body = re.split(rf"^## scada {word}\n", text, flags=re.MULTILINE)[1].split("\n## ")[0]
    for action in parser._actions:
        if action.help is argparse.SUPPRESS or "--help" in action.option_strings:
            continue
        name = action.option_strings[-1] if action.option_strings else action.dest.upper()
        assert name in body, f"scada {word}: {name} is not described"


def test_every_request_is_described(app: Flask) -> None:
    text = "".join(page(f"reference/{name}.md") for name in ("rest-api", "maintenance-api", "websocket"))
    rules = {str(rule) for rule in app.url_map.iter_rules()}
    interface = {rule for rule in rules if rule.startswith(("/api", "/ws", "/metrics", "/healthz"))}
    assert all(rule in text for rule in interface), interface


@pytest.mark.parametrize(
    ("path", "section"),
    [
        ("/api/tags?prefix=mkz.gpu1.coolant_temp", "Tags"),
        ("/api/tags/mkz.gpu1.coolant_temp", "One tag"),
        ("/api/tags/mkz.gpu1.coolant_temp/recent", "Recent values"),
        ("/api/recent?tags=mkz.gpu1.coolant_temp", "Recent values"),
        ("/api/directory", "The directory"),
        ("/api/devices", "Devices"),
        ("/api/links", "Links"),
        ("/api/runtime", "The runtime"),
        ("/healthz", "Health"),
    ],
)
def test_every_field_of_an_answer_is_described(app: Flask, path: str, section: str) -> None:
    text = page("reference/rest-api.md")
    body = text.split(f"\n## {section}\n")[1].split("\n## ")[0]
    fields, all_fields = (named(part) | set(re.findall(r'"(\w+)"', part)) for part in (body, text))
    answer = app.test_client().get(path).json
    assert answer is not None
    assert set(answer) <= all_fields
    rows = [rows[0] for key in ("tags", "devices", "links") if isinstance(rows := answer.get(key), list)]
    if section in ("Tags", "Devices", "Links"):
        assert set(rows[0]) <= fields


def test_every_error_code_is_described() -> None:
    text = page("reference/rest-api.md") + page("reference/websocket.md")
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "ui").glob("*.py"))
    codes = set(re.findall(r'(?:ApiError\(HTTPStatus\.\w+|Trouble\(|"code":) ?,? ?"([a-z-]+)"', code))
    assert len(codes) > 8
    assert codes <= named(text)


def test_metrics_are_those_on_the_page(app: Flask) -> None:
    served = set(re.findall(r"^# TYPE (\w+)", app.test_client().get("/metrics").text, re.MULTILINE))
    written = set(re.findall(r"`(scada_\w+)`", page("reference/metrics.md")))
    assert written == served


def test_every_wire_error_is_in_troubleshooting() -> None:
    text = page("how-to/troubleshooting.md")
    for kind in errors.REFUSALS.values():
        assert f"{kind.sentence} (exception {kind.code:02X})" in text
    assert errors.AnswerPending.sentence in text
    assert errors.LinkLost.sentence in text
    sources = [*(ROOT / "runtime" / "wire").glob("*.py"), ROOT / "runtime" / "field" / "bus.py"]
    for source in sources:
        for sentence in _sentences(source.read_text(encoding="utf-8")):
            assert sentence in text, f"{source.name} says '{sentence}'"


def _sentences(code: str) -> Iterator[str]:
    """The fixed beginnings of what is told of a link: reasons of errors, and why an answer was strange."""
    calls = r"(?:BadFrame|LinkLost|NoResponse)\([^\"()]*(?:\([^()]*\))?[^\"()]*f?\"([^\"]+)\""
    strange = r"(?:self\._late|self\._foreign)\(frame, f?\"([^\"]+)\"|_strange = f?\"([^\"]+)\""
    for match in re.finditer(f"{calls}|{strange}", code):
        text = next(group for group in match.groups() if group)
        words = max(re.split(r"\{[^}]*\}", text), key=len).strip(" ,()")
        if len(words) > 5:
            yield words


def test_the_tutorial_shows_what_its_reader_sees(demo: Assembly) -> None:
    text = page("tutorial/first-run.md")
    settings, tags = demo.settings, demo.directory.tags
    assert f"{len(settings.devices)} devices, {len(tags)} tags, scan every {settings.period_s * 1000:g} ms" in text
    assert f"hgm9520n.yaml:{demo.maps['hgm9520n'].by_name['coolant_temp'].line}:" in text


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for target in links(path):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        if there.parent == DOCS / "images" and not there.parent.exists():
            continue  # no pictures have been made yet: make screenshots
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(there), target


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_named_files_and_tests_exist(path: Path) -> None:
    made_here = {sample.file for sample in samples(path)}
    for file, name in _PATH.findall(prose(path)):
        if file in made_here:
            continue
        there = ROOT / file
        assert there.exists(), file
        if name:
            assert re.search(rf"def {name}\b", there.read_text(encoding="utf-8")), f"{file}::{name}"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_named_make_targets_exist(path: Path) -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:^    |`)make (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)) <= targets


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_pages_can_be_found(path: Path) -> None:
    """Every page is linked from another one."""
    if path.parent == ROOT and path.name in ("README.md", "README.ru.md"):
        return
    others = [other for other in PAGES if other != path]
    assert any((other.parent / link.partition("#")[0]).resolve() == path for other in others for link in links(other))
