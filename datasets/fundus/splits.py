"""Training, validation and test of a release that splits, or does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_mtl.datasets import options as check
from keras_mtl.datasets.fundus.samples import Samples
from keras_mtl.datasets.partition import stratified
from keras_mtl.errors import ConfigError, DataError

_PARTS = ("train", "validation", "test")
_SHARE = 0.1

Split = Mapping[str, Sequence[str]]


def split_samples(
    found: Mapping[str, Samples],
    validation: int | float | None,
    test: int | float | None,
    split: Split | None,
    seed: int,
    alike: str | None = None,
) -> dict[str, Samples]:
    """Makes the three parts.

    Args:
        found: The parts of the release, or `all`.
        validation: What is held out for validation: a count or a fraction;
            `None`: the released part, or a tenth of the training images.
        test: Likewise for test; `None`: the released part, or a fifth.
        split: The names of the images of each part instead.
        seed: Seed of the draw, 0 or more.
        alike: A task with yes/no answers: the parts have like proportions.

    Raises:
        ConfigError: If an option is wrong.
        DataError: If `split` names an image that is not there.
    """
    check.integer("split_seed", seed, 0)
    if split is not None:
        return _listed(found, split)
    parts = dict(found)
    if "all" in parts:
        parts["train"] = parts.pop("all")
    for part, asked, share in (
        ("test", test, 2 * _SHARE),
        ("validation", validation, _SHARE),
    ):
        if part in parts and asked is not None:
            raise ConfigError(
                f"`data.{part}` is {asked!r}, but this release has a {part} "
                f"part of its own. Leave out `data.{part}`, or give the names "
                "of the images of each part by `data.split`."
            )
        if part not in parts:
            number = share if asked is None else asked
            count = check.count(part, number, len(parts["train"]))
            parts["train"], parts[part] = _cut(
                parts["train"], count, seed, alike
            )
    return {part: parts[part] for part in _PARTS if len(parts[part])}


def _cut(
    samples: Samples, count: int, seed: int, alike: str | None
) -> tuple[Samples, Samples]:
    values = samples.labels.get(alike or "", (0,) * len(samples))
    labels = np.array([-1 if v is None else int(v) for v in values])  # type: ignore[arg-type]
    kept, held = stratified(labels, [count], seed)
    return samples.take(kept.tolist()), samples.take(held.tolist())


def _listed(found: Mapping[str, Samples], split: Any) -> dict[str, Samples]:
    if (
        not isinstance(split, Mapping)
        or "train" not in split
        or set(split) - set(_PARTS)
    ):
        raise check.wrong(
            "split",
            "lists of names of images for `train`, and for `validation` and "
            "`test`",
            split,
        )
    whole = _joined(list(found.values()))
    places = {name: index for index, name in enumerate(whole.ids)}
    used: set[str] = set()
    for part, names in split.items():
        for name in names:
            if str(name) not in places:
                raise DataError(
                    f"`data.split.{part}` names {name!r}, which is no image. "
                    f"There are {', '.join(whole.ids[:5])}, ..."
                )
            if str(name) in used:
                raise ConfigError(
                    f"`data.split` names {name!r} twice. Each image belongs "
                    "to one part."
                )
            used.add(str(name))
    return {
        part: whole.take([places[str(name)] for name in split[part]])
        for part in _PARTS
        if split.get(part)
    }


def _joined(parts: Sequence[Samples]) -> Samples:
    return Samples(
        tuple(name for part in parts for name in part.ids),
        tuple(path for part in parts for path in part.images),
        {
            task: tuple(label for part in parts for label in part.labels[task])
            for task in parts[0].labels
        },
        tuple(path for part in parts for path in part.views),
    )
