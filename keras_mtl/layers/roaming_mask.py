"""Filters that only some tasks use."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_mtl.layers.affine import recall
from keras_mtl.layers.filter_plan import (
    check_ratio,
    filters_per_task,
    initial_mask,
)
from keras_mtl.layers.task_rows import (
    channels_of,
    check_num_tasks,
    check_task,
    pick,
    spread,
)
from keras_mtl.typing import Shape, Tensor


@keras.saving.register_keras_serializable(package="keras_mtl")
class RoamingMask(keras.layers.Layer):
    """Lets through the channels that a task uses, and zeros the others.

    Which they are is drawn when the layer is built: for every task the same
    number, so that every channel has a task. The `Roaming` callback changes
    them in training (Maximum Roaming); left alone, they stay (Task Routing).

    The state is saved with the weights: `mask` and `visited`, shape
    `(num_tasks, channels)`; `updates`, shape `(num_tasks,)`, swaps done; and
    `plan`, shape `(3,)`: seed, step at which roaming began (-1: not yet) and
    training steps of an epoch (0: unknown).

    Args:
        num_tasks: Number of tasks.
        p: Share of the channels that a task uses, in [0, 1]. With 1 the
            layer changes nothing; with 0 the tasks share none.
        roaming: Whether the `Roaming` callback may change the masks.
        axis: Axis of the channels.
        seed: Seed of the first draw and of later swaps, at least 0.
        **kwargs: Arguments of `keras.layers.Layer`.

    Call arguments:
        features: Float tensor, shape `(batch, ..., channels)`.
        task: Integer, or integer tensor of shape `()` or `(batch,)`.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
        >>> import numpy as np
        >>> layer = RoamingMask(num_tasks=2, p=0.5)
        >>> [int(layer(np.ones((1, 6)), task=t).numpy().sum()) for t in (0, 1)]
        [3, 3]

    Reference:
        [Pascal et al., 2021](https://arxiv.org/abs/2006.09762);
        [Strezoski et al., 2019](https://arxiv.org/abs/1903.12117)
    """

    def __init__(
        self,
        num_tasks: int,
        p: float = 0.8,
        roaming: bool = True,
        axis: int = -1,
        seed: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.num_tasks = check_num_tasks(num_tasks)
        self.p = check_ratio(p)
        if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
            raise ValueError(
                "`seed` must be an integer of at least 0. Received: "
                f"seed={seed!r}."
            )
        self.roaming = roaming
        self.axis = axis
        self.seed = seed
        self.supports_masking = True

    def build(
        self, features_shape: Shape, task_shape: Shape | None = None
    ) -> None:
        """Draws the masks."""
        channels = channels_of(features_shape, self.axis, self)
        shape = (self.num_tasks, channels)
        start = initial_mask(self.p, channels, self.num_tasks, self.seed)

        def drawn(shape: Shape, dtype: Any = None) -> Tensor:
            return ops.cast(ops.convert_to_tensor(start), dtype)

        def planned(shape: Shape, dtype: Any = None) -> Tensor:
            return ops.convert_to_tensor([self.seed, -1, 0], dtype)

        options = {"trainable": False}
        self.mask = self.add_weight(shape, drawn, name="mask", **options)
        self.visited = self.add_weight(
            shape, drawn, "bool", name="visited", **options
        )
        self.updates = self.add_weight(
            (self.num_tasks,), "zeros", "int64", name="updates", **options
        )
        self.plan = self.add_weight(
            (3,), planned, "int64", name="plan", **options
        )

    @property
    def filters_per_task(self) -> int:
        """Channels that each task uses."""
        channels = int(self.mask.shape[1])
        return filters_per_task(self.p, channels, self.num_tasks)

    def call(self, features: Tensor, task: int | Tensor) -> Tensor:
        """Multiplies the channels by the mask of the task."""
        task = check_task(task, self.num_tasks)
        table = ops.cast(ops.convert_to_tensor(self.mask), features.dtype)
        row = pick(table, task)
        affine = recall(features, self.axis)
        if affine is not None:
            # Bit for bit the same, without a pass over the features.
            return ops.cast(affine.scaled(row).value(), features.dtype)
        return features * spread(row, features, self.axis)

    def compute_output_shape(
        self, features_shape: Shape, task_shape: Shape | None = None
    ) -> Shape:
        """The shape of the features."""
        return features_shape

    def load_own_variables(self, store: Any) -> None:
        """Loads the state.

        Raises:
            ValueError: If it is that of other numbers of tasks or channels.
        """
        saved = tuple(store["0"].shape)
        if saved != tuple(self.mask.shape):
            raise ValueError(
                f"RoamingMask {self.name!r} has masks for (tasks, channels) = "
                f"{tuple(self.mask.shape)}, the file holds {saved}. Load it "
                "into a model of the same tasks and widths, or partition the "
                "loaded plain model anew."
            )
        super().load_own_variables(store)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            **super().get_config(),
            "num_tasks": self.num_tasks,
            "p": self.p,
            "roaming": self.roaming,
            "axis": self.axis,
            "seed": self.seed,
        }
