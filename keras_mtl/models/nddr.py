"""NDDR-CNN: one network per task, fused by learned projections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from keras_mtl.layers import NDDR
from keras_mtl.models.blocks import norm_relu
from keras_mtl.models.columns import Columns
from keras_mtl.models.heads import assemble, check_tasks


def nddr(
    tasks: Mapping[str, int],
    input_shape: Sequence[int],
    kinds: Mapping[str, str] | None = None,
    widths: Sequence[int] = (64, 128, 256, 512),
    depth: int = 2,
    self_weight: float = 0.9,
    other_weight: float = 0.1,
    weight_decay: float = 0.0,
    name: str = "nddr",
) -> Any:
    """A network per task; each stage ends in a projection of all of them.

    Args:
        tasks: Task name to the number of output units of that task.
        input_shape: Height, width and channels of an image, or the number of
            features of a table.
        kinds: Task name to kind, see `TaskSpec`. A task that is left out has
            a vector.
        widths: Filters of the 3x3 convolutions (units of the dense layers,
            for tables) of each stage. A max-pooling stands between stages of
            images.
        depth: Number of convolutions (dense layers) of each stage.
        self_weight: Initial weight of a task's own features.
        other_weight: Initial weight of the features of each other task.
        weight_decay: Strength of the squared penalty on the projections, at
            least 0.
        name: Name of the model.

    Returns:
        A Functional model from the input `image` (or `features`), float,
        shape `(batch, *input_shape)`, to a dict, task to float32 logits (or
        values) of shape `(batch, units)`, or `(batch, height, width, units)`,
        resized from the last stage.

    Raises:
        ValueError: If `tasks` is empty, or an option is out of its range.

    Reference:
        [Gao et al., 2019](https://arxiv.org/abs/1801.08297)
    """
    check_tasks(tasks)
    if weight_decay < 0:
        raise ValueError(
            "`weight_decay` must be 0 or more. Received: "
            f"weight_decay={weight_decay!r}."
        )
    columns, kinds = Columns.checked(tasks, input_shape, kinds, widths, depth)
    inputs = columns.input()
    features = dict.fromkeys(tasks, inputs)
    for index in range(len(widths)):
        stage = f"stage{index + 1}"
        every = {
            task: columns.stage(x, index, f"{task}_{stage}")
            for task, x in features.items()
        }
        decay = keras.regularizers.L2(weight_decay) if weight_decay else None
        for task in tasks:
            prefix = f"{task}_{stage}_nddr"
            fuse = NDDR(task, self_weight, other_weight, decay, name=prefix)
            features[task] = norm_relu(fuse(every), prefix)
    outputs = columns.outputs(features, tasks, kinds)
    return assemble(inputs, outputs, name)
