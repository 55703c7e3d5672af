"""When the filters of the tasks are swapped."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any


@dataclasses.dataclass(frozen=True)
class RoamingSchedule:
    """How many swaps are due after some training steps.

    Args:
        steps: Training steps between two swaps; with `epochs`, epochs.
        in_epochs: Whether `steps` counts epochs.
        together: Whether `steps` is instead the step at which every layer
            ends, each at its own pace.
    """

    steps: float
    in_epochs: bool = False
    together: bool = False

    @classmethod
    def read(
        cls,
        every: Mapping[str, float] | None,
        finish_by: Mapping[str, int] | None,
    ) -> RoamingSchedule:
        """Reads what a user has written.

        Args:
            every: `{"epochs": number}` or `{"steps": integer}`.
            finish_by: `{"steps": integer}`.

        Returns:
            The schedule.

        Raises:
            ValueError: If not exactly one is given, or it says something
                else.
        """
        if (every is None) == (finish_by is None):
            raise ValueError(
                "Expected one schedule, `every` or `finish_by`. Received: "
                f"every={every!r}, finish_by={finish_by!r}. Give for example "
                "`every={'epochs': 0.1}`."
            )
        if finish_by is not None:
            steps = _number("finish_by", finish_by, ("steps",))
            return cls(steps, together=True)
        number = _number("every", every, ("epochs", "steps"))
        return cls(number, in_epochs="epochs" in (every or {}))

    def due(self, steps: int, planned: int, steps_per_epoch: int) -> int:
        """Swaps that a layer should have made.

        Args:
            steps: Training steps since roaming began.
            planned: Swaps of the layer in all.
            steps_per_epoch: Training steps of an epoch.

        Returns:
            A number, at most `planned`.
        """
        pace = self._steps_per_swap(planned, steps_per_epoch)
        # 1e-9: 3 steps of 0.1 epochs of 10 steps are 3 swaps, not 2.
        return min(planned, math.floor(steps / pace + 1e-9))

    def needed(self, planned: int, steps_per_epoch: int) -> int:
        """Training steps until a layer has made all its swaps."""
        pace = self._steps_per_swap(planned, steps_per_epoch)
        return math.ceil(planned * pace - 1e-9)

    def _steps_per_swap(self, planned: int, steps_per_epoch: int) -> float:
        if self.together:
            return self.steps / max(planned, 1)
        return self.steps * (steps_per_epoch if self.in_epochs else 1)

    def __str__(self) -> str:
        if self.together:
            return f"all swaps by step {self.steps:,.0f}"
        unit = "epochs" if self.in_epochs else "steps"
        return f"a swap every {self.steps:g} {unit}"


def _number(name: str, given: Any, units: tuple[str, ...]) -> float:
    entry = list(given.items()) if isinstance(given, Mapping) else []
    if len(entry) == 1 and entry[0][0] in units:
        unit, value = entry[0]
        kind: Any = Real if unit == "epochs" else Integral
        is_number = isinstance(value, kind) and not isinstance(value, bool)
        if is_number and math.isfinite(value) and value > 0:
            return float(value)
    expected = " or ".join(
        "{'epochs': number above 0}"
        if unit == "epochs"
        else "{'steps': integer above 0}"
        for unit in units
    )
    raise ValueError(
        f"`{name}` must be {expected}. Received: {name}={given!r}."
    )
