"""What is compared, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from keras_mtl.errors import ConfigError

SPLITS = ("test", "validation", "train")
DEVIATIONS = ("sample", "population")
TIES = ("average", "minimum", "statistical")
AVERAGED = ("tasks", "outputs")


@dataclass(frozen=True)
class Options:
    """Options of a comparison.

    Args:
        split: `"test"`, `"validation"` or `"train"`. Empty: that which a
            sweep asks for, else the test.
        metrics: `METRIC` or `TASK.METRIC` to compare; all but losses if
            empty.
        average: Whether to average every metric over the tasks.
        average_over: `"tasks"`, or `"outputs"`: a task counts as often as it
            has outputs, as far as its metric knows their number.
        deviation: `"sample"` (divides by n - 1) or `"population"` (by n).
        ties: See `keras_mtl.report.ranks`.
        alpha: Significance level of the paired test.
        reference: Label of the method that is measured against. By default
            the only one with a network per task, if there is one.
        reference_values: Column name to literal value, in its place.
        directions: Metric to 1 (higher is better) or -1, for those that are
            not known or measured the other way.
        ignored: Keys of the configuration that make no difference.

    Raises:
        ConfigError: If a choice is unknown, or `alpha` not in (0, 1).
    """

    split: str = ""
    metrics: tuple[str, ...] = ()
    average: bool = False
    average_over: str = "tasks"
    deviation: str = "sample"
    ties: str = "average"
    alpha: float = 0.05
    reference: str | None = None
    reference_values: Mapping[str, float] = field(default_factory=dict)
    directions: Mapping[str, int] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, choices in (
            ("split", ("", *SPLITS)),
            ("average_over", AVERAGED),
            ("deviation", DEVIATIONS),
            ("ties", TIES),
        ):
            if getattr(self, name) not in choices:
                raise ConfigError(
                    f"`{name}` must be one of {list(choices)}. Received: "
                    f"{getattr(self, name)!r}."
                )
        if not 0 < self.alpha < 1:
            raise ConfigError(
                "`alpha` is a probability between 0 and 1. Received: "
                f"{self.alpha}."
            )
