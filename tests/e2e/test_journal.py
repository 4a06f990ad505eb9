"""The journal as it is read: days, spans, new entries on top, and not over what is being read."""

from __future__ import annotations

import time
from pathlib import Path

from playwright.sync_api import expect

from tagdb.history import Event, HistoryWriter
from tests.e2e.conftest import Watch


def write(folder: Path, *words: str) -> None:
    """Journal entries of now."""
    texts = [{"ru": word, "en": word} for word in words]
    record(folder, *(Event(time=time.time(), category="runtime", event="start", text=text) for text in texts))


def record(folder: Path, *events: Event) -> None:
    """Put them into the journal."""
    writer = HistoryWriter(f"sqlite:///{folder / 'history.sqlite3'}", folder / "spool-more")
    for event in events:
        writer.post(event)
    writer.start()
    assert writer.flush(60)
    writer.stop()


def test_new_entries_come_on_top_and_wait_while_one_reads_further_down(watch: Watch, tmp_path: Path) -> None:
    with watch.page("/journal", language="en") as page:
        rows = page.locator("#journal tr.entry")
        expect(rows).to_have_count(100)
        expect(page.locator("#journal tr.day")).to_have_count(1)
        write(tmp_path, "first of today")
        expect(rows.first).to_contain_text("first of today")
        expect(page.locator("#journal tr.day")).to_have_count(2)

        page.evaluate("scrollTo(0, 1500)")
        write(tmp_path, "second", "third")
        waiting = page.locator("#waiting")
        expect(waiting).to_have_text("↑ New entries: 2")
        expect(rows.first).to_contain_text("first of today")
        waiting.click()
        expect(rows.first).to_contain_text("third")
        expect(waiting).to_be_hidden()
        expect(page.locator("#journal tr.day")).to_have_count(2)

        page.select_option("[name=span]", "3600")
        expect(rows).to_have_count(3)
        assert "span=3600" in page.url
        page.click("#live")
        expect(page.locator("#live")).to_have_attribute("aria-pressed", "false")
        page.reload()
        expect(rows).to_have_count(3)
        expect(page.locator("[name=from]")).to_be_hidden()


def test_an_alarm_in_the_journal_leads_to_its_occurrence(watch: Watch, tmp_path: Path) -> None:
    raised = Event(time=1_700_000_300.0, category="alarm", event="raise", key="mkz.gpu1.warning_overspeed",
                   text={"en": "Overspeed", "ru": "Обороты"}, data={"priority": 2, "occurrence": 1})  # fmt: skip
    alarms = [{"key": "mkz.gpu1.warning_overspeed", "label": raised.text, "priority": 2, "occurrence": 0}]
    still = Event(time=1_700_000_200.0, category="alarm", event="suppress-several", key="suppress:still:mkz.gpu1",
                  text={"en": "Stands still: 1", "ru": "Стоит: 1"}, data={"count": 1, "alarms": alarms})  # fmt: skip
    record(tmp_path, raised, still)
    with watch.page("/journal?q=Stands+still", language="en") as page:
        page.locator("#journal tr.entry summary").click()
        expect(page.locator("#journal tr.entry li")).to_have_text("2Overspeed")
    with watch.page("/journal?q=Overspeed&from=2023-11-13T00:00&to=2023-11-16T00:00", language="en") as page:
        expect(page.locator("[name=from]")).to_be_visible()
        page.locator("#journal tr.entry a").click()
        page.wait_for_url("**/alarms?alarm=1")
        expect(page.locator("#detail")).to_contain_text("Overspeed")
    with watch.page("/journal", phone=True) as page:
        expect(page.locator("#journal tr.entry").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
