"""The similarity of classes that a configuration asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from keras_mtl.config.environment import expand_variables
from keras_mtl.config.transfer_schema import ClassifierConfig
from keras_mtl.errors import ConfigError
from keras_mtl.transfer import (
    InferenceSimilarity,
    Similarity,
    Word2VecSimilarity,
    WordNetSimilarity,
)


def class_similarity(
    block: ClassifierConfig, data: Any, task: str
) -> Similarity:
    """Makes the similarity of a task's classes to those of the source.

    Args:
        block: The block of the task.
        data: The data set; inference reads its training images.
        task: Name of the task.

    Returns:
        The similarity.

    Raises:
        ConfigError: If something that it needs is not given or not there.
        DataError: If a file cannot be read.
    """
    if block.similarity == "wordnet":
        folder = block.wordnet
        return WordNetSimilarity(
            expand_variables(folder, "wordnet") if folder else None
        )
    if block.similarity == "word2vec":
        if block.vectors is None:
            raise ConfigError(
                "`similarity` 'word2vec' needs `vectors`, a file in the "
                "format of word2vec."
            )
        return Word2VecSimilarity(expand_variables(block.vectors, "vectors"))
    return InferenceSimilarity(*labelled_images(data, task, block.images))


def labelled_images(data: Any, task: str, number: int) -> tuple[Any, Any]:
    """Training images that are labelled for a task.

    Args:
        data: The data set.
        task: Name of the task.
        number: How many, at most.

    Returns:
        Images, shape `(n, ...)`, and int labels, shape `(n,)`.

    Raises:
        ConfigError: If there is none, or the input is more than one tensor.
    """
    images: list[Any] = []
    labels: list[Any] = []
    with data.reading():
        for x, y, *weights in data.train.dataset():
            if task in y:
                kept = _labelled(weights, task, len(y[task]))
                images.extend(_image(x)[kept])
                labels.extend(np.asarray(y[task]).reshape(-1)[kept])
            if len(images) >= number:
                break
    if not images:
        raise ConfigError(f"no training image is labelled for {task!r}.")
    return np.stack(images[:number]), np.asarray(labels[:number], np.int64)


def _labelled(weights: list[Any], task: str, size: int) -> Any:
    """Which samples of a batch have a label."""
    if not weights or task not in weights[0]:
        return np.ones(size, bool)
    return np.asarray(weights[0][task]).reshape(-1) > 0


def _image(x: Any) -> Any:
    values = list(x.values()) if isinstance(x, Mapping) else [x]
    if len(values) != 1:
        raise ConfigError(
            "inference needs a data set with one input. Received: "
            f"{sorted(x)}. Use similarity: word2vec or wordnet."
        )
    return np.asarray(values[0])
