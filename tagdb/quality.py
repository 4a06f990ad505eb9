"""How far a value can be trusted, and why: numbers as in Ignition 8, in its ranges where it has none.

0-255 good, 256-511 uncertain, 512 and above bad: so the worst quality of several is their maximum.
Source: Ignition 8.1 user manual, "Quality Codes and Overlays"; 216 is OPC DA's "good, local override".
"""

from __future__ import annotations

from enum import IntEnum

__all__ = ["Quality"]


class Quality(IntEnum):
    """Quality codes of a tag."""

    #: read and plausible
    GOOD = 192
    #: an engineer forced the value
    FORCED = 216
    #: a reading was missed; this is the value before it
    LAST_KNOWN = 257
    #: configured, not read yet: there is no value
    INITIAL = 258
    #: unspecified
    BAD = 512
    #: switched off in the configuration
    DISABLED = 515
    #: older than its period allows
    STALE = 516
    #: the device is offline, or its link is down
    NOT_CONNECTED = 522
    #: outside the valid range of the map; the raw word is kept
    OUT_OF_RANGE = 524
    #: the rule that writes it has failed
    FAILURE = 527
    #: the controller's marker for "no sensor"
    NO_DATA = 600
    #: the device answers, but not to this read
    COMM_FAILURE = 601

    @property
    def level(self) -> str:
        """``good``, ``uncertain`` or ``bad``."""
        return "good" if self < 256 else "uncertain" if self < 512 else "bad"

    @property
    def reason(self) -> str:
        """The reason in words, empty for plain good: "last known value", "no data"."""
        return _REASONS[self]


_REASONS = {
    Quality.GOOD: "",
    Quality.FORCED: "forced",
    Quality.LAST_KNOWN: "last known value",
    Quality.INITIAL: "not read yet",
    Quality.BAD: "bad",
    Quality.DISABLED: "disabled",
    Quality.STALE: "stale",
    Quality.NOT_CONNECTED: "not connected",
    Quality.OUT_OF_RANGE: "out of range",
    Quality.FAILURE: "rule failed",
    Quality.NO_DATA: "no data",
    Quality.COMM_FAILURE: "comm failure",
}
