"""Masks of which a pixel belongs to one at most."""

from __future__ import annotations

import colorsys
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keras_mtl.errors import ConfigError
from keras_mtl.pipelines.enlarging import enlarged
from keras_mtl.pipelines.network import Network
from keras_mtl.pipelines.pipeline import Measured, Pipeline, State
from keras_mtl.pipelines.reading import Colour, Reading, Region

TOGETHER = "together"
_BACKGROUND = -1


class ExclusiveMasks(Pipeline):
    """The masks of all tasks as one segmentation, for classes one by one.

    A pixel belongs to the mask with the highest logit, or to the background
    where none is above 0.

    To the metrics of a split it adds `published_pixel_accuracy` of
    `together`: the share of right pixels, of those that all of these tasks
    have a label for. It is that of the thesis's chapter 4; what the tasks
    measure themselves is the accuracy of each mask against everything else.

    Reference:
        L. Pascal, thesis, chapter 4.
    """

    def check(self, tasks: Mapping[str, Any]) -> None:
        """Refuses data without two masks or more.

        Args:
            tasks: Task to `TaskSpec`.

        Raises:
            ConfigError: If there are fewer, or the name `together` is taken.
        """
        masks = _names(tasks)
        if len(masks) < 2:
            raise ConfigError(
                "`pipeline: exclusive_masks` needs two masks or more, in one "
                f"task or in several. Received: {masks}, of the tasks "
                f"{sorted(tasks)}."
            )
        if TOGETHER in tasks:
            raise ConfigError(
                f"`pipeline: exclusive_masks` calls all masks {TOGETHER!r}: "
                "no task may have that name. Rename it."
            )

    def fit(self, data: Any) -> State:
        """The masks, in order: nothing is learned."""
        return {"masks": _names(data.tasks)}

    def measure(self, model: Any, split: Any, state: State) -> Measured:
        """See `Pipeline.measure`, and above."""
        network, right, total = Network.of(model), 0, 0
        tasks = list(dict.fromkeys(task for task, _ in state["masks"]))
        for element in split.dataset():
            found = _classes(network(np.asarray(element[0])), tasks, 0.0)
            truth = _classes(element[1], tasks, 0.5)
            known = np.ones(truth.shape, bool)
            weights = element[2] if len(element) == 3 else {}
            for task in tasks:
                if task in weights:
                    known &= np.asarray(weights[task]) > 0
            right += int((found == truth)[known].sum())
            total += int(known.sum())
        accuracy = right / total if total else math.nan
        return {TOGETHER: {"published_pixel_accuracy": accuracy}}

    def read(
        self,
        network: Network,
        image: NDArray[np.float32],
        size: tuple[int, int],
        state: State,
    ) -> Reading:
        """See `Pipeline.read`.

        Returns:
            For each mask its share of the image, as `<mask>_share`, and its
            region.
        """
        masks = [name for _, name in state["masks"]]
        tasks = list(dict.fromkeys(task for task, _ in state["masks"]))
        logits = _stacked(network(image[None]), tasks)[0]
        larger = [
            enlarged(logits[..., i], size) for i in range(logits.shape[-1])
        ]
        classes = _highest(np.stack(larger, axis=-1), 0.0)
        regions = {
            name: Region(classes == index, _colour(index, len(masks)), "fill")
            for index, name in enumerate(masks)
        }
        values: dict[str, float | None] = {
            f"{name}_share": float(region.mask.mean())
            for name, region in regions.items()
        }
        return Reading(values, regions)

    def definitions(self) -> dict[str, Any]:
        """See `Pipeline.definitions`."""
        return {**super().definitions(), "higher_is_better": True}


def _names(tasks: Mapping[str, Any]) -> list[list[str]]:
    """Task and name of every mask."""
    found = []
    for task in sorted(tasks):
        spec = tasks[task]
        if spec.kind == "mask":
            names = [task]
            if spec.num_outputs > 1:
                numbers = range(spec.num_outputs)
                names = [f"{task}_{index}" for index in numbers]
            found += [[task, name] for name in names]
    return found


def _stacked(values: Mapping[str, Any], tasks: list[str]) -> NDArray[Any]:
    return np.concatenate([np.asarray(values[t]) for t in tasks], axis=-1)


def _classes(
    values: Mapping[str, Any], tasks: list[str], threshold: float
) -> NDArray[np.int64]:
    return _highest(_stacked(values, tasks), threshold)


def _highest(maps: NDArray[Any], threshold: float) -> NDArray[np.int64]:
    """The highest map of each pixel; -1 where none is above the threshold."""
    some = np.any(maps > threshold, axis=-1)
    return np.where(some, np.argmax(maps, axis=-1), _BACKGROUND)


def _colour(index: int, count: int) -> Colour:
    """Hues as far apart as possible."""
    red, green, blue = colorsys.hsv_to_rgb(index / count, 0.8, 1.0)
    return round(255 * red), round(255 * green), round(255 * blue)
