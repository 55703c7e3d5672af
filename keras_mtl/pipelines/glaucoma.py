"""Glaucoma from fundus photographs, after the network."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keras_mtl.errors import ConfigError
from keras_mtl.pipelines.enlarging import enlarged_mask
from keras_mtl.pipelines.glaucoma_scores import Labelled, scores
from keras_mtl.pipelines.network import Network
from keras_mtl.pipelines.pipeline import Measured, Pipeline, State
from keras_mtl.pipelines.reading import Reading, Region
from keras_mtl.retina import (
    CupToDisc,
    Eye,
    Fovea,
    VCDRClassifier,
    fovea_location,
    fuse_scores,
    ratio_of,
    read_eye,
)
from keras_mtl.retina.eye import MASKS

_CLASSIFIER = "vcdr_classifier"
# Told apart by colour-blind eyes too, on the orange ground.
_COLOURS = {"disc": (0, 220, 255), "cup": (255, 255, 0)}


class Glaucoma(Pipeline):
    """Masks reduced, cup-to-disc ratio, fovea, and a fused glaucoma score.

    It looks at the tasks `disc`, `cup`, `fovea` and `glaucoma`, as many of
    them as the data has. Masks are reduced to their largest connected
    component. A logistic regression on the vertical cup-to-disc ratio (vCDR)
    is fitted to the annotated masks of the training images, and the final
    score of an eye is the mean of its probability and that of the network.

    To the metrics of a split it adds:

    - `refined_dice` of `disc` and `cup`, of the reduced masks;
    - `vcdr_error` of `cup`, mean absolute, and `vcdr_undefined`, the number
      of eyes without a predicted disc, which it leaves out;
    - `vcdr_auroc`, `fused_auroc`, and at one half `fused_accuracy`,
      `fused_sensitivity` and `fused_specificity` of `glaucoma`. An eye
      without a ratio has no part in the first, and the network's score in
      the others;
    - `fovea_distance_256` in pixels of an image of 256x256,
      `fovea_distance_original` in pixels of the photograph, and
      `fovea_undefined`, the number of eyes that they leave out.

    Args:
        published: Find the fovea as the thesis does too, by the centre of
            mass of the map as it is, which the background pulls to the
            middle: `published_fovea_distance_256` and `_original`. `read`
            then gives that point.
        strength: Inverse of the L2 penalty of the regression, above 0. With
            few training images, 1 makes its answers timid.

    Reference:
        L. Pascal, thesis, chapter 5.
    """

    kinds: Mapping[str, tuple[str, ...]] = {
        "glaucoma": ("binary",),
        "disc": ("mask",),
        "cup": ("mask",),
        "fovea": ("heatmap",),
    }

    def __init__(self, published: bool = False, strength: float = 1.0) -> None:
        if not strength > 0:
            raise ConfigError(
                f"`strength` must be above 0. Received: strength={strength}."
            )
        self.published = published
        self.strength = strength

    def fit(self, data: Any) -> State:
        """Fits the regression on the ratio.

        Args:
            data: A `MultiTaskData`.

        Returns:
            `vcdr_classifier`: its `coefficient` and `intercept`; or `None`,
            where masks or answers are missing, or all eyes are alike.

        Raises:
            ConfigError: If the tasks are trained on different samples.
        """
        if not {"glaucoma", *MASKS} <= set(data.tasks):
            return {_CLASSIFIER: None}
        plain = getattr(data.train, "plain", None)
        if plain is None:
            raise ConfigError(
                "`pipeline` needs the labels of all tasks of an eye together: "
                "expected `data.mode: shared`."
            )
        eyes = list(_labelled(plain().dataset()))
        ratios = [_value(eye.ratio) for eye in eyes]
        answers = [_score(eye) for eye in eyes]
        defined = ~(np.isnan(ratios) | np.isnan(answers))
        if len(set(np.array(answers)[defined].tolist())) < 2:
            return {_CLASSIFIER: None}
        found = VCDRClassifier.fit(ratios, answers, self.strength)
        numbers = {
            "coefficient": found.coefficient,
            "intercept": found.intercept,
        }
        return {_CLASSIFIER: numbers}

    def classifier(self, state: State) -> VCDRClassifier | None:
        """The regression that `fit` has left; `None` where there is none."""
        numbers = state.get(_CLASSIFIER)
        return None if numbers is None else VCDRClassifier(**numbers)

    def measure(self, model: Any, split: Any, state: State) -> Measured:
        """See `Pipeline.measure`, and above."""
        truths: list[Eye] = []
        found: list[Eye] = []
        raw: list[Eye] = []
        for element in split.dataset():
            truths += _labelled([element])
            outputs = model.predict_on_batch(element[0])
            rows = range(len(element[0]))
            each = ({task: outputs[task][i] for task in outputs} for i in rows)
            found += [read_eye(one) for one in each]
            if self.published:
                maps = outputs.get("fovea", ())
                raw += [read_eye({"fovea": one}, True) for one in maps]
        sizes = getattr(split.source, "stored_sizes", None)
        labelled = Labelled(
            truths,
            found,
            tuple(split.source.shape[:2]),
            None if sizes is None else sizes(),
        )
        measured = scores(labelled, self.classifier(state))
        if raw:
            published = dataclasses.replace(labelled, found=raw)
            measured["fovea"] |= {
                f"published_{name}": value
                for name, value in scores(published, None)["fovea"].items()
            }
        return measured

    def read(
        self,
        network: Network,
        image: NDArray[np.float32],
        size: tuple[int, int],
        state: State,
    ) -> Reading:
        """See `Pipeline.read`.

        Returns:
            `glaucoma`, the final score, `glaucoma_network`, `glaucoma_vcdr`,
            `vcdr`, `fovea_x` and `fovea_y` in pixels of the photograph; the
            regions `disc` and `cup`, and the point `fovea`. The ratio is
            measured on the maps of the network, as in `measure`; the masks
            have their edge at the resolution of the photograph.
        """
        outputs = {t: v[0] for t, v in network(image[None]).items()}
        eye = read_eye(outputs, self.published)
        remarks = []
        values = _values(eye, self.classifier(state))
        if eye.ratio is not None and eye.ratio.reason:
            remarks.append(eye.ratio.reason)
        points = {}
        if eye.fovea is not None:
            fovea = eye.fovea.resized(image.shape[:2], size)
            values |= {
                "fovea_x": _or_none(fovea.column),
                "fovea_y": _or_none(fovea.row),
            }
            if fovea.reason is None:
                points["fovea"] = (fovea.row, fovea.column)
            else:
                remarks.append(f"no fovea: {fovea.reason}")
        regions = {
            name: Region(
                enlarged_mask(outputs[name][..., 0], mask, size), _COLOURS[name]
            )
            for name, mask in eye.masks.items()
        }
        return Reading(values, regions, points, tuple(remarks))


def _values(
    eye: Eye, classifier: VCDRClassifier | None
) -> dict[str, float | None]:
    values: dict[str, float | None] = {}
    ratio = _value(eye.ratio)
    if eye.score is not None:
        score = _or_none(eye.score)
        values["glaucoma"] = values["glaucoma_network"] = score
    if classifier is not None and eye.ratio is not None:
        found = classifier.probability([ratio])
        values["glaucoma_vcdr"] = _or_none(float(found[0]))
        if eye.score is not None:
            fused = fuse_scores([eye.score], found.tolist())
            values["glaucoma"] = _or_none(float(fused[0]))
    if eye.ratio is not None:
        values["vcdr"] = _or_none(ratio)
    return values


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value


def _labelled(elements: Any) -> Iterator[Eye]:
    """The annotations of every sample, as eyes; what is missing is left out."""
    for element in elements:
        labels = {task: np.asarray(y) for task, y in element[1].items()}
        weights = element[2] if len(element) == 3 else {}
        known = {task: np.asarray(weight) for task, weight in weights.items()}
        for row in range(len(element[0])):
            yield _annotated(
                {
                    task: values[row]
                    for task, values in labels.items()
                    if task not in known or np.any(known[task][row])
                }
            )


def _annotated(labels: Mapping[str, NDArray[Any]]) -> Eye:
    masks = {n: labels[n][..., 0] > 0.5 for n in MASKS if n in labels}
    fovea = score = None
    if "fovea" in labels:
        fovea = fovea_location(labels["fovea"][..., 0])
    if "glaucoma" in labels:
        score = float(np.ravel(labels["glaucoma"])[0])
    return Eye(masks, ratio_of(masks), fovea, score)


def _value(ratio: CupToDisc | Fovea | None) -> float:
    return math.nan if not isinstance(ratio, CupToDisc) else ratio.value


def _score(eye: Eye) -> float:
    return math.nan if eye.score is None else eye.score
