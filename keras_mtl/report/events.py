"""Reads curves from event files without loading TensorBoard."""

from __future__ import annotations

import math
import struct
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Any

from keras_mtl.report.statistics import mean


def mean_scalars(folder: Path, tags: Container[str]) -> dict[str, float]:
    """The mean of curves over all their points.

    Training that was done again after a crash counts once.

    Args:
        folder: A folder with event files.
        tags: Which curves.

    Returns:
        Tag to mean, of the curves that are there and have finite values.
    """
    points: dict[str, dict[int, float]] = {}
    for event in _events(folder):
        if event.HasField("session_log"):
            for curve in points.values():
                for step in [s for s in curve if s >= event.step]:
                    del curve[step]
        for value in event.summary.value:
            if value.tag in tags and math.isfinite(value.simple_value):
                curve = points.setdefault(value.tag, {})
                curve[event.step] = value.simple_value
    return {t: mean(list(c.values())) for t, c in points.items() if c}


def _events(folder: Path) -> Iterator[Any]:
    """Events in the order of files; a file that was cut off ends early."""
    from tensorboard.compat.proto import event_pb2

    for path in sorted(folder.glob("events.out.tfevents.*")):
        for record in _records(path):
            try:
                yield event_pb2.Event.FromString(record)
            # The error of protobuf, which is TensorBoard's dependency.
            except Exception:
                break


def _records(path: Path) -> Iterator[bytes]:
    # A record: length (8 bytes), its checksum (4), content, checksum (4).
    left = path.stat().st_size
    with path.open("rb") as file:
        while len(head := file.read(12)) == 12:
            (length,) = struct.unpack("<Q", head[:8])
            left -= length + 16
            if left < 0:  # cut off, or no event file at all
                return
            yield file.read(length)
            file.read(4)
