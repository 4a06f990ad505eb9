"""The alarms of one controller: which are set, which stay until reset, and the flags of the summary word."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["AlarmBook"]


class AlarmBook:
    """Alarm points by name, ``<class>_<cause>`` such as ``shutdown_overspeed``."""

    def __init__(self, classes: Iterable[str]) -> None:
        # The longest first: "trip" is the beginning of "trip_and_stop".
        self.classes = sorted(classes, key=len, reverse=True)
        self.active: set[str] = set()
        #: set from outside, by the fault "alarm="; they stay until cleared there
        self.injected: set[str] = set()
        self.muted = False
        #: grows with every change, so that words are written when something changed
        self.version = 0

    def class_of(self, name: str) -> str:
        """The class an alarm's name begins with; "" when none."""
        return next((kind for kind in self.classes if name.startswith(f"{kind}_")), "")

    def raise_alarm(self, name: str) -> None:
        """Set an alarm."""
        if name not in self.active:
            self.active.add(name)
            self.muted = False
            self.version += 1

    def lower(self, name: str) -> None:
        """Take back an alarm whose cause has gone and that does not stay."""
        if name in self.active:
            self.active.remove(name)
            self.version += 1

    def follow(self, name: str, condition: bool) -> None:
        """Warnings come and go with their cause."""
        (self.raise_alarm if condition else self.lower)(name)

    def reset(self) -> None:
        """What the operator's reset does; causes that are still there raise their alarms again."""
        if self.active:
            self.active.clear()
            self.version += 1

    def inject(self, name: str) -> None:
        """Set an alarm from outside."""
        self.injected.add(name)
        self.version += 1

    def clear_injected(self) -> None:
        """Take all alarms back that were set from outside."""
        self.injected.clear()
        self.version += 1

    @property
    def all(self) -> set[str]:
        """Every alarm that is set."""
        return self.active | self.injected

    def has(self, *classes: str) -> bool:
        """Whether an alarm of one of these classes is set."""
        return any(self.class_of(name) in classes for name in self.all)
