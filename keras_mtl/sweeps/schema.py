"""What a sweep file may hold."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pydantic

from keras_mtl.config.strict import STRICT

Overrides = Annotated[
    dict[str, Any],
    pydantic.Field(
        description="Dotted keys of the configuration, and their values."
    ),
]
# Mean and standard deviation, in the units of the metric.
Measured = Annotated[
    list[float | None], pydantic.Field(min_length=1, max_length=2)
]
_LABEL = pydantic.Field(
    min_length=1, max_length=200, description="Name of the row in the table."
)


class MethodConfig(pydantic.BaseModel):
    """One method: a configuration and what is changed in it."""

    model_config = STRICT

    label: str | None = pydantic.Field(
        None,
        min_length=1,
        max_length=200,
        description="Name of the row in the table; that of the configuration "
        "by default. Values of the grid are added to it.",
    )
    config: str | None = pydantic.Field(
        None, description="A preset or a file, if not that of the sweep."
    )
    set: Overrides = pydantic.Field(default_factory=dict)


class TrialConfig(pydantic.BaseModel):
    """One more method, which the grid does not multiply."""

    model_config = STRICT

    label: str = _LABEL
    config: str | None = pydantic.Field(
        None, description="A preset or a file, if not that of the sweep."
    )
    set: Overrides = pydantic.Field(default_factory=dict)


class PublishedConfig(pydantic.BaseModel):
    """Values of a paper, to be printed beside those measured."""

    model_config = STRICT

    source: str = pydantic.Field(
        min_length=1, description="The paper and its table."
    )
    rows: dict[str, dict[str, dict[str, Measured]]] = pydantic.Field(
        description="Label to task to metric to [mean, standard deviation], "
        "in the units of the metric: an accuracy of 99.41 % is 0.9941."
    )


class SweepConfig(pydantic.BaseModel):
    """Methods x grid x seeds, and the table they make."""

    model_config = STRICT

    name: str = pydantic.Field(
        "sweep",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$",
        description="Name of the sweep, and of its folder under sweeps/. By "
        "default that of the file.",
    )
    config: str | None = pydantic.Field(
        None, description="A preset or a file that the trials start from."
    )
    configs: list[MethodConfig] = pydantic.Field(
        default_factory=list,
        description="Methods; each is run at every point of the grid.",
    )
    trials: list[TrialConfig] = pydantic.Field(
        default_factory=list,
        description="Further methods, run as they are.",
    )
    grid: dict[str, list[Any]] = pydantic.Field(
        default_factory=dict,
        description="Dotted key to values; all combinations are run.",
    )
    set: Overrides = pydantic.Field(default_factory=dict)
    seeds: str | int | list[int] = pydantic.Field(
        0, description="Seeds, as a list or as 0-4."
    )
    names: dict[str, str] = pydantic.Field(
        default_factory=dict,
        description="What a key of the grid is called in the labels.",
    )
    rows: list[str] = pydantic.Field(
        default_factory=list,
        description="Labels in the order of the table; by default the order "
        "of configs, grid and trials.",
    )
    published: PublishedConfig | None = pydantic.Field(
        None, description="Published values of some rows."
    )
    reference: str | None = pydantic.Field(
        None, description="Label of the single-task row, to compare with."
    )
    columns: list[str] = pydantic.Field(
        default_factory=list,
        description="METRIC or TASK.METRIC to show; all by default. mean in "
        "the place of the tasks is the mean over them, outputs that over the "
        "attributes, classes or maps of all tasks.",
    )
    split: Literal["test", "validation", "train"] = pydantic.Field(
        "test", description="What the table is made of."
    )
