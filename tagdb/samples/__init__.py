"""The history of values: samples of every tag, their rollups, and the questions that trends and reports ask."""

from tagdb.samples.arrays import Columns, Curve
from tagdb.samples.care import Findings, Sizes, sizes_of, vacuum, verify
from tagdb.samples.export import COLUMNS, long_csv, long_rows, pieces, wide_csv, wide_rows
from tagdb.samples.importing import BadFile, import_file
from tagdb.samples.keeper import Keeper, Upkeep
from tagdb.samples.parquet import NoParquet, write_parquet
from tagdb.samples.recorder import Begin, Flush, Recorder
from tagdb.samples.retention import Keeping
from tagdb.samples.rollup import Buckets
from tagdb.samples.samples import Samples, open_samples, samples_url
from tagdb.samples.series import Series
from tagdb.samples.sheet import write_sheet
from tagdb.samples.tagset import TagInfo, TagSet
from tagdb.samples.upkeep_process import UpkeepProcess
from tagdb.samples.writer import sample_writer

__all__ = [
    "COLUMNS",
    "BadFile",
    "Begin",
    "Buckets",
    "Columns",
    "Curve",
    "Findings",
    "Flush",
    "Keeper",
    "Keeping",
    "NoParquet",
    "Recorder",
    "Samples",
    "Series",
    "Sizes",
    "TagInfo",
    "TagSet",
    "Upkeep",
    "UpkeepProcess",
    "import_file",
    "long_csv",
    "long_rows",
    "open_samples",
    "pieces",
    "sample_writer",
    "samples_url",
    "sizes_of",
    "vacuum",
    "verify",
    "wide_csv",
    "wide_rows",
    "write_parquet",
    "write_sheet",
]
