"""The modes of both controllers, as bits of the summary word."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Mode"]


class Mode(StrEnum):
    """Each is a bit of word 0, named like the point."""

    TEST = "mode_test"
    AUTO = "mode_auto"
    MANUAL = "mode_manual"
    STOP = "mode_stop"
