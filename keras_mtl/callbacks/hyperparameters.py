"""What TensorBoard's HParams tab shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tensorboard.plugins.hparams import api_pb2
from tensorboard.plugins.hparams import summary as hparams_summary

from keras_mtl.runs.difference import flatten

Value = bool | float | str
SUCCESS = api_pb2.STATUS_SUCCESS


def hyperparameters(
    config: Mapping[str, Any], leave_out: Iterable[str] = ("name", "seed")
) -> dict[str, Value]:
    """The leaves of a configuration that tell runs apart.

    Args:
        config: Nested mappings.
        leave_out: Dotted keys that repetitions of a run differ in.

    Returns:
        Dotted key to a number, boolean or text.
    """
    skipped = set(leave_out)
    return {
        key: value if isinstance(value, (bool, int, float, str)) else str(value)
        for key, value in flatten(config).items()
        if key not in skipped
    }


def group_name(values: Mapping[str, Value]) -> str:
    """A name that runs with the same hyperparameters share."""
    text = json.dumps(dict(values), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def experiment(values: Mapping[str, Value], tags: Iterable[str]) -> Any:
    """Summary that declares the columns of the tab, for one run.

    Args:
        values: Hyperparameters.
        tags: Tags of curves, shown for validation and for training.

    Returns:
        A `Summary` protocol buffer.
    """
    tags = list(tags)
    groups = ("validation", "train")
    return board([values], [(group, tag) for group in groups for tag in tags])


def board(
    runs: Sequence[Mapping[str, Value]], curves: Iterable[tuple[str, str]]
) -> Any:
    """Summary that declares the columns of the tab, for several runs.

    Args:
        runs: Hyperparameters of each.
        curves: Folder and tag of curves.

    Returns:
        A `Summary` protocol buffer.
    """
    names = dict.fromkeys(name for values in runs for name in values)
    columns = [
        api_pb2.HParamInfo(
            name=name,
            type=_common_type([v[name] for v in runs if name in v]),
        )
        for name in names
    ]
    metrics = [
        api_pb2.MetricInfo(
            name=api_pb2.MetricName(group=group, tag=tag),
            display_name=f"{tag} ({group})",
        )
        for group, tag in curves
    ]
    return hparams_summary.experiment_pb(columns, metrics)


def session_start(values: Mapping[str, Value]) -> Any:
    """Summary that opens a run, in the group of its hyperparameters."""
    return hparams_summary.session_start_pb(
        dict(values), group_name=group_name(values)
    )


def session_end() -> Any:
    """Summary that closes a run."""
    return hparams_summary.session_end_pb(SUCCESS)


def _common_type(values: Sequence[Value]) -> int:
    types = {_type(value) for value in values}
    return types.pop() if len(types) == 1 else int(api_pb2.DATA_TYPE_STRING)


def _type(value: Value) -> int:
    if isinstance(value, bool):
        return int(api_pb2.DATA_TYPE_BOOL)
    if isinstance(value, (int, float)):
        return int(api_pb2.DATA_TYPE_FLOAT64)
    return int(api_pb2.DATA_TYPE_STRING)
