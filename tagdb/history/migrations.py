"""The history's tables, step by step: journal, alarm occurrences, what is retained over a restart."""

from __future__ import annotations

from tagdb.history.lineage import Lineage, Migration

__all__ = ["LINEAGE"]

_STEPS = (
    Migration(
        1,
        "journal",
        (
            "CREATE TABLE journal ("
            "id {serial}, time {big} NOT NULL, source_time {big}, category TEXT NOT NULL, site TEXT NOT NULL, "
            "device TEXT NOT NULL, key TEXT NOT NULL, event TEXT NOT NULL, text_en TEXT NOT NULL, "
            "text_ru TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL, who TEXT NOT NULL, "
            "comment TEXT NOT NULL, data TEXT NOT NULL)",
            # Newest first: of all, of one device, of one key, of one category. A site has a large share of the rows
            # and an event name no query of its own: they are filtered on the way.
            "CREATE INDEX journal_time ON journal (time, id)",
            "CREATE INDEX journal_device ON journal (device, time, id)",
            "CREATE INDEX journal_key ON journal (key, time, id)",
            "CREATE INDEX journal_category ON journal (category, time, id)",
            "CREATE TABLE writer_mark (run TEXT NOT NULL PRIMARY KEY, place TEXT NOT NULL, last {big} NOT NULL)",
        ),
        sqlite=(
            "CREATE TRIGGER journal_append_only BEFORE UPDATE ON journal "
            "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
        ),
        postgresql=(
            "CREATE FUNCTION journal_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$",
            "CREATE TRIGGER journal_append_only BEFORE UPDATE ON journal "
            "FOR EACH ROW EXECUTE FUNCTION journal_append_only()",
        ),
    ),
    Migration(
        2,
        "alarm occurrences",
        (
            "CREATE TABLE alarm ("
            "id {bigkey}, key TEXT NOT NULL, site TEXT NOT NULL, device TEXT NOT NULL, priority INTEGER NOT NULL, "
            "kind TEXT NOT NULL, code TEXT NOT NULL, label_en TEXT NOT NULL, label_ru TEXT NOT NULL, "
            "raised_at {big} NOT NULL, raised_source_time {big}, acknowledged_at {big}, returned_at {big}, "
            "cleared_at {big}, value_raised TEXT NOT NULL, value_acknowledged TEXT NOT NULL, "
            "value_returned TEXT NOT NULL, who TEXT NOT NULL, comment TEXT NOT NULL, first_out BOOLEAN NOT NULL, "
            "group_id {big}, snapshot TEXT NOT NULL, state TEXT NOT NULL, data TEXT NOT NULL)",
            "CREATE INDEX alarm_raised ON alarm (raised_at, id)",
            "CREATE INDEX alarm_device ON alarm (device, raised_at, id)",
            "CREATE INDEX alarm_key ON alarm (key, raised_at, id)",
            "CREATE INDEX alarm_open ON alarm (raised_at, id) WHERE cleared_at IS NULL",
        ),
    ),
    Migration(
        3,
        "retained state",
        ("CREATE TABLE runtime_state (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)",),
    ),
)

LINEAGE = Lineage("the history has", "schema_version", 0x5CADA, _STEPS)
