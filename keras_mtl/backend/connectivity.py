"""Which variables the outputs of a model train."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf
from keras import tree


def trained_by(
    model: keras.Model, variables: Sequence[keras.Variable]
) -> dict[str, frozenset[int]]:
    """Finds the variables that each output has a gradient for.

    The model is traced, not run. A gradient that is stopped on its way does
    not count; one that is zero by value does.

    Args:
        model: Functional model whose output is a dict, task to tensor.
        variables: Variables to look for.

    Returns:
        Task to the indices of its variables in `variables`.
    """
    found: dict[str, frozenset[int]] = {}

    def trace(inputs: Any) -> None:
        # The scope keeps symbolic losses out of the layers.
        with (
            keras.StatelessScope(),
            tf.GradientTape(persistent=True) as tape,
        ):
            outputs = model(inputs, training=True)
        sources = [_readable(variable) for variable in variables]
        for task, output in outputs.items():
            gradients = tape.gradient(output, sources)
            found[task] = frozenset(
                index
                for index, gradient in enumerate(gradients)
                if gradient is not None
            )

    specs = tree.map_structure(
        lambda tensor: tf.TensorSpec(tensor.shape, tensor.dtype),
        model._inputs_struct,
    )
    tf.function(trace, autograph=False).get_concrete_function(specs)
    return found


def _readable(variable: keras.Variable) -> Any:
    """What is read of a variable; of replicas, that of the first."""
    strategy = tf.distribute.get_strategy()
    return strategy.experimental_local_results(variable.value)[0]
