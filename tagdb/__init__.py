"""What is true now: tags, their store, the process image, the inbox, and the directory that describes them."""

from tagdb.channel import Channel, ChannelError
from tagdb.directory import DeviceInfo, Directory, LinkInfo, ReportInfo, SiteInfo, TrendInfo
from tagdb.image import ImageGone, ImageReader, ImageWriter, Snapshot
from tagdb.inbox import Batch, Inbox, Item, Mark, Refresh
from tagdb.quality import Quality
from tagdb.rundir import RunDir
from tagdb.store import TagStore, allocate
from tagdb.tag import Kind, Sample, Tag, Value, Words, value_of
from tagdb.version import VERSION

__all__ = [
    "VERSION",
    "Batch",
    "Channel",
    "ChannelError",
    "DeviceInfo",
    "Directory",
    "ImageGone",
    "ImageReader",
    "ImageWriter",
    "Inbox",
    "Item",
    "Kind",
    "LinkInfo",
    "Mark",
    "Quality",
    "Refresh",
    "ReportInfo",
    "RunDir",
    "Sample",
    "SiteInfo",
    "Snapshot",
    "Tag",
    "TagStore",
    "TrendInfo",
    "Value",
    "Words",
    "allocate",
    "value_of",
]
