"""What a configuration may hold.

Blocks that name a component (`data`, `model`, `trainer`, `optimizer`, a
task's `loss`) are flat: `{name: adam, learning_rate: 1e-3}`. Their options
are those of the component's signature; see `components.py`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pydantic

from keras_mtl.config.strict import STRICT
from keras_mtl.config.transfer_schema import TransferConfig

Block = dict[str, Any]
Ratio = Annotated[float, pydantic.Field(ge=0, le=1)]
Count = Annotated[int, pydantic.Field(ge=1, le=10**9)]


class TaskConfig(pydantic.BaseModel):
    """What one task is trained on. Left out: the default of its data set."""

    model_config = STRICT

    loss: Block = pydantic.Field(
        default_factory=dict,
        description="A loss, by name or with options. Outputs are logits, so "
        "`from_logits` is true unless it is given.",
    )
    metrics: list[str | Block] = pydantic.Field(
        default_factory=list,
        description="Metrics, by name or with options.",
    )
    weight: float | None = pydantic.Field(
        None, ge=0, description="Constant factor of the loss, 1 by default."
    )


class PartitionConfig(pydantic.BaseModel):
    """Which filters of the shared convolutions each task uses."""

    model_config = STRICT

    kind: Literal["roaming", "routing", "se"] = pydantic.Field(
        "roaming",
        description="Masks that the callback `roaming` changes, masks that "
        "stay, or a squeeze-and-excite gate for each task.",
    )
    p: Ratio | list[Ratio] | dict[str, Ratio] = pydantic.Field(
        0.8,
        description="Share of the filters that a task uses: for all "
        "convolutions, by their names, or a list that runs from the first "
        "convolution to the last, in straight lines.",
    )
    norm: Literal["batch", "task_batch", "group"] = pydantic.Field(
        "task_batch",
        description="Averages of the batch normalisations over all tasks, or "
        "for each task; or group normalisation instead.",
    )
    where: Literal["after_norm", "after_activation"] = pydantic.Field(
        "after_norm", description="Where the masks stand."
    )
    passes: Literal["sequential", "batched"] = pydantic.Field(
        "sequential",
        description="Run the tasks one after the other, or as one batch.",
    )
    seed: int | None = pydantic.Field(
        None, ge=0, description="Seed of the masks; that of the run."
    )


class DistributeConfig(pydantic.BaseModel):
    """Devices that share every batch."""

    model_config = STRICT

    name: Literal["mirrored"] = pydantic.Field(
        "mirrored",
        description="Every device has the whole network and a part of every "
        "batch. Devices of one machine only: for several machines, start one "
        "run on each.",
    )
    devices: list[str] | None = pydantic.Field(
        None,
        min_length=1,
        description="Devices such as GPU:0; all GPUs by default.",
    )


class FitConfig(pydantic.BaseModel):
    """How long to train, and what to keep."""

    model_config = STRICT

    epochs: Count = pydantic.Field(10, description="Epochs to train.")
    steps_per_execution: Count = pydantic.Field(
        1, description="Batches in one call of the compiled step."
    )
    jit_compile: bool | Literal["auto"] = pydantic.Field(
        "auto", description="Compile the step with XLA; auto: on a GPU only."
    )
    monitor: str = pydantic.Field(
        "val_loss",
        description="What the best epoch is chosen by: loss, <task>_loss or "
        "<task>_<metric>, with val_ for validation.",
    )
    mode: Literal["auto", "min", "max"] = pydantic.Field(
        "auto", description="Whether less or more of it is better."
    )
    evaluate: Literal["best", "last"] = pydantic.Field(
        "best", description="Weights that are tested and saved as the model."
    )
    checkpoint_every: Count = pydantic.Field(
        1, description="Epochs between checkpoints."
    )
    checkpoint_every_batches: Count | None = pydantic.Field(
        None,
        description="Training batches between checkpoints within an epoch, "
        "for long ones; null: none.",
    )
    telemetry: bool = pydantic.Field(
        False, description="Log gradient norms and cosines of the tasks."
    )
    log_every: Count = pydantic.Field(
        50, description="Training batches between two points of the curves."
    )


class RunConfig(pydantic.BaseModel):
    """One training run."""

    model_config = STRICT

    name: str = pydantic.Field(
        "run",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$",
        description="Name of the run, and of its folder under runs/. By "
        "default that of the file.",
    )
    seed: int = pydantic.Field(
        0,
        ge=0,
        lt=2**32,
        description="Seed of everything drawn at random in the run.",
    )
    precision: Literal[
        "float32", "float64", "mixed_bfloat16", "mixed_float16"
    ] = pydantic.Field("float32", description="Dtype policy of Keras.")
    distribute: DistributeConfig | None = pydantic.Field(
        None,
        description="Share every batch among the devices of this machine: "
        "mirrored, or with its options.",
    )
    data: Block = pydantic.Field(
        description="A data set and its options. In `dir`, ${VARIABLE} "
        "stands for an environment variable.",
    )
    model: Block = pydantic.Field(
        description="A network and its options; tasks and input shape come "
        "from the data.",
    )
    partition: PartitionConfig | None = pydantic.Field(
        None,
        description="Share the filters out among the tasks: maximum roaming, "
        "task routing, or gates.",
    )
    transfer: TransferConfig | None = pydantic.Field(
        None,
        description="Take over weights of a network that was trained before, "
        "and train its parts more slowly, later, or not at all.",
    )
    trainer: Block = pydantic.Field(
        default_factory=lambda: {"name": "shared"},
        description="How the task losses become updates.",
    )
    optimizer: Block = pydantic.Field(
        default_factory=lambda: {"name": "adam"},
        description="A Keras optimizer. `learning_rate` is a number or a "
        "schedule.",
    )
    tasks: dict[str, TaskConfig] = pydantic.Field(
        default_factory=dict,
        description='Losses, metrics and weights, task by task; "*" says them '
        "for all tasks that do not say it themselves.",
    )
    callbacks: list[str | Block] = pydantic.Field(
        default_factory=list,
        description="Callbacks, by name or with options.",
    )
    pipeline: Block | None = pydantic.Field(
        None,
        description="What is done with the outputs of the network after the "
        "test, and by `predict`: a pipeline, by name or with options.",
    )
    fit: FitConfig = pydantic.Field(
        default_factory=lambda: FitConfig.model_validate({}),
        description="How long to train, and what to keep.",
    )

    @pydantic.field_validator(
        "distribute",
        mode="before",
        json_schema_input_type=Literal["mirrored"] | DistributeConfig | None,
    )
    @classmethod
    def _name_alone(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value

    def resolved(self) -> dict[str, Any]:
        """Everything that was decided, as plain values."""
        left_out = {"tasks"}
        for name in ("distribute", "transfer", "pipeline"):
            if getattr(self, name) is None:
                left_out.add(name)
        dumped = self.model_dump(mode="json", exclude=left_out)
        tasks = {
            name: task.model_dump(mode="json", exclude_unset=True)
            for name, task in self.tasks.items()
        }
        return {**dumped, "tasks": tasks}
