"""The history's tables as peewee models, for the queries; the tables themselves are made by the migrations.

Times are integers: microseconds since 1970, UTC. Both databases then hold, compare and print the same exact value (a
float that went through text need not equal itself), and it sorts and indexes as cheaply. JSON is kept as text in
both, since no query looks inside it.

The models belong to no database: each query is given one, so that a writer and readers can be in one process.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from peewee import BigIntegerField, BooleanField, IntegerField, Model, TextField

from tagdb.history.plain import dump, microseconds, seconds

__all__ = ["Alarm", "Journal", "JsonField", "RuntimeState", "TimeField", "WriterMark", "columns_of", "table_of"]


class JsonField(TextField):
    """A plain value, kept as JSON text."""

    def db_value(self, value: Any) -> str:
        """As it is stored."""
        return dump(value)

    def python_value(self, value: str | None) -> Any:
        """As it was given."""
        return None if value is None else json.loads(value)


class TimeField(BigIntegerField):
    """Unix seconds, kept as microseconds."""

    def db_value(self, value: float | None) -> int | None:
        """As it is stored."""
        return microseconds(value)

    def python_value(self, value: int | None) -> float | None:
        """As it was given."""
        return seconds(value)


class Journal(Model):
    """Everything that happened; rows are added and never changed."""

    id = BigIntegerField(primary_key=True)
    time = TimeField()
    source_time = TimeField(null=True)
    category = TextField()
    site = TextField()
    device = TextField()
    key = TextField()
    event = TextField()
    text_en = TextField()
    text_ru = TextField()
    before = TextField()
    after = TextField()
    who = TextField()
    comment = TextField()
    data = JsonField()

    class Meta:
        """Its table."""

        table_name = "journal"


class Alarm(Model):
    """One row for each occurrence of an alarm, as it stands now."""

    id = BigIntegerField(primary_key=True)
    key = TextField()
    site = TextField()
    device = TextField()
    priority = IntegerField()
    kind = TextField()
    code = TextField()
    label_en = TextField()
    label_ru = TextField()
    raised_at = TimeField()
    raised_source_time = TimeField(null=True)
    acknowledged_at = TimeField(null=True)
    returned_at = TimeField(null=True)
    cleared_at = TimeField(null=True)
    value_raised = JsonField()
    value_acknowledged = JsonField()
    value_returned = JsonField()
    who = TextField()
    comment = TextField()
    first_out = BooleanField()
    group_id = BigIntegerField(null=True)
    snapshot = JsonField()
    state = TextField()
    data = JsonField()

    class Meta:
        """Its table."""

        table_name = "alarm"


class RuntimeState(Model):
    """What the runtime keeps over a restart."""

    key = TextField(primary_key=True)
    value = JsonField()

    class Meta:
        """Its table."""

        table_name = "runtime_state"


class WriterMark(Model):
    """The highest record number taken from each run of a writer, so that nothing is taken twice."""

    run = TextField(primary_key=True)
    #: the spool the run writes to
    place = TextField()
    last = BigIntegerField()

    class Meta:
        """Its table."""

        table_name = "writer_mark"


def columns_of(model: type[Model]) -> dict[str, Callable[[Any], Any]]:
    """A table's columns in order, each with what turns a plain value into what it stores."""
    return {field.column_name: field.db_value for field in model._meta.sorted_fields}  # noqa: SLF001  documented


def table_of(model: type[Model]) -> str:
    """A table's name."""
    return str(model._meta.table_name)  # noqa: SLF001  documented
