"""What one task of a data set predicts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from keras_mtl.errors import ConfigError

# One output a sample, and one a pixel.
VECTOR_KINDS = ("classification", "binary", "regression")
DENSE_KINDS = ("segmentation", "mask", "depth", "normals", "heatmap")
KINDS = (*VECTOR_KINDS, *DENSE_KINDS)

_FORBIDDEN = re.compile(r"[/\\\x00-\x1f]")
_SMALLEST = {"classification": 2, "segmentation": 2}
_EXACT = {"depth": 1, "normals": 3}


@dataclass(frozen=True)
class TaskSpec:
    """A task of a data set: its kind, its size, its usual loss and metrics.

    One output a sample, `n = num_outputs`:

    - `"classification"`: one of n classes; labels are int class ids.
    - `"binary"`: n yes/no labels, shape `(n,)`.
    - `"regression"`: n real numbers, shape `(n,)`.

    One output a pixel, the network's output of shape `(height, width, n)`:

    - `"segmentation"`: one of n classes; labels int, `(height, width)`.
    - `"mask"`: n yes/no maps; labels 0 or 1, `(height, width, n)`.
    - `"depth"`: `(height, width, 1)`; 0 is missing.
    - `"normals"`: unit vectors, `(height, width, 3)`, n = 3; the zero vector
      is missing.
    - `"heatmap"`: n maps in [0, 1], `(height, width, n)`.

    Sample weights are 0 where a label is missing, of shape `(batch,)`, or
    `(batch, height, width)` for outputs a pixel. Outputs of classes and
    yes/no labels are logits, the others values.

    Args:
        name: Name of the task, the key of its labels and outputs.
        kind: One of the above.
        num_outputs: How many units, or maps, the task's output needs.
        class_names: A name for each class, or `None`.

    Raises:
        ConfigError: If the name cannot be that of a file, the kind is
            unknown or the numbers do not fit.
    """

    name: str
    kind: str
    num_outputs: int
    class_names: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if not self.name or _FORBIDDEN.search(self.name):
            raise ConfigError(
                "The name of a task must be one character or more, without "
                "slashes and line breaks, since files are named after it. "
                f"Received: {self.name!r}."
            )
        if self.kind not in KINDS:
            raise ConfigError(
                f"`kind` of task {self.name!r} must be one of {KINDS}. "
                f"Received: {self.kind!r}."
            )
        exact, smallest = _EXACT.get(self.kind), _SMALLEST.get(self.kind, 1)
        if self.num_outputs != exact if exact else self.num_outputs < smallest:
            expected = exact or f"{smallest} or more"
            raise ConfigError(
                f"`num_outputs` of the {self.kind} task {self.name!r} must be "
                f"{expected}. Received: {self.num_outputs}."
            )
        if self.class_names and len(self.class_names) != self.num_outputs:
            raise ConfigError(
                f"Task {self.name!r} has {self.num_outputs} outputs and "
                f"{len(self.class_names)} class names: give one name for "
                "each output."
            )

    @property
    def is_dense(self) -> bool:
        """Whether there is one output a pixel."""
        return self.kind in DENSE_KINDS

    def default_loss(self) -> Any:
        """A fresh loss on logits, or values (see the kinds).

        Cross-entropies for classes and yes/no labels, the mean squared error
        for a regression, the mean absolute error for depth (over the pixels
        that have one) and heat maps, and 1 - cosine for normals.
        """
        import keras

        from keras_mtl.losses import CosineDistance, ValidMeanAbsoluteError

        if self.kind in ("classification", "segmentation"):
            return keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        if self.kind in ("binary", "mask"):
            return keras.losses.BinaryCrossentropy(from_logits=True)
        others = {
            "regression": keras.losses.MeanSquaredError,
            "depth": ValidMeanAbsoluteError,
            "normals": CosineDistance,
            "heatmap": keras.losses.MeanAbsoluteError,
        }
        return others[self.kind]()

    def default_metrics(self) -> list[Any]:
        """Fresh metrics: the usual ones of the kind.

        Accuracy for classes and yes/no labels, intersection over union and
        pixel accuracy for segmentations and masks, absolute and relative
        error for depth, angles for normals, else the mean absolute error.
        """
        import keras

        from keras_mtl import metrics

        if self.kind == "classification":
            return [keras.metrics.SparseCategoricalAccuracy(name="accuracy")]
        if self.kind == "binary":
            # On logits, so that the threshold is 0.
            return [keras.metrics.BinaryAccuracy("accuracy", threshold=0.0)]
        if self.kind in ("segmentation", "mask"):
            number = self.num_outputs
            return [metrics.MeanIoU(number), metrics.PixelAccuracy(number)]
        if self.kind == "depth":
            return [metrics.AbsoluteError(), metrics.RelativeError()]
        if self.kind == "normals":
            within = [metrics.WithinAngle(d) for d in (11.25, 22.5, 30.0)]
            return [metrics.MeanAngle(), metrics.MedianAngle(), *within]
        return [keras.metrics.MeanAbsoluteError(name="mae")]
