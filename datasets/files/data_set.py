"""From records to a data set with its splits."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from keras_mtl.datasets import options as check
from keras_mtl.datasets.augmentation.chain import Chain, Step, make_steps
from keras_mtl.datasets.files.cache import KINDS
from keras_mtl.datasets.files.file_source import FileSource
from keras_mtl.datasets.files.records import Records
from keras_mtl.datasets.multi_task_data import MultiTaskData
from keras_mtl.datasets.standardise import Standardise
from keras_mtl.datasets.targets.target import Target

_LOGGER = logging.getLogger("keras_mtl")


def from_records(
    name: str,
    parts: Mapping[str, Records],
    targets: Sequence[Target],
    *,
    batch_size: int,
    seed: int,
    options: Mapping[str, Any],
    mean: float = 0.0,
    std: float = 1.0,
    sources: Mapping[str, Callable[..., FileSource]] | None = None,
) -> MultiTaskData:
    """Makes a data set of files.

    Args:
        name: Name of the data set.
        parts: `"train"`, `"validation"` and `"test"`; an empty one means no
            such split.
        targets: What makes the labels, one a task.
        batch_size: Samples in a batch.
        seed: Seed of the order of the training samples.
        options: The resolved options of the loader. `augmentation`, `cache`,
            `cache_dir` and `on_corrupt` are used here.
        mean: Mean of the pixels in [0, 1].
        std: Their standard deviation.
        sources: Part to what makes its samples, in place of `FileSource`.

    Returns:
        Data whose elements carry weights.

    Raises:
        ConfigError: If an option is wrong.
        DataError: If files are missing.
    """
    kept = check.choice("cache", options["cache"], KINDS)
    check.choice("on_corrupt", options["on_corrupt"], ("fail", "skip"))
    steps = make_steps(options["augmentation"])
    parts = {part: records for part, records in parts.items() if len(records)}
    skipped: dict[str, list[str]] = {}
    if options["on_corrupt"] == "skip":
        parts = {
            part: _readable(records, f"{name}, {part} split", part, skipped)
            for part, records in parts.items()
        }
    made = {
        part: (sources or {}).get(part, FileSource)(
            records,
            targets,
            standardise=Standardise(1.0, mean, std),
            kept=kept,
            folder=options["cache_dir"],
            name=f"{name}-{part}",
            augment=_chain(steps, targets) if part == "train" else None,
            seed=seed,
        )
        for part, records in parts.items()
        if len(records)
    }
    # What changes nothing in the samples is no part of the fingerprint.
    counted = {k: v for k, v in options.items() if k not in _WITHOUT_EFFECT}
    if skipped:
        counted["skipped"] = skipped
    return MultiTaskData.from_sources(
        name,
        made,
        tasks=[target.spec for target in targets],
        batch_size=batch_size,
        seed=seed,
        options=counted,
        digests=[parts[part].digest() for part in sorted(parts)],
    )


_WITHOUT_EFFECT = ("cache", "cache_dir")


def _chain(steps: Sequence[Step], targets: Sequence[Target]) -> Chain | None:
    if not steps:
        return None
    return Chain(
        steps,
        {target.spec.name: target.spec for target in targets},
        [t.spec.name for t in targets if getattr(t, "inverse", False)],
    )


def _readable(
    records: Records, where: str, part: str, skipped: dict[str, list[str]]
) -> Records:
    good, messages = records.readable()
    if messages:
        skipped[part] = messages
        _LOGGER.warning(
            "%s: %d of %d samples left out, since a file cannot be decoded. "
            "The first: %s",
            where,
            len(records) - len(good),
            len(records),
            messages[0],
        )
    return good


def held_out(
    records: Records, validation: int | float, split_seed: int
) -> tuple[Records, Records, int]:
    """Holds samples out of the training split.

    Args:
        records: The training split of the release.
        validation: How many: a count, or a fraction below 1.
        split_seed: Seed of the draw, 0 or more.

    Returns:
        What remains, what is held out, and how many that are.

    Raises:
        ConfigError: If an option is wrong.
    """
    import numpy as np

    from keras_mtl.datasets.partition import stratified

    check.integer("split_seed", split_seed, 0)
    count = check.count("validation", validation, len(records))
    alike = np.zeros(len(records), np.int64)
    kept, held = stratified(alike, [count], split_seed)
    return records.take(kept), records.take(held), count


def image_side(name: str, value: Any) -> tuple[int, int] | None:
    """Height and width of `data.size`, or `None` for what is stored.

    Raises:
        ConfigError: If it is no pair of integers, 1 or more.
    """
    if value is None:
        return None
    height, width = check.pair(name, value, 16384)
    if not height or not width:
        raise check.wrong(name, "two integers above 0, [height, width]", value)
    return height, width
