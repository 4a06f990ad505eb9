"""A clock that tests move by hand."""

__all__ = ["ManualClock"]


class ManualClock:
    """Time stands still until a test moves it; sleeping moves it."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.wall_offset = 1_700_000_000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now + self.wall_offset

    def sleep_until(self, monotonic: float) -> None:
        self.slept.append(monotonic)
        self.now = max(self.now, monotonic)
