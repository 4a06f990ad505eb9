"""The samples' tables as peewee models, for the queries; the tables themselves are made by the migrations.

Times are whole milliseconds since 1970, UTC; a bucket of a rollup is counted in its own width since then.
"""

from __future__ import annotations

from peewee import (
    BigIntegerField,
    BlobField,
    BooleanField,
    CompositeKey,
    FloatField,
    IntegerField,
    Model,
    TextField,
)

__all__ = ["Batch", "Block", "Day", "Dirty", "Hour", "Mark", "Minute", "Minutes", "Rollup", "State", "Tag"]


class Tag(Model):
    """Every tag that ever had a sample, with the narrow key that stands for it; rows are never deleted."""

    id = IntegerField(primary_key=True)
    name = TextField()
    kind = TextField()
    unit = TextField()
    decimals = IntegerField()
    #: straight lines between samples, rather than steps
    line = BooleanField()
    #: recorded now
    active = BooleanField()

    class Meta:
        """Its table."""

        table_name = "sample_tag"


class Batch(Model):
    """Samples of many tags as they arrived, a flush in a row."""

    id = BigIntegerField(primary_key=True)
    first = BigIntegerField()
    last = BigIntegerField()
    count = IntegerField()
    data = BlobField()

    class Meta:
        """Its table."""

        table_name = "sample_batch"


class Block(Model):
    """Samples of one tag within one day."""

    id = BigIntegerField(primary_key=True)
    tag = IntegerField()
    first = BigIntegerField()
    last = BigIntegerField()
    count = IntegerField()
    data = BlobField()

    class Meta:
        """Its table."""

        table_name = "sample_block"


class Rollup(Model):
    """What a tag was like in a bucket of time; no row: it did not change in it (see ``rollup``)."""

    tag = IntegerField()
    bucket = IntegerField()
    low = FloatField(null=True)
    high = FloatField(null=True)
    mean = FloatField(null=True)
    last = FloatField(null=True)
    good = FloatField()
    changes = IntegerField()
    quality = IntegerField()

    class Meta:
        """Its key."""

        primary_key = CompositeKey("tag", "bucket")


class Minute(Rollup):
    """A minute."""

    class Meta:
        """Its table."""

        table_name = "sample_minute"


class Minutes(Model):
    """All minutes of a day, once the day is over (see ``minutes``)."""

    tag = IntegerField()
    day = IntegerField()
    count = IntegerField()
    data = BlobField()

    class Meta:
        """Its table and key."""

        table_name = "sample_minutes"
        primary_key = CompositeKey("tag", "day")


class Hour(Rollup):
    """An hour."""

    class Meta:
        """Its table."""

        table_name = "sample_hour"


class Day(Rollup):
    """A day, UTC."""

    class Meta:
        """Its table."""

        table_name = "sample_day"


class Dirty(Model):
    """An hour of a tag whose rollups have to be made anew."""

    tag = IntegerField()
    hour = IntegerField()

    class Meta:
        """Its table and key."""

        table_name = "sample_dirty"
        primary_key = CompositeKey("tag", "hour")


class State(Model):
    """What the writing side knows by name: how far is recorded, rolled up, settled."""

    name = TextField(primary_key=True)
    number = BigIntegerField()
    data = BlobField(null=True)

    class Meta:
        """Its table."""

        table_name = "sample_state"


class Mark(Model):
    """The highest record number taken from each run of a writer, so that nothing is taken twice."""

    run = TextField(primary_key=True)
    place = TextField()
    last = BigIntegerField()

    class Meta:
        """Its table."""

        table_name = "sample_mark"
