"""Ways to tell others that we are alive: an address that is fetched, a file that is written, systemd's notify socket.

Stage: after the heartbeat has decided that all is well; never in the scan's thread. Where it stays away, others raise
an alarm.
"""

from __future__ import annotations

import http.client
import os
import socket
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from tagdb import VERSION

__all__ = ["NotDelivered", "Systemd", "fetch", "write_file"]

#: of an answer, which nobody reads
_ANSWER_BYTES = 4096


class NotDelivered(Exception):
    """A sign of life did not arrive; the message says where and why."""


def fetch(url: str, timeout_s: float) -> None:
    """GET an address (http or https); status 2xx will do. Raises NotDelivered, without the address's secret parts."""
    where = f"{urlsplit(url).scheme}://{urlsplit(url).hostname}"
    request = urllib.request.Request(url, headers={"User-Agent": f"scada/{VERSION}"})  # noqa: S310  the ini's reader checks it
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as answer:  # noqa: S310
            answer.read(_ANSWER_BYTES)
    except urllib.error.HTTPError as error:
        error.close()
        raise NotDelivered(f"{where}: answered {error.code} {error.reason}") from None
    except urllib.error.URLError as error:
        raise NotDelivered(f"{where}: {_plain(error.reason)}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotDelivered(f"{where}: {_plain(error)}") from None


def write_file(path: Path, text: str) -> None:
    """Write a file anew, whole: its time of change and its text say when. Raises NotDelivered."""
    beside = path.with_name(f"{path.name}.new")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        raise NotDelivered(f"{path}: {error.strerror}") from None


def _plain(error: object) -> str:
    return str(getattr(error, "strerror", None) or error or type(error).__name__)


class Systemd:
    """The service manager, where it started us with ``Type=notify`` or ``WatchdogSec=`` (sd_notify(3)).

    Datagrams to the socket that the environment names: ``READY=1``, ``WATCHDOG=1``, ``STOPPING=1``.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        path = environment.get("NOTIFY_SOCKET", "")
        # a name that begins with @ is in the abstract name space, which is written with a zero byte
        self._path = f"\0{path[1:]}" if path.startswith("@") else path

    def tell(self, message: str) -> bool:
        """Send it; False where there is nobody to tell, or it was not taken. Never waits."""
        if not self._path:
            return False
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
                sock.setblocking(False)
                sock.sendto(message.encode(), self._path)
        except OSError:
            return False  # it is systemd that acts when nothing arrives
        return True
