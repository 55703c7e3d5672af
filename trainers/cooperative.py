"""Cooperative learning (MT-COOL): encoders in flat minima of each other."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any, Literal

import keras
from keras import ops

from keras_mtl.backend.perturbation import Perturbation, bound_after
from keras_mtl.backend.phase import Batch, Phase, PhaseResult
from keras_mtl.backend.projection import Projection
from keras_mtl.backend.replicas import anywhere
from keras_mtl.backend.scalar_telemetry import ScalarTelemetry
from keras_mtl.graph import Split, split
from keras_mtl.trainers.anchors import Anchors
from keras_mtl.trainers.encoders import Encoders, find_encoders
from keras_mtl.trainers.independent import Independent
from keras_mtl.trainers.summary import empty_summary, phase_summary
from keras_mtl.typing import Tensor

Region = Literal["clip", "l2", "none"]


@keras.saving.register_keras_serializable(package="keras_mtl")
class Cooperative(Independent):
    """One step per task, on its own encoder, against noise on the others.

    Every task has an encoder and a head of its own, and reads the features
    of all encoders. On every batch, for each task in order of the names: its
    loss is averaged over draws of uniform noise on the other tasks'
    encoders, its own optimizer steps on its encoder and head alone, and the
    encoder is put back into a region of the same size around where it was.
    Later tasks see the new encoders of earlier ones.

    Losses and metrics in the logs, and the moving statistics of the layers,
    come from one clean pass per optimizer step. Evaluation knows no noise.

    `trainer.telemetry` has the tags `cooperative/bound` (the bound in force),
    `cooperative/clipped/<task>` (share of the coordinates that were put back,
    in [0, 1]; 0 means that the region never acts: with Adam a step is at most
    about the learning rate) and `cooperative/flatness_gap/<task>` (loss of
    the noisy passes minus that of the clean pass, before the step).

    Without noise and region this is plain alternating training, "Vanilla"
    (`noise=False, region="none"`).

    Args:
        model: Functional model with an encoder for each task, such as
            `keras_mtl.models.cooperative` makes.
        bound: Size of noise and region, in units of the weights, 0 or more.
        num_samples: Draws of noise per optimizer step, 1 or more.
        noise: Whether the other encoders are perturbed.
        region: `"clip"`: every coordinate of the encoder stays within
            `bound` of the anchor; `"l2"`: the whole encoder, as one vector,
            stays within that distance; `"none"`: it goes anywhere.
        inner_steps: Optimizer steps of each task on a batch, 1 or more.
        anchor_every: Batches between two moves of the anchors to where the
            encoders are, 1 or more.
        warmup: First batches that are trained without noise and region.
        seed: Seed of the noise.
        name: Name of the trainer.
        dtype: Dtype policy of the trainer.

    Raises:
        ValueError: If an option is out of its range, or the encoders of the
            model cannot be told apart.

    Reference:
        [Wu et al., 2023](https://arxiv.org/abs/2309.12090)
    """

    def __init__(
        self,
        model: keras.Model,
        bound: float,
        num_samples: int = 1,
        noise: bool = True,
        region: Region = "clip",
        inner_steps: int = 1,
        anchor_every: int = 1,
        warmup: int = 0,
        seed: int = 0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        _check_bound(bound)
        _check_count("num_samples", num_samples, 1)
        _check_count("inner_steps", inner_steps, 1)
        _check_count("anchor_every", anchor_every, 1)
        _check_count("warmup", warmup, 0)
        if region not in ("clip", "l2", "none"):
            raise ValueError(
                "`region` must be 'clip', 'l2' or 'none'. Received: "
                f"region={region!r}."
            )
        super().__init__(model, seed=seed, name=name, dtype=dtype)
        self.bound = float(bound)
        self.num_samples = num_samples
        self.noise = noise
        self.region = region
        self.inner_steps = inner_steps
        self.anchor_every = anchor_every
        self.warmup = warmup
        self.encoders = self._find_encoders()
        self._anchors = self._make_anchors()

    # What makes it a scheme ------------------------------------------------

    def variables_of(self, group: tuple[str, ...]) -> list[keras.Variable]:
        """Encoder and head of the task; the other encoders are only read."""
        return [v for task in group for v in self.encoders.of(task)]

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """Configures training; see `Trainer.compile`.

        `optimizer` is copied for every task, or a dict, task to optimizer.
        """
        if self._trained() != self._searched:
            self.encoders = self._find_encoders()
        super().compile(*args, **kwargs)
        members = {task: self._make_telemetry(task) for task in self.tasks}
        self.telemetries = [m for m in members.values() if m is not None]
        self._members = _Members(members)
        self.phases = tuple(
            self._cooperating(phase, inner)
            for phase in self.phases
            for inner in range(self.inner_steps)
        )

    def train_batch(self, batch: Batch) -> Tensor:
        """Every task in turn, `inner_steps` times each."""
        self.optimizer.count_step()
        due = ops.mod(self.step.value - 1, self.anchor_every) == 0
        self._anchors.move(due)
        summary = empty_summary(len(self.tasks))
        for index, phase in enumerate(self.phases):
            if phase.tasks[0] not in batch.labels:
                continue
            result = self._run(phase, batch)
            if index % self.inner_steps == 0:
                self.scores.update(batch, result.outputs)
                summary = summary + phase_summary(phase, result)
        return summary

    def flatness(
        self,
        batches: Iterable[Any],
        bounds: Sequence[float],
        num_samples: int = 5,
        seed: int = 0,
    ) -> dict[str, dict[float, float]]:
        """Losses under noise on the other encoders; see `flatness`."""
        from keras_mtl.trainers.flatness import flatness

        return flatness(self, batches, bounds, num_samples, seed)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        config = super().get_config()
        kept = ("name", "dtype", "model", "seed")
        return {
            **{key: config[key] for key in kept},
            "bound": self.bound,
            "num_samples": self.num_samples,
            "noise": self.noise,
            "region": self.region,
            "inner_steps": self.inner_steps,
            "anchor_every": self.anchor_every,
            "warmup": self.warmup,
        }

    def step_phase(self, phase: Phase, batch: Batch) -> PhaseResult:
        """Runs one phase."""
        from keras_mtl.backend.tensorflow import run_phase

        return run_phase(phase, batch, self.task_losses)

    # Its parts -------------------------------------------------------------

    def _split(self) -> Split:
        # That nothing is shared, `find_encoders` says better.
        named = self._named_variables
        return split(self.model, *named, allow_disjoint=True)

    def _find_encoders(self) -> Encoders:
        self._searched = self._trained()
        return find_encoders(self._split())

    def _trained(self) -> tuple[int, ...]:
        return tuple(id(v) for v in self.model.trainable_variables)

    def _cooperating(self, phase: Phase, inner: int) -> Phase:
        """A phase of `Independent`, on its own encoder, noise and region."""
        (task,) = phase.tasks
        return dataclasses.replace(
            phase,
            shared=(),
            own={task: self.encoders.of(task)},
            perturbation=self._perturbation(task, inner),
            projection=self._projection(task),
        )

    def _perturbation(self, task: str, inner: int) -> Perturbation | None:
        if not self.noise or self.bound == 0:
            return None
        return Perturbation(
            variables=self.encoders.others(task),
            bound=self.bound,
            step=self.step,
            seed=self.seed,
            index=self.tasks.index(task) * self.inner_steps + inner,
            num_samples=self.num_samples,
            warmup=self.warmup,
        )

    def _projection(self, task: str) -> Projection | None:
        if self.region == "none":
            return None
        return Projection(
            variables=self.encoders.encoders[task],
            bound=self.bound,
            step=self.step,
            region=self.region,
            anchors=self._anchors.of(self.encoders.encoders[task]),
            warmup=self.warmup,
        )

    def _run(self, phase: Phase, batch: Batch) -> PhaseResult:
        result = self.watched(phase, batch)
        (task,) = phase.tasks
        member = self._members.of[task]
        if member is not None:
            present = anywhere(batch.present(task))
            bound = bound_after(self.warmup, self.step.value, self.bound, 0.0)
            member.update_state(
                {"bound": bound, **result.measures},
                True if present is None else present,
            )
        return result

    def _make_telemetry(self, task: str) -> ScalarTelemetry | None:
        tags = {}
        if self.region != "none":
            tags["clipped"] = f"cooperative/clipped/{task}"
        if self.noise and self.bound > 0:
            tags["flatness_gap"] = f"cooperative/flatness_gap/{task}"
        if not tags:
            return None
        return ScalarTelemetry({"bound": "cooperative/bound", **tags})

    def _make_anchors(self) -> Anchors:
        """Anchors of the encoders, where one step alone needs none."""
        anchors = Anchors()
        single = self.anchor_every == 1 and self.inner_steps == 1
        if self.region != "none" and not single:
            for task in self.tasks:
                for variable in self.encoders.encoders[task]:
                    anchors.add(variable, self.add_weight)
        return anchors


@dataclasses.dataclass(frozen=True, eq=False)
class _Members:
    """Task to telemetry, out of sight of Keras's tracking."""

    of: Mapping[str, ScalarTelemetry | None]


def _check_bound(bound: float) -> None:
    fits = isinstance(bound, Real) and not isinstance(bound, bool)
    if not fits or not 0 <= bound < math.inf:
        raise ValueError(
            "`bound` must be a finite number, 0 or more: the size of noise "
            f"and region in units of the weights. Received: bound={bound!r}."
        )


def _check_count(argument: str, value: int, least: int) -> None:
    fits = isinstance(value, Integral) and not isinstance(value, bool)
    if not fits or value < least:
        raise ValueError(
            f"`{argument}` must be an integer, {least} or more. Received: "
            f"{argument}={value!r}."
        )
