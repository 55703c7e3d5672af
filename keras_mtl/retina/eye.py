"""What the outputs of a network say of one eye."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keras_mtl.retina.cup_to_disc import CupToDisc, vertical_cup_to_disc_ratio
from keras_mtl.retina.fovea import Fovea, fovea_location
from keras_mtl.retina.largest_component import largest_component

MASKS = ("disc", "cup")


@dataclass(frozen=True)
class Eye:
    """Measurements of one eye; what was not looked for is `None`.

    Args:
        masks: `"disc"` and `"cup"` to a boolean mask, `(height, width)`,
            reduced to its largest component.
        ratio: Vertical cup-to-disc ratio of these masks.
        fovea: Where the fovea is, in pixels of its map.
        score: The network's probability of glaucoma, in [0, 1]; NaN where it
            is not known.
    """

    masks: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    ratio: CupToDisc | None = None
    fovea: Fovea | None = None
    score: float | None = None


def read_eye(
    outputs: Mapping[str, NDArray[Any]], published: bool = False
) -> Eye:
    """Reads the outputs of a network for one image.

    Masks are cut at a probability of one half and reduced to their largest
    connected component, and the ratio is measured on these.

    Args:
        outputs: Task to output, without the batch: `glaucoma`, a logit of
            shape `(1,)`; `disc` and `cup`, logits of shape
            `(height, width, 1)`; `fovea`, a heat map of that shape. Any of
            them may be left out, and other tasks are not looked at.
        published: Find the fovea as the thesis does; see `fovea_location`.

    Reference:
        L. Pascal, thesis, chapter 5.
    """
    masks = {
        name: largest_component(np.asarray(outputs[name])[..., 0] > 0)
        for name in MASKS
        if name in outputs
    }
    fovea = score = None
    if "fovea" in outputs:
        fovea = fovea_location(np.asarray(outputs["fovea"])[..., 0], published)
    if "glaucoma" in outputs:
        logit = float(np.ravel(outputs["glaucoma"])[0])
        # Through tanh, which does not overflow.
        score = 0.5 * (1 + math.tanh(logit / 2))
    return Eye(masks, ratio_of(masks), fovea, score)


def ratio_of(masks: Mapping[str, NDArray[Any]]) -> CupToDisc | None:
    """The vertical cup-to-disc ratio of masks; `None` if one is not there.

    Args:
        masks: `"disc"` and `"cup"` to masks, `(height, width)`.
    """
    if not set(MASKS) <= set(masks):
        return None
    return vertical_cup_to_disc_ratio(masks["disc"], masks["cup"])
