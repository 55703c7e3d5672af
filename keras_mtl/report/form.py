"""How numbers are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from keras_mtl.errors import ConfigError

# What a table may say of a method besides its scores, in this order.
EXTRAS: tuple[str, ...] = (
    "n",
    "rank",
    "delta_m",
    "score",
    "parameters",
    "seconds",
    "memory",
)
# The form of the MT-COOL poster.
POSTER: tuple[str, ...] = ("parameters",)


@dataclass(frozen=True)
class Form:
    """What a printed table shows.

    Args:
        percent: Whether fractions are shown in percent.
        digits: Digits after the point; by default 4, 2 in percent, and fewer
            for large numbers.
        extras: Which of `EXTRAS` are shown.

    Raises:
        ConfigError: If an extra is unknown.
    """

    percent: bool = False
    digits: int | None = None
    extras: tuple[str, ...] = EXTRAS

    def __post_init__(self) -> None:
        for name in self.extras:
            if name not in EXTRAS:
                raise ConfigError(
                    f"`columns` may hold {list(EXTRAS)}. Received: {name!r}."
                )

    def scale(self, is_fraction: bool) -> float:
        """What values are multiplied by."""
        return 100.0 if self.percent and is_fraction else 1.0

    def places(self, values: Sequence[float], is_fraction: bool) -> int:
        """Digits after the point for a column.

        Args:
            values: Its values, scaled.
            is_fraction: Whether it holds fractions.
        """
        if self.digits is not None:
            return self.digits
        if self.percent and is_fraction:
            return 2
        largest = max((abs(value) for value in values), default=0.0)
        return 4 if largest < 10 else 2


def duration(seconds: float) -> str:
    """`45 s`, `3 min 20 s`, `2 h 05 min`."""
    whole = round(seconds)
    if whole < 100:
        return f"{seconds:.0f} s"
    if whole < 6000:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def size(count: float) -> str:
    """Bytes in MiB or GiB."""
    mebibytes = count / 2**20
    if mebibytes < 1024:
        return f"{mebibytes:.0f} MiB"
    return f"{mebibytes / 1024:.2f} GiB"
