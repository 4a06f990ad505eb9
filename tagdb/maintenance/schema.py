"""The tables of maintenance, step by step: in the history's database, but of a lineage of their own.

What is signed is kept from change by triggers, so that no program can alter it, ours included.
"""

from __future__ import annotations

from tagdb.history.lineage import Lineage, Migration

__all__ = ["LINEAGE"]


def _kept_sqlite(table: str, why: str) -> tuple[str, ...]:
    return tuple(
        f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} BEGIN SELECT RAISE(ABORT, '{why}'); END"
        for what in ("UPDATE", "DELETE")
    )


def _kept_postgresql(table: str) -> str:
    return (
        f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION maintenance_append_only()"
    )


_APPEND_ONLY = "this table is append-only"
_SIGNED = "a signed service cannot be changed: enter a correction"


def _of_signed_sqlite(table: str) -> tuple[str, ...]:
    rows = {"INSERT": "NEW", "UPDATE": "OLD", "DELETE": "OLD"}
    return tuple(
        f"CREATE TRIGGER {table}_signed_{what.lower()} BEFORE {what} ON {table} "  # noqa: S608
        f"WHEN (SELECT state FROM maintenance_service WHERE id = {row}.service) <> 'open' "
        f"BEGIN SELECT RAISE(ABORT, '{_SIGNED}'); END"
        for what, row in rows.items()
    )


_STEPS = (
    Migration(
        1,
        "maintenance",
        (
            "CREATE TABLE maintenance_mark (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)",
            "CREATE TABLE maintenance_programme (code TEXT NOT NULL PRIMARY KEY, revision INTEGER NOT NULL)",
            "CREATE TABLE maintenance_text ("
            "id {serial}, programme TEXT NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL, who TEXT NOT NULL, "
            "comment TEXT NOT NULL, time {big} NOT NULL, UNIQUE (programme, number))",
            "CREATE TABLE maintenance_device (device TEXT NOT NULL PRIMARY KEY, programme TEXT, "
            "revision INTEGER NOT NULL, since {big} NOT NULL)",
            "CREATE TABLE maintenance_service ("
            "id TEXT NOT NULL PRIMARY KEY, device TEXT NOT NULL, level TEXT NOT NULL, kind TEXT NOT NULL, "
            "state TEXT NOT NULL, text_id {big} REFERENCES maintenance_text (id), started_at {big} NOT NULL, "
            "started_by TEXT NOT NULL, done_at {big}, done_hours DOUBLE PRECISION, signed_at {big}, "
            "signed_by TEXT NOT NULL, number {big} NOT NULL, note TEXT NOT NULL, corrects TEXT NOT NULL, "
            "void BOOLEAN NOT NULL, revision INTEGER NOT NULL)",
            "CREATE INDEX maintenance_service_device ON maintenance_service (device, number)",
            "CREATE TABLE maintenance_item ("
            "service TEXT NOT NULL REFERENCES maintenance_service (id), task TEXT NOT NULL, answer TEXT NOT NULL, "
            "reason TEXT NOT NULL, value TEXT NOT NULL, note TEXT NOT NULL, consumables TEXT NOT NULL, "
            "who TEXT NOT NULL, time {big} NOT NULL, revision INTEGER NOT NULL, stamp TEXT NOT NULL, "
            "PRIMARY KEY (service, task))",
            "CREATE TABLE maintenance_photo ("
            "id TEXT NOT NULL PRIMARY KEY, service TEXT NOT NULL REFERENCES maintenance_service (id), "
            "task TEXT NOT NULL, name TEXT NOT NULL, mime TEXT NOT NULL, size INTEGER NOT NULL, "
            "who TEXT NOT NULL, time {big} NOT NULL)",
            "CREATE INDEX maintenance_photo_service ON maintenance_photo (service)",
            "CREATE TABLE maintenance_offset ("
            "id {serial}, device TEXT NOT NULL, time {big} NOT NULL, who TEXT NOT NULL, reason TEXT NOT NULL, "
            "hours DOUBLE PRECISION NOT NULL, shown_before DOUBLE PRECISION NOT NULL)",
            "CREATE INDEX maintenance_offset_device ON maintenance_offset (device, id)",
            "CREATE TABLE maintenance_point (device TEXT NOT NULL, day INTEGER NOT NULL, time {big} NOT NULL, "
            "hours DOUBLE PRECISION NOT NULL, PRIMARY KEY (device, day))",
        ),
        sqlite=(
            *_kept_sqlite("maintenance_text", _APPEND_ONLY),
            *_kept_sqlite("maintenance_offset", _APPEND_ONLY),
            f"CREATE TRIGGER maintenance_service_signed BEFORE UPDATE ON maintenance_service "
            f"WHEN OLD.state <> 'open' BEGIN SELECT RAISE(ABORT, '{_SIGNED}'); END",
            f"CREATE TRIGGER maintenance_service_kept BEFORE DELETE ON maintenance_service "
            f"BEGIN SELECT RAISE(ABORT, '{_SIGNED}'); END",
            *_of_signed_sqlite("maintenance_item"),
            *_of_signed_sqlite("maintenance_photo"),
        ),
        postgresql=(
            "CREATE FUNCTION maintenance_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{_APPEND_ONLY}'; END $$",
            _kept_postgresql("maintenance_text"),
            _kept_postgresql("maintenance_offset"),
            "CREATE FUNCTION maintenance_signed() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN IF TG_OP = 'DELETE' OR OLD.state <> 'open' THEN "
            f"RAISE EXCEPTION '{_SIGNED}'; END IF; RETURN NEW; END $$",
            "CREATE TRIGGER maintenance_service_signed BEFORE UPDATE OR DELETE ON maintenance_service "
            "FOR EACH ROW EXECUTE FUNCTION maintenance_signed()",
            "CREATE FUNCTION maintenance_of_signed() RETURNS trigger LANGUAGE plpgsql AS "  # noqa: S608
            "$$ DECLARE which TEXT; BEGIN "
            "IF TG_OP = 'INSERT' THEN which := NEW.service; ELSE which := OLD.service; END IF; "
            "IF (SELECT state FROM maintenance_service WHERE id = which) <> 'open' THEN "
            f"RAISE EXCEPTION '{_SIGNED}'; END IF; "
            "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$",
            *(
                f"CREATE TRIGGER {table}_signed BEFORE INSERT OR UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION maintenance_of_signed()"
                for table in ("maintenance_item", "maintenance_photo")
            ),
        ),
    ),
)

LINEAGE = Lineage("the tables of maintenance have", "maintenance_version", 0x5CADC, _STEPS)
