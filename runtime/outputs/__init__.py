"""What leaves the scan: the published image, the answers of the command channel, process health, signs of life."""

from runtime.outputs.channel_server import ChannelServer, Refusal
from runtime.outputs.disk_space import DiskSpace
from runtime.outputs.garbage import GarbageDuty
from runtime.outputs.lifesign import NotDelivered, Systemd, fetch, write_file
from runtime.outputs.process_health import ProcessHealth
from runtime.outputs.publisher import Publisher

__all__ = [
    "ChannelServer",
    "DiskSpace",
    "GarbageDuty",
    "NotDelivered",
    "ProcessHealth",
    "Publisher",
    "Refusal",
    "Systemd",
    "fetch",
    "write_file",
]
