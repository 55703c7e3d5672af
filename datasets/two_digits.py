"""What the data sets of two images on a canvas have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keras_mtl.datasets.canvas import Canvas
from keras_mtl.datasets.labelled_images import LabelledImages
from keras_mtl.datasets.multi_task_data import MultiTaskData
from keras_mtl.datasets.standardise import Standardise
from keras_mtl.datasets.task_spec import TaskSpec
from keras_mtl.datasets.two_digit_source import TwoDigitSource

PAIRS = ("fixed", "fresh")
DIGITS = tuple(str(digit) for digit in range(10))


def two_digits(
    name: str,
    parts: Mapping[str, LabelledImages],
    *,
    canvas: Canvas,
    standardise: Standardise,
    batch_size: int,
    seed: int,
    options: dict[str, Any],
    class_names: tuple[str, ...] = DIGITS,
) -> MultiTaskData:
    """Makes splits of pairs out of splits of single images.

    Args:
        name: Name of the data set.
        parts: `"train"`, `"validation"` and `"test"` images. Partners come
            from the same part only. An empty part means no such split.
        canvas: Where the images go.
        standardise: How pixels become floats.
        batch_size: Samples in a batch.
        seed: Seed of the order and of fresh partners.
        options: The resolved options. `pairs`, `split_seed` and, if given,
            `train_size` (pairs in a training epoch) are used here.
        class_names: Names of the classes of both tasks.

    Returns:
        Data with the tasks `left` (upper left) and `right` (lower right).
    """

    def source(part: str) -> TwoDigitSource | None:
        if not len(parts[part]):
            return None
        fresh = part == "train" and options["pairs"] == "fresh"
        return TwoDigitSource(
            parts[part],
            canvas=canvas,
            standardise=standardise,
            seed=seed if fresh else options["split_seed"],
            part=part,
            fresh=fresh,
            num_samples=options.get(f"{part}_size"),
        )

    return MultiTaskData.from_sources(
        name,
        {part: source(part) for part in parts},
        tasks=[
            TaskSpec(task, "classification", len(class_names), class_names)
            for task in ("left", "right")
        ],
        batch_size=batch_size,
        seed=seed,
        options=options,
        digests=[images.digest() for images in parts.values()],
    )
