"""What a link has counted since it was built: plain integers that only its event loop changes and anyone may read."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LinkCounters"]


@dataclass(slots=True)
class LinkCounters:
    """Counts of one link; they only grow."""

    #: requests sent, those that fence off late answers included
    requests: int = 0
    #: requests answered with what was asked
    answers: int = 0
    #: requests without a usable answer in time
    timeouts: int = 0
    #: answers that came when their request was no longer open, and duplicates
    late: int = 0
    #: good frames of other units, of other masters, or of the wrong size
    foreign: int = 0
    #: frames that look like the answer but for their checksum
    crc_errors: int = 0
    #: bytes that belong to no frame
    garbage_bytes: int = 0
    #: exception answers
    refused: int = 0
    #: connections made after the first
    reconnects: int = 0
    bytes_out: int = 0
    bytes_in: int = 0
    #: own requests heard back (two-wire lines with local echo)
    echoes: int = 0
    #: times the line was left alone until a missing answer had come or silence had lasted
    quarantines: int = 0
