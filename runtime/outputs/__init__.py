"""What leaves the scan: the published image, the answers of the command channel, the process's own health."""

from runtime.outputs.channel_server import ChannelServer, Refusal
from runtime.outputs.garbage import GarbageDuty
from runtime.outputs.process_health import ProcessHealth
from runtime.outputs.publisher import Publisher

__all__ = ["ChannelServer", "GarbageDuty", "ProcessHealth", "Publisher", "Refusal"]
