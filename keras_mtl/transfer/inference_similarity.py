"""Classes are similar where a classifier takes one for the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from keras_mtl.errors import ConfigError
from keras_mtl.transfer.f_scores import f_scores
from keras_mtl.transfer.similarity import ClassSimilarity


class InferenceSimilarity:
    """F-scores of the source classifier on images of the target classes.

    The training images alone: what is measured goes into the weights.

    Args:
        images: Input of the source model, shape `(num_images, ...)`.
        labels: Int, shape `(num_images,)`: target classes, from 0.
        batch_size: Images that the source model sees at a time.

    Raises:
        ValueError: If there is no image, or not one label for each.
    """

    def __init__(
        self,
        images: npt.ArrayLike,
        labels: npt.ArrayLike,
        batch_size: int = 64,
    ) -> None:
        self.images = np.asarray(images)
        self.labels = np.asarray(labels)
        self.batch_size = batch_size
        if not len(self.images) or len(self.images) != len(self.labels):
            raise ValueError(
                "`images` must hold one image or more, and `labels` a target "
                f"class for each. Received: {len(self.images)} images and "
                f"{len(self.labels)} labels."
            )

    def __call__(
        self,
        source_model: Any,
        source_classes: Sequence[str],
        target_classes: Sequence[str],
    ) -> ClassSimilarity:
        """Runs the source model; see `Similarity`.

        Raises:
            ConfigError: If it does not read such images.
            ValueError: If a label is no target class.
        """
        self._check_shape(source_model)
        outputs = source_model.predict(
            self.images, batch_size=self.batch_size, verbose=0
        )
        predicted = np.argmax(np.asarray(outputs), axis=-1)
        sizes = (len(source_classes), len(target_classes))
        return ClassSimilarity(f_scores(predicted, self.labels, *sizes))

    def _check_shape(self, source_model: Any) -> None:
        expected = tuple(source_model.inputs[0].shape[1:])
        given = self.images.shape[1:]
        fits = len(expected) == len(given) and all(
            size in (None, own)
            for size, own in zip(expected, given, strict=True)
        )
        if not fits:
            raise ConfigError(
                f"The source model reads images of shape {expected}. "
                f"Received: {given}. Resize them, or use the similarity of "
                "the names, word2vec or wordnet."
            )
