"""A forward pass that stops at the frontier on its way."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import keras

from keras_mtl.typing import Tensor, Tensors


class FrontierPass(keras.layers.Layer):
    """Trunk, then heads, in one call.

    A layer forgets the losses of its last call when it is called anew from
    outside, which is what trunk and heads would do to a layer that they
    share. Within the call of one layer they add up.

    Args:
        split: A `Split`: its trunk and heads.
        tasks: Whose heads to run.
    """

    def __init__(self, split: Any, tasks: Sequence[str]) -> None:
        super().__init__(autocast=False)
        self.trunk = split.trunk
        self.heads = {task: split.heads[task] for task in tasks}
        self.differentiable = tuple(split.differentiable)

    def call(
        self, inputs: Any, tape: AbstractContextManager[Any]
    ) -> tuple[list[Tensor], Tensors]:
        """Runs both.

        Args:
            inputs: What the model takes.
            tape: Records the heads, from the frontier on.

        Returns:
            The differentiable frontier tensors, and task to output.
        """
        features = self.trunk(inputs, training=True)
        watched = [
            feature
            for feature, use in zip(features, self.differentiable, strict=True)
            if use
        ]
        with tape as recorder:
            recorder.watch(watched)
            outputs = {
                task: head(features, training=True)
                for task, head in self.heads.items()
            }
        return watched, outputs
