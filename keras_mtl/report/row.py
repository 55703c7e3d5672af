"""What a table says of one method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from keras_mtl.report.column import Column

# Mean and deviation (`None` where it is not printed).
Published = tuple[float, float | None]


@dataclass(frozen=True)
class Cell:
    """The scores of a method on one metric.

    Args:
        mean: Mean over the seeds.
        deviation: Standard deviation over the seeds; `None` for one seed.
        count: Seeds with a finite score.
        is_best: Whether the mean is the best of the ranked methods.
        is_equal: Whether the paired test does not tell it from the best;
            `None` where fewer than two shared seeds allow no claim.
        p_value: Of that test.
        rank: Among the ranked methods, 1 for the best.
    """

    mean: float
    deviation: float | None
    count: int
    is_best: bool = False
    is_equal: bool | None = None
    p_value: float | None = None
    rank: float | None = None


@dataclass(frozen=True)
class Row:
    """One method.

    Args:
        label: Name of the method.
        count: Its seeds.
        is_reference: Whether the others are measured against it.
        cells: Column to scores; what was not measured is absent.
        published: Column to the published score, where there is one.
        mean_rank: Mean of the ranks.
        delta_m: Mean relative gain over the reference, dimensionless.
        score: Min-max normalised score, in [0, 1].
        parameters: Weights of the whole model.
        shared_parameters: Trained weights that two tasks or more use.
        ratio: Parameters divided by those of the smallest method.
        seconds: Wall time of training.
        memory: Largest resident size of the process, bytes.
    """

    label: str
    count: int
    is_reference: bool
    cells: Mapping[Column, Cell]
    published: Mapping[Column, Published] = field(default_factory=dict)
    mean_rank: float | None = None
    delta_m: float | None = None
    score: float | None = None
    parameters: float | None = None
    shared_parameters: float | None = None
    ratio: float | None = None
    seconds: float | None = None
    memory: float | None = None
