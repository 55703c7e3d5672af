"""Several augmentations, one after the other."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import tensorflow as tf

from keras_mtl.datasets.augmentation.step import Geometric, Photometric
from keras_mtl.datasets.augmentation.warp import warp
from keras_mtl.datasets.options import wrong
from keras_mtl.datasets.task_spec import TaskSpec
from keras_mtl.typing import Tensor

_HOME = "keras_mtl.datasets.augmentation"
AUGMENTATIONS = {
    "colour": f"{_HOME}.colour:Colour",
    "crop": f"{_HOME}.crop:Crop",
    "flip": f"{_HOME}.flip:Flip",
    "rotation": f"{_HOME}.rotation:Rotation",
    "scale": f"{_HOME}.scale:Scale",
}
Step = Geometric | Photometric


class Chain:
    """Applies augmentations to batches of images and labels.

    All moves are combined, so that pixels are interpolated once.

    Args:
        steps: The augmentations, in order.
        tasks: Task to what it predicts.
        disparities: Tasks whose depth is inverse.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        tasks: Mapping[str, TaskSpec],
        disparities: Sequence[str] = (),
    ) -> None:
        self.steps = tuple(steps)
        self.tasks = dict(tasks)
        self.disparities = tuple(disparities)

    @property
    def num_draws(self) -> int:
        """How many random numbers a sample needs."""
        return sum(step.num_draws for step in self.steps)

    def __call__(
        self,
        images: Tensor,
        labels: Mapping[str, Tensor],
        weights: Mapping[str, Tensor],
        draws: Tensor,
    ) -> tuple[Tensor, dict[str, Tensor], dict[str, Tensor]]:
        """The changed images, labels and weights.

        Args:
            images: Float32 in [0, 1], shape `(batch, height, width,
                channels)`.
            labels: Task to its labels.
            weights: Task to its weights.
            draws: Float32, shape `(batch, num_draws)`, uniform in [0, 1).
        """
        parts = tf.split(draws, [s.num_draws for s in self.steps], axis=1)
        size = (int(images.shape[1]), int(images.shape[2]))
        matrix = None
        for step, own in zip(self.steps, parts, strict=True):
            if hasattr(step, "matrix"):
                found = step.matrix(own, size)
                matrix = found if matrix is None else matrix @ found
        new_labels, new_weights = dict(labels), dict(weights)
        if matrix is not None:
            images, new_labels, new_weights = warp(
                images, labels, weights, matrix, self.tasks, self.disparities
            )
        for step, own in zip(self.steps, parts, strict=True):
            if hasattr(step, "pixels"):
                images = step.pixels(images, own)
        return images, new_labels, new_weights


def make_steps(blocks: Sequence[Any]) -> list[Step]:
    """Makes the augmentations of `data.augmentation`.

    Args:
        blocks: Names, or mappings with a name and options.

    Raises:
        ConfigError: If a name or an option is wrong.
    """
    if isinstance(blocks, str) or not isinstance(blocks, Sequence):
        raise wrong("augmentation", "a list of names or mappings", blocks)
    return [_step(block) for block in blocks]


def _step(block: Any) -> Step:
    options = {"name": block} if isinstance(block, str) else block
    name = options.get("name") if isinstance(options, Mapping) else None
    if name not in AUGMENTATIONS:
        close = get_close_matches(str(name), AUGMENTATIONS, n=1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        raise wrong(
            "augmentation",
            f"names or mappings with a name of {sorted(AUGMENTATIONS)}{hint}",
            block,
        )
    module, _, attribute = AUGMENTATIONS[name].partition(":")
    made = getattr(importlib.import_module(module), attribute)
    given = {key: options[key] for key in options if key != "name"}
    known = list(inspect.signature(made).parameters)
    for key in given:
        if key not in known:
            raise wrong(f"augmentation.{name}", f"options of {known}", key)
    step: Step = made(**given)
    return step
