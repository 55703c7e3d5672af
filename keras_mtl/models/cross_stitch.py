"""Cross-stitch networks: one network per task, stitched together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from keras_mtl.layers import CrossStitch
from keras_mtl.models.columns import Columns
from keras_mtl.models.heads import assemble, check_tasks


def cross_stitch(
    tasks: Mapping[str, int],
    input_shape: Sequence[int],
    kinds: Mapping[str, str] | None = None,
    widths: Sequence[int] = (64, 128, 256, 512),
    depth: int = 2,
    self_weight: float = 0.9,
    channelwise: bool = True,
    name: str = "cross_stitch",
) -> Any:
    """A network per task; after each stage their features are mixed.

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
        self_weight: Initial weight of a task's own features in a mixture.
        channelwise: Whether every channel is mixed in its own way.
        name: Name of the model.

    Returns:
        A Functional model from the input `image` (or `features`), float,
        shape `(batch, *input_shape)`, to a dict, task to float32 logits (or
        values) of shape `(batch, units)`, or `(batch, height, width, units)`,
        resized from the last stage.

    Raises:
        ValueError: If `tasks` is empty, or an option is out of its range.

    Reference:
        [Misra et al., 2016](https://arxiv.org/abs/1604.03539)
    """
    check_tasks(tasks)
    columns, kinds = Columns.checked(tasks, input_shape, kinds, widths, depth)
    inputs = columns.input()
    features = dict.fromkeys(tasks, inputs)
    for index in range(len(widths)):
        stage = f"stage{index + 1}"
        features = {
            task: columns.stage(x, index, f"{task}_{stage}")
            for task, x in features.items()
        }
        stitch = CrossStitch(self_weight, channelwise, name=f"{stage}_stitch")
        features = stitch(features)
    outputs = columns.outputs(features, tasks, kinds)
    return assemble(inputs, outputs, name)
