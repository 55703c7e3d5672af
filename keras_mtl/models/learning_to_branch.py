"""Learning to branch: a tree of shared layers whose shape is learned."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from keras_mtl.layers import BranchSelection
from keras_mtl.models.columns import Columns
from keras_mtl.models.heads import assemble, check_tasks, check_units


def learning_to_branch(
    tasks: Mapping[str, int],
    input_shape: Sequence[int],
    kinds: Mapping[str, str] | None = None,
    widths: Sequence[int] = (64, 128, 256, 512),
    depth: int = 2,
    num_branches: int | None = None,
    temperature: float = 5.0,
    seed: int = 0,
    name: str = "learning_to_branch",
) -> Any:
    """Several branches at every stage; each reads one of those before it.

    Which one it reads is drawn from a Gumbel-softmax distribution that is
    trained with the weights. Lower the temperature in training with the
    callback `anneal_temperature`; evaluation reads the likeliest branches.

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
        num_branches: Number of branches of each stage, by default the number
            of tasks.
        temperature: Initial temperature of the choices, above 0.
        seed: Seed of the draws.
        name: Name of the model.

    Returns:
        A Functional model from the input `image` (or `features`), float,
        shape `(batch, *input_shape)`, to a dict, task to float32 logits (or
        values) of shape `(batch, units)`, or `(batch, height, width, units)`,
        resized from the last stage.

    Raises:
        ValueError: If `tasks` is empty, or an option is out of its range.

    Reference:
        [Guo et al., 2020](https://arxiv.org/abs/2006.01895)
    """
    check_tasks(tasks)
    count = len(tasks) if num_branches is None else num_branches
    check_units("num_branches", [count])
    columns, kinds = Columns.checked(tasks, input_shape, kinds, widths, depth)
    inputs = columns.input()
    parents = [inputs]

    def selected(reader: str) -> Any:
        if len(parents) == 1:
            return parents[0]
        # Each reader draws numbers of its own.
        own = (seed + zlib.crc32(reader.encode())) % 2**31
        select = BranchSelection(temperature, own, name=reader)
        return select(parents)

    for index in range(len(widths)):
        names = [f"stage{index + 1}_branch{n}" for n in range(1, count + 1)]
        read = [selected(f"{branch}_selection") for branch in names]
        parents = [
            columns.stage(x, index, branch)
            for x, branch in zip(read, names, strict=True)
        ]
    features = {task: selected(f"{task}_selection") for task in tasks}
    outputs = columns.outputs(features, tasks, kinds)
    return assemble(inputs, outputs, name)
