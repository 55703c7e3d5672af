"""How learning rates are looked for."""

from __future__ import annotations

import math
from dataclasses import dataclass

from keras_mtl.errors import ConfigError


@dataclass(frozen=True)
class TuneOptions:
    """A search for the learning rate of every method.

    Args:
        count: Rates to try for every method, 1 or more.
        low: Smallest rate, above 0.
        high: Largest rate, above `low`.

    Raises:
        ConfigError: If one of them is out of range.
    """

    count: int
    low: float = 1e-4
    high: float = 5e-2

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ConfigError(
                f"--tune: expected 1 or more trials. Received: {self.count}."
            )
        if not 0 < self.low < self.high < math.inf:
            raise ConfigError(
                "expected 0 < --lr-low < --lr-high. Received: "
                f"{self.low:g} and {self.high:g}."
            )
