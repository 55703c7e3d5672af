"""Soft parameter sharing: one network per task, weights drawn together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from keras_mtl.layers import SoftSharing
from keras_mtl.layers.soft_sharing import Penalty
from keras_mtl.layers.tie_penalties import Flattening
from keras_mtl.models.columns import Columns
from keras_mtl.models.heads import assemble, check_tasks


def soft_sharing(
    tasks: Mapping[str, int],
    input_shape: Sequence[int],
    kinds: Mapping[str, str] | None = None,
    widths: Sequence[int] = (64, 128, 256, 512),
    depth: int = 2,
    penalty: Penalty = "l2",
    strength: float = 1e-3,
    flattening: Flattening = "last_axis",
    name: str = "soft_sharing",
) -> Any:
    """A network per task; a penalty draws their kernels to each other.

    The tasks share no variable, so that there are no common gradients for an
    aggregator to combine, and nothing to partition: both are refused. Train
    it with `Shared` (one step for all) or `Independent`.

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
        penalty: `"l2"`: squared distances of the kernels of a layer to their
            mean; `"trace_norm"`: trace norm of the kernels side by side.
        strength: Factor of the penalty, at least 0.
        flattening: Of the trace norm: `"last_axis"`, `"tucker"` or
            `"tensor_train"`.
        name: Name of the model.

    Returns:
        A Functional model from the input `image` (or `features`), float,
        shape `(batch, *input_shape)`, to a dict, task to float32 logits (or
        values) of shape `(batch, units)`, or `(batch, height, width, units)`,
        resized from the last stage.

    Raises:
        ValueError: If `tasks` is empty, or an option is out of its range.

    Reference:
        [Duong et al., 2015](https://aclanthology.org/P15-2139);
        [Yang & Hospedales, 2017](https://arxiv.org/abs/1606.04038)
    """
    check_tasks(tasks)
    columns, kinds = Columns.checked(tasks, input_shape, kinds, widths, depth)
    tied: dict[str, SoftSharing] = {}
    options: dict[str, Any] = {
        "penalty": penalty,
        "strength": strength,
        "flattening": flattening,
    }

    def place(task: str) -> Callable[[Any], Callable[[Any], Any]]:
        def placed(layer: Any) -> Callable[[Any], Any]:
            common = layer.name.removeprefix(f"{task}_")
            if common not in tied:
                layer.name = "layer"
                tied[common] = SoftSharing(
                    layer, list(tasks), name=f"{common}_tied", **options
                )
            return lambda x: tied[common](x, task=task)

        return placed

    inputs = columns.input()
    features = dict.fromkeys(tasks, inputs)
    for index in range(len(widths)):
        features = {
            task: columns.stage(
                x, index, f"{task}_stage{index + 1}", place(task)
            )
            for task, x in features.items()
        }
    outputs = columns.outputs(features, tasks, kinds)
    return assemble(inputs, outputs, name)
