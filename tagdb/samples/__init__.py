"""The history of values: samples of every tag, their rollups, and the questions that trends and reports ask."""

from tagdb.samples.arrays import Columns, Curve
from tagdb.samples.keeper import Keeper, Upkeep
from tagdb.samples.recorder import Begin, Flush, Recorder
from tagdb.samples.retention import Keeping
from tagdb.samples.rollup import Buckets
from tagdb.samples.samples import Samples, open_samples, samples_url
from tagdb.samples.series import Series
from tagdb.samples.tagset import TagInfo
from tagdb.samples.writer import sample_writer

__all__ = [
    "Begin",
    "Buckets",
    "Columns",
    "Curve",
    "Flush",
    "Keeper",
    "Keeping",
    "Recorder",
    "Samples",
    "Series",
    "TagInfo",
    "Upkeep",
    "open_samples",
    "sample_writer",
    "samples_url",
]
