"""The tables of maintenance as peewee models; the tables themselves are made by ``schema``. Times as in the history."""

from __future__ import annotations

from peewee import BigIntegerField, BooleanField, CompositeKey, DoubleField, IntegerField, Model, TextField

from tagdb.history.models import JsonField, TimeField

__all__ = ["Device", "Item", "Mark", "Offset", "Photo", "Point", "ProgrammeRow", "Service", "Text"]


class Mark(Model):
    """What is known of the database as a whole: whether a demo's, how often it changed."""

    key = TextField(primary_key=True)
    value = TextField()

    class Meta:
        """Its table."""

        table_name = "maintenance_mark"


class ProgrammeRow(Model):
    """A programme that can be chosen; its text is that of its newest version."""

    code = TextField(primary_key=True)
    #: number of its newest version
    revision = IntegerField()

    class Meta:
        """Its table."""

        table_name = "maintenance_programme"


class Text(Model):
    """One version of a programme; rows are added and never changed."""

    id = BigIntegerField(primary_key=True)
    programme = TextField()
    number = IntegerField()
    body = JsonField()
    who = TextField()
    comment = TextField()
    time = TimeField()

    class Meta:
        """Its table."""

        table_name = "maintenance_text"


class Device(Model):
    """An engine, and the programme it is maintained by."""

    device = TextField(primary_key=True)
    programme = TextField(null=True)
    revision = IntegerField()
    since = TimeField()

    class Meta:
        """Its table."""

        table_name = "maintenance_device"


class Service(Model):
    """One line of the log: a service, what was known at the beginning, a correction. Signed ones never change."""

    id = TextField(primary_key=True)
    device = TextField()
    level = TextField()
    kind = TextField()
    state = TextField()
    text_id = BigIntegerField(null=True)
    started_at = TimeField()
    started_by = TextField()
    done_at = TimeField(null=True)
    done_hours = DoubleField(null=True)
    signed_at = TimeField(null=True)
    signed_by = TextField()
    number = BigIntegerField()
    note = TextField()
    corrects = TextField()
    void = BooleanField()
    revision = IntegerField()

    class Meta:
        """Its table."""

        table_name = "maintenance_service"


class Item(Model):
    """The answer to one task of a service."""

    service = TextField()
    task = TextField()
    answer = TextField()
    reason = TextField()
    value = TextField()
    note = TextField()
    consumables = JsonField()
    who = TextField()
    time = TimeField()
    revision = IntegerField()
    stamp = TextField()

    class Meta:
        """Its table."""

        table_name = "maintenance_item"
        primary_key = CompositeKey("service", "task")


class Photo(Model):
    """A photo of a service; the picture itself is a file."""

    id = TextField(primary_key=True)
    service = TextField()
    task = TextField()
    name = TextField()
    mime = TextField()
    size = IntegerField()
    who = TextField()
    time = TimeField()

    class Meta:
        """Its table."""

        table_name = "maintenance_photo"


class Offset(Model):
    """Hours that somebody added to a meter, and why; rows are added and never changed."""

    id = BigIntegerField(primary_key=True)
    device = TextField()
    time = TimeField()
    who = TextField()
    reason = TextField()
    hours = DoubleField()
    shown_before = DoubleField()

    class Meta:
        """Its table."""

        table_name = "maintenance_offset"


class Point(Model):
    """Where a meter stood at the end of a day (UTC), without offsets: for the forecast."""

    device = TextField()
    day = IntegerField()
    time = TimeField()
    hours = DoubleField()

    class Meta:
        """Its table."""

        table_name = "maintenance_point"
        primary_key = CompositeKey("device", "day")
