"""What a data set holds: counts, label coverage, balance of the classes."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keras_mtl.datasets.multi_task_data import MultiTaskData
from keras_mtl.datasets.split import Split
from keras_mtl.datasets.subset import Subset
from keras_mtl.datasets.task_spec import TaskSpec

PARTS = ("train", "validation", "test")
_BATCH = 16


def summary(data: MultiTaskData, sample: int | None = 64) -> dict[str, Any]:
    """Reads samples of every split and counts what they hold.

    Args:
        data: The data set.
        sample: Samples to read of each split, spread evenly; `None` reads
            all. Without files, all are read in any case.

    Returns:
        Plain values: `name`, `input_shape`, `splits` (split to `samples`,
        `files`, `read` and `tasks`), `skipped`. Of a task: `kind`,
        `labelled` (share of the samples that were read), `pixels` (share of
        labelled pixels) and `shares` (class to its share) or `range` (lowest,
        mean and highest value).

    Raises:
        DataError: If a file cannot be decoded, or a label is none.
    """
    splits = {part: getattr(data, part) for part in PARTS}
    with data.reading():
        found = {
            part: _split(split.source, data.tasks, sample)
            for part, split in splits.items()
            if split is not None
        }
    return {
        "name": data.name,
        "input_shape": list(data.input_shape),
        "fingerprint": data.fingerprint,
        "splits": found,
        "skipped": dict(data.options.get("skipped", {})),
    }


def evenly(total: int, count: int | None) -> NDArray[np.int64]:
    """At most `count` of `total` indices, spread evenly."""
    if count is None or count >= total:
        return np.arange(total)
    return np.linspace(0, total - 1, count).astype(np.int64)


def plain(source: Any) -> Any:
    """The source without its augmentation."""
    if getattr(source, "augment", None) is None:
        return source
    bare = copy.copy(source)
    bare.augment = None
    return bare


def _split(
    source: Any, tasks: Mapping[str, TaskSpec], sample: int | None
) -> dict[str, Any]:
    records = getattr(source, "records", None)
    index = evenly(source.num_samples, sample if records else None)
    if records is not None:
        records.verify(index)
    counters = {name: _Counter(spec) for name, spec in tasks.items()}
    for labels, weights in _labels(plain(source), index):
        for name, counter in counters.items():
            if name in labels:
                counter.add(labels[name], weights.get(name))
    files = {} if records is None else records.files
    return {
        "samples": source.num_samples,
        "files": {
            field: sum(bool(path) for path in one.paths)
            for field, one in files.items()
        },
        "read": len(index),
        "tasks": {name: one.result() for name, one in counters.items()},
    }


def _labels(source: Any, index: NDArray[np.int64]) -> Iterator[tuple[Any, Any]]:
    size = min(_BATCH if hasattr(source, "samples") else 1024, len(index))
    split = Split(Subset(source, index), size, 0, training=False)
    for element in split.dataset().as_numpy_iterator():
        yield element[1], element[2] if len(element) == 3 else {}


class _Counter:
    """Adds up the labels of one task."""

    def __init__(self, spec: TaskSpec) -> None:
        self.spec = spec
        self.samples = self.labelled = 0
        self.elements = self.present = 0.0
        self.sums = np.zeros(spec.num_outputs)
        self.low, self.high, self.total = np.inf, -np.inf, 0.0

    def add(self, labels: NDArray[Any], weights: NDArray[Any] | None) -> None:
        """Counts a batch."""
        if weights is None:
            weights = np.ones(len(labels))
        present = weights > 0
        self.samples += len(labels)
        self.labelled += int(present.reshape(len(labels), -1).any(1).sum())
        self.elements += present.size
        self.present += present.sum()
        known = labels[present]
        if not known.size:
            return
        if self.spec.kind in ("classification", "segmentation"):
            count = self.spec.num_outputs
            self.sums += np.bincount(known.ravel(), minlength=count)
            return
        self.sums += known.reshape(-1, known.shape[-1]).sum(0)
        self.low = min(self.low, float(known.min()))
        self.high = max(self.high, float(known.max()))
        self.total += float(known.sum(dtype=np.float64)) / known.shape[-1]

    def result(self) -> dict[str, Any]:
        """Plain values."""
        spec = self.spec
        found: dict[str, Any] = {
            "kind": spec.kind,
            "labelled": _ratio(self.labelled, self.samples),
        }
        if spec.is_dense:
            found["pixels"] = _ratio(self.present, self.elements)
        if spec.kind in ("depth", "normals", "regression", "heatmap"):
            if self.present:
                mean = self.total / self.present
                found["range"] = [self.low, mean, self.high]
            return found
        names = spec.class_names or [str(i) for i in range(spec.num_outputs)]
        if spec.num_outputs == 1 and not spec.class_names:
            names = ["yes"]
        shares = self.sums / max(self.present, 1)
        found["shares"] = dict(
            zip(map(str, names), map(float, shares), strict=True)
        )
        return found


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else 0.0
