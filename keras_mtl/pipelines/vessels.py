"""Vessels of the retina, in whole photographs."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keras_mtl.errors import ConfigError
from keras_mtl.pipelines.enlarging import enlarged
from keras_mtl.pipelines.network import Network, Outputs
from keras_mtl.pipelines.pipeline import Measured, Pipeline, State
from keras_mtl.pipelines.reading import Colour, Reading, Region
from keras_mtl.retina.largest_component import largest_component
from keras_mtl.retina.tiling import Axis, blended, tile_axis

# Halved four times and still whole, or five times.
_MULTIPLES = (16, 32)
_MULTIPLE = _MULTIPLES[-1]
_UNION = "union"
_DARK = 0.15  # of the range of a photograph
# Told apart by colour-blind eyes too, on the orange ground.
_COLOURS: tuple[Colour, ...] = ((255, 255, 0), (0, 160, 255), (255, 255, 255))


class Vessels(Pipeline):
    """Vessel maps of whole photographs, in tiles that are blended.

    It looks at the tasks `artery_vein` and `vessels`. Photographs go through
    the network in tiles, larger than those it was trained on where the
    network allows that: the less they overlap, the less is computed twice.
    Towards its edges a tile counts less, so that no seams show.

    To the metrics of a split it adds, over all of its whole images together
    and for every map of a task, `whole_f1_<map>` and `whole_accuracy_<map>`.
    Where a task has several maps, `union` is whatever is in one of them
    against the background.

    Args:
        tile: Pixels of the longest side of a tile: a multiple of 32.
        overlap: Pixels that neighbours share at least, less than a tile.

    Reference:
        [Wu et al., 2023](https://arxiv.org/abs/2309.12090): the scores
    """

    kinds: Mapping[str, tuple[str, ...]] = {
        "artery_vein": ("mask",),
        "vessels": ("mask",),
    }

    def __init__(self, tile: int = 1024, overlap: int = 32) -> None:
        if tile < _MULTIPLE or tile % _MULTIPLE:
            raise ConfigError(
                f"`tile` must be a multiple of {_MULTIPLE}. Received: "
                f"tile={tile}."
            )
        if not 0 <= overlap < tile:
            raise ConfigError(
                "`overlap` must be 0 or more, and less than `tile`. Received: "
                f"overlap={overlap}."
            )
        self.tile = tile
        self.overlap = overlap

    def input_size(
        self,
        network: Network,
        resized: tuple[int, int] | None,
        stored: tuple[int, int],
    ) -> tuple[int, int]:
        """The size that the images of the data had; see `Pipeline`."""
        return resized or stored

    def fit(self, data: Any) -> State:
        """The names of the maps: nothing is learned."""
        return {
            "maps": {
                task: list(data.tasks[task].class_names or (task,))
                for task in self.kinds
                if task in data.tasks
            }
        }

    def apply(self, network: Network, image: NDArray[np.float32]) -> Outputs:
        """The maps of a whole image, tile by tile.

        Args:
            network: The network.
            image: Shape `(height, width, channels)`.

        Returns:
            Task to logits, float32, shape `(height, width, maps)`.
        """
        rows, columns, network = self.tiles(network, image.shape)

        def maps(tile: NDArray[Any]) -> Outputs:
            found = network(tile)
            return {task: found[task] for task in self.kinds if task in found}

        return blended(maps, image, rows, columns)

    def measure(self, model: Any, split: Any, state: State) -> Measured:
        """See `Pipeline.measure`, and above."""
        network = Network.of(model)
        counts: dict[tuple[str, str], NDArray[np.int64]] = {}
        for element in split.plain(1).dataset():
            image = np.asarray(element[0][0])
            weights = element[2] if len(element) == 3 else {}
            for task, logits in self.apply(network, image).items():
                truth = np.asarray(element[1][task][0]) > 0.5
                known = np.ones(truth.shape[:2], bool)
                if task in weights:
                    known = np.asarray(weights[task][0]) > 0
                pairs = _maps(state["maps"][task], truth, logits > 0)
                for name, (one, other) in pairs.items():
                    found = _counted(one[known], other[known])
                    key = (task, name)
                    counts[key] = counts.get(key, 0) + found
        scores: Measured = {}
        for (task, name), count in counts.items():
            scores.setdefault(task, {}).update(_scores(name, count))
        return scores

    def read(
        self,
        network: Network,
        image: NDArray[np.float32],
        size: tuple[int, int],
        state: State,
    ) -> Reading:
        """See `Pipeline.read`.

        Returns:
            For each map its share of the photograph, as `<map>_share`, and
            its region, within the field of view: what is around it is dark,
            and training says nothing about it.
        """
        names = state.get("maps", {})
        regions: dict[str, Region] = {}
        inside = enlarged(field_of_view(image), size) > 0.5
        for task, logits in self.apply(network, image).items():
            known = names.get(task) or _numbered(task, logits.shape[-1])
            for index, name in enumerate(known):
                mask = inside & (enlarged(logits[..., index], size) > 0)
                colour = _COLOURS[index if len(known) > 1 else -1]
                regions[name] = Region(mask, colour, "fill")
        # What has several maps is drawn last, over what has one.
        order = sorted(regions, key=lambda name: regions[name].colour[0] < 255)
        values: dict[str, float | None] = {
            f"{name}_share": float(region.mask.mean())
            for name, region in regions.items()
        }
        empty = [n for n, region in regions.items() if not region.mask.any()]
        remarks = tuple(f"nothing was found of {name}" for name in empty)
        drawn = {name: regions[name] for name in order}
        return Reading(values, drawn, {}, remarks)

    def definitions(self) -> dict[str, Any]:
        """See `Pipeline.definitions`."""
        config = {"tile": self.tile, "overlap": self.overlap}
        own = super().definitions()
        return {**own, "config": config, "higher_is_better": True}

    def tiles(
        self, network: Network, shape: tuple[int, ...]
    ) -> tuple[Axis, Axis, Network]:
        """How an image is cut, and the network for its tiles.

        Args:
            network: The network.
            shape: Height and width of the image, and whatever follows.

        Returns:
            Tiles along the height and the width, of the size that the network
            takes; a network whose size is fixed gets tiles of that size.
        """
        height, width = shape[:2]
        for multiple in _MULTIPLES:
            options = (self.tile, self.overlap, multiple)
            rows = tile_axis(height, *options)
            columns = tile_axis(width, *options)
            with contextlib.suppress(ValueError):
                return rows, columns, network.at((rows.length, columns.length))
        rows, columns = (
            tile_axis(side, length, min(self.overlap, length - 1), length)
            for side, length in zip(
                (height, width), network.input_shape[:2], strict=True
            )
        )
        return rows, columns, network


def field_of_view(image: NDArray[Any]) -> NDArray[np.bool_]:
    """The largest part of a photograph that is not dark, its holes filled.

    Args:
        image: Shape `(height, width, channels)`, in any scale.

    Returns:
        Boolean, shape `(height, width)`; all of it where nothing is dark.
    """
    from scipy import ndimage

    bright = np.asarray(image).max(axis=-1)
    dark = bright.min() + _DARK * (bright.max() - bright.min())
    filled = ndimage.binary_fill_holes(largest_component(bright >= dark))
    return np.asarray(filled)


def _numbered(task: str, count: int) -> list[str]:
    return [task] if count == 1 else [f"{task}_{i}" for i in range(count)]


def _maps(
    names: list[str], truth: NDArray[np.bool_], found: NDArray[np.bool_]
) -> dict[str, tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Label and prediction of every map, and of all together."""
    pairs = {n: (truth[..., i], found[..., i]) for i, n in enumerate(names)}
    if len(names) > 1:
        either = np.logical_or.reduce
        pairs[_UNION] = (either(truth, axis=-1), either(found, axis=-1))
    return pairs


def _counted(
    truth: NDArray[np.bool_], found: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Pixels of both, of the label, of the prediction; of either; of all."""
    hits = int((truth & found).sum())
    right = int((truth == found).sum())
    sums = [hits, int(truth.sum()), int(found.sum()), right, truth.size]
    return np.array(sums, np.int64)


def _scores(name: str, count: NDArray[np.int64]) -> dict[str, float]:
    hits, labelled, predicted, right, total = count.tolist()
    both = labelled + predicted
    return {
        f"whole_f1_{name}": 2 * hits / both if both else math.nan,
        f"whole_accuracy_{name}": right / total if total else math.nan,
    }
