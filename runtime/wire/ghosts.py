"""Answers that may still come although nobody waits for them: what makes an RTU answer doubtful.

An RTU answer names its unit, function and length, but not its address. A request that timed out, was given up, or
was another master's therefore leaves a *ghost*: the shape of the answer that may come yet. While it lives, a
frame of that shape is taken for the ghost's, never for a newer request's.

What ends a ghost: its answer; its age; or the *fence*. A unit answers in the order it was asked and the stream
keeps that order, so once a unit has answered a younger request with a frame that cannot be a ghost's, no older
answer of this unit follows.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Ghost", "Ghosts"]


@dataclass(frozen=True, slots=True)
class Ghost:
    """One answer that may come late."""

    #: what the answer starts with (``Request.shape``): unit and function are its first two bytes
    shape: bytes
    #: bytes of the answer's frame
    length: int
    #: monotonic seconds at which it was last asked for or given up
    born: float
    #: monotonic seconds after which it is not believed in any more
    expires: float

    @property
    def unit(self) -> int:
        """The unit whose answer it would be."""
        return self.shape[0]

    def could_be(self, frame: bytes) -> bool:
        """Whether ``frame``, of a good length and CRC, may be this ghost's answer, or its refusal."""
        if frame[1] & 0x80:
            return frame[0] == self.shape[0] and frame[1] == self.shape[1] | 0x80
        return len(frame) == self.length and frame.startswith(self.shape)


class Ghosts:
    """The ghosts of one line, oldest first."""

    __slots__ = ("_ghosts",)

    def __init__(self) -> None:
        self._ghosts: list[Ghost] = []

    def __bool__(self) -> bool:
        return bool(self._ghosts)

    def __len__(self) -> int:
        return len(self._ghosts)

    def add(self, ghost: Ghost) -> None:
        """Remember an answer that may come late."""
        self._ghosts.append(ghost)

    def forget_old(self, now: float) -> None:
        """Drop those past their life."""
        if self._ghosts:
            self._ghosts = [ghost for ghost in self._ghosts if ghost.expires > now]

    def has(self, shape: bytes) -> bool:
        """Whether an answer of this shape would be doubtful."""
        return any(ghost.shape == shape for ghost in self._ghosts)

    def take(self, frame: bytes) -> Ghost | None:
        """The oldest ghost whose answer ``frame`` may be; it is laid to rest."""
        for index, ghost in enumerate(self._ghosts):
            if ghost.could_be(frame):
                del self._ghosts[index]
                return ghost
        return None

    def fence(self, unit: int, asked: float) -> None:
        """The unit has answered what it was asked at ``asked``: nothing older of it can come any more."""
        if self._ghosts:
            self._ghosts = [ghost for ghost in self._ghosts if ghost.unit != unit or ghost.born > asked]
