"""One stream of samples per task, as one data set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import tensorflow as tf

from keras_mtl.errors import DataError

Mode = Literal["max_size_cycle", "min_size"]
_INFINITE = tf.data.INFINITE_CARDINALITY
_UNKNOWN = tf.data.UNKNOWN_CARDINALITY


def zip_tasks(
    streams: Mapping[str, Any], mode: Mode = "max_size_cycle"
) -> tf.data.Dataset:
    """Zips a data set for each task: every task has samples of its own.

    For the schemes with one step per task (`Alternating`, `Independent`,
    `Cooperative`). The batch sizes may differ.

    Args:
        streams: Task to a `tf.data.Dataset` of batches `(x, y)` or `(x, y,
            sample_weight)` of that task.
        mode: How lengths combine: `"max_size_cycle"`, shorter streams begin
            again until the longest has ended; `"min_size"`, the shortest
            ends an epoch.

    Returns:
        Data set of `({task: x}, {task: y})`, or with `{task: weight}`.

    Raises:
        ValueError: If there is no stream, an element is no such tuple, or
            the mode is unknown.
        DataError: If a stream holds no batch, or its length is not known
            where it is needed.
    """
    if not streams or mode not in ("max_size_cycle", "min_size"):
        raise ValueError(
            "Expected one stream or more, and `mode` 'max_size_cycle' or "
            f"'min_size'. Received: tasks {sorted(streams)}, mode={mode!r}."
        )
    for task, stream in streams.items():
        _check(task, stream)
    if mode == "max_size_cycle":
        streams = _cycled(streams)
    return tf.data.Dataset.zip(dict(streams)).map(_by_part)


def _check(task: str, stream: Any) -> None:
    element = stream.element_spec
    if not isinstance(element, tuple) or len(element) not in (2, 3):
        raise ValueError(
            f"The stream of task {task!r} must hold (x, y) or (x, y, "
            f"sample_weight). Received: {element}."
        )
    if stream.cardinality() == 0:
        raise DataError(
            f"The stream of task {task!r} has run dry: it holds no batch. "
            "Give it more samples, a smaller batch, or leave the task out."
        )


def _cycled(streams: Mapping[str, Any]) -> dict[str, Any]:
    lengths = {task: int(s.cardinality()) for task, s in streams.items()}
    unknown = sorted(t for t, n in lengths.items() if n == _UNKNOWN)
    if unknown:
        raise DataError(
            f"The length of the streams of {unknown} is not known, so that "
            "it cannot be told which one is the longest. Give it by `stream."
            "apply(tf.data.experimental.assert_cardinality(n))`, repeat all "
            "streams without end, or use mode='min_size'."
        )
    cycled = {task: stream.repeat() for task, stream in streams.items()}
    if _INFINITE in lengths.values():
        return cycled
    longest = max(lengths.values())
    return {task: stream.take(longest) for task, stream in cycled.items()}


def _by_part(elements: Mapping[str, tuple[Any, ...]]) -> tuple[Any, ...]:
    """From task to (x, y) to ({task: x}, {task: y})."""
    weights = {t: e[2] for t, e in elements.items() if len(e) == 3}
    x = {task: element[0] for task, element in elements.items()}
    y = {task: element[1] for task, element in elements.items()}
    return (x, y, weights) if weights else (x, y)
