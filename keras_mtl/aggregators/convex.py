"""Convex weights that go on from step to step."""

from __future__ import annotations

import keras

from keras_mtl.aggregators.base import Aggregator


class ConvexAggregator(Aggregator):
    """An aggregator with weights as its state: `convex`. See `Aggregator`.

    Args:
        **kwargs: Arguments of `Aggregator`.
    """

    def add_convex(self, num_tasks: int) -> None:
        """Makes the weights, equal at first.

        Args:
            num_tasks: Number of tasks.
        """
        self.convex = self.add_weight(
            (num_tasks,),
            keras.initializers.Constant(1.0 / num_tasks),
            trainable=False,
            name="convex",
        )
