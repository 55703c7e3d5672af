"""One traced function for all phases that are alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from keras_mtl.backend.phase import Batch, Phase, PhaseResult
from keras_mtl.backend.substitution import substituted
from keras_mtl.backend.tensorflow import run_phase
from keras_mtl.losses import TaskLoss
from keras_mtl.typing import Tensor


class TracedPhase:
    """Runs like phases through a single graph.

    The phase of one group of tasks is traced once, as a function of the
    variables in which the groups differ (heads, optimizer slots, states);
    the others call it with theirs. A step on many tasks then takes as long
    to trace and to compile as a step on one.

    Args:
        template: The phase that is traced.
        variables: What it reads and writes, and other phases have instead.
        losses: Task to its loss, for the tasks of the template.
    """

    def __init__(
        self,
        template: Phase,
        variables: Sequence[keras.Variable],
        losses: Mapping[str, TaskLoss],
    ) -> None:
        self.template = template
        self.variables = tuple(variables)
        self.losses = losses
        self._positions: dict[tuple[int, ...], tf.Variable] = {}
        self._function = tf.function(
            self._run,
            autograph=False,
            # Inlined calls would be compiled one by one.
            experimental_attributes={"_noinline": True},
        )

    def run(
        self,
        phase: Phase,
        variables: Sequence[keras.Variable],
        batch: Batch,
        healthy: Tensor | None = None,
    ) -> PhaseResult:
        """Runs one of the phases.

        Args:
            phase: The template, or a phase like it.
            variables: Its variables, in the order of the template's.
            batch: Inputs, labels and sample weights.
            healthy: Boolean scalar, whether to step at all; `None` for yes.

        Returns:
            Losses and outputs before the step.
        """
        inputs = batch.inputs_for(phase.tasks)
        labels = [batch.labels.get(task) for task in phase.tasks]
        weights = [batch.weights.get(task) for task in phase.tasks]
        losses, counts, extra, outputs, measures = self._function(
            [variable.value for variable in variables],
            self._positions_of(phase),
            inputs,
            labels,
            weights,
            healthy,
        )
        named = dict(zip(phase.tasks, outputs, strict=True))
        return PhaseResult(losses, counts, extra, named, measures)

    def _positions_of(self, phase: Phase) -> tf.Variable | None:
        """Where its tasks are among all, if the weighting has to know.

        Not a constant: TensorFlow would compile the function anew for each.
        """
        if phase.weighting is None:
            return None
        if phase.positions not in self._positions:
            with tf.init_scope():
                self._positions[phase.positions] = tf.Variable(
                    phase.positions, trainable=False, dtype=tf.int64
                )
        return self._positions[phase.positions]

    def _run(
        self,
        values: Sequence[Any],
        positions: Tensor | None,
        inputs: Any,
        labels: Sequence[Any],
        weights: Sequence[Any],
        healthy: Tensor | None,
    ) -> tuple[Any, ...]:
        phase = self.template
        if positions is not None:
            places = ops.convert_to_tensor(positions)
            phase = replace(phase, positions=places)
        named = zip(phase.tasks, labels, weights, strict=True)
        known = {task: (y, w) for task, y, w in named if y is not None}
        batch = Batch(
            inputs,
            {task: y for task, (y, _) in known.items()},
            {task: w for task, (_, w) in known.items()},
        )
        with substituted(self.variables, values):
            result = run_phase(phase, batch, self.losses, healthy)
        outputs = [result.outputs[task] for task in phase.tasks]
        return (
            result.losses,
            result.counts,
            result.extra,
            outputs,
            result.measures,
        )
