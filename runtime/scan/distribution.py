"""How long something took, as a distribution over the last minute or so: percentiles and maximum."""

from __future__ import annotations

import numpy as np

__all__ = ["Distribution", "Quantiles"]

#: 50th, 95th, 99th percentile and maximum
Quantiles = tuple[float, float, float, float]


class Distribution:
    """The last ``size`` values of a measurement, in the unit they were given in."""

    def __init__(self, size: int = 600) -> None:
        self._ring = np.zeros(size)
        self._count = 0
        #: largest value since the start
        self.worst = 0.0

    def __len__(self) -> int:
        return min(self._count, self._ring.size)

    def add(self, value: float) -> None:
        """Take one value in; the oldest goes."""
        self._ring[self._count % self._ring.size] = value
        self._count += 1
        if value > self.worst:
            self.worst = value

    def quantiles(self) -> Quantiles:
        """Percentiles 50, 95, 99 (nearest rank) and maximum; zeros while there is nothing."""
        n = len(self)
        if n == 0:
            return (0.0, 0.0, 0.0, 0.0)
        values = np.sort(self._ring[:n])
        rank = [int(np.ceil(n * share)) - 1 for share in (0.50, 0.95, 0.99)]
        return float(values[rank[0]]), float(values[rank[1]]), float(values[rank[2]]), float(values[-1])
