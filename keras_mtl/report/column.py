"""One score of a table."""

from __future__ import annotations

from dataclasses import dataclass

# In the place of a task: the mean over all of them, ...
MEAN = "mean"
# ... or over all of their outputs: attributes, classes or maps.
OUTPUTS = "outputs"
AVERAGES = (MEAN, OUTPUTS)


@dataclass(frozen=True)
class Column:
    """A metric of a task.

    Args:
        task: Name of the task.
        metric: Name of the metric.
        direction: 1 where higher is better, -1 where lower is, `None` where
            that is not known, so that nothing is claimed.
        is_fraction: Whether values lie in [0, 1].
    """

    task: str
    metric: str
    direction: int | None = None
    is_fraction: bool = False

    @property
    def name(self) -> str:
        """`task.metric`, as options name it."""
        return f"{self.task}.{self.metric}"
