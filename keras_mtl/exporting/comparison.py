"""Reads an export again in another process, and compares its outputs."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_mtl.errors import KerasMTLError
from keras_mtl.exporting import runtimes

TOLERANCE = 1e-5


def named_inputs(model: keras.Model, inputs: Any) -> dict[str, Any]:
    """Input name to array, in single precision.

    Args:
        model: The model.
        inputs: An array, or arrays nested as the model's inputs are. `None`
            draws seven samples at random.

    Returns:
        Arrays of at least one sample.
    """
    if inputs is None:
        random = np.random.default_rng(0)
        values = [_drawn(random, tensor) for tensor in model.inputs]
    else:
        values = [np.asarray(x) for x in keras.tree.flatten(inputs)]
    return {
        tensor.name: value.astype(_single(tensor.dtype))
        for tensor, value in zip(model.inputs, values, strict=True)
    }


def _drawn(random: np.random.Generator, tensor: Any) -> Any:
    size = tensor.shape[0] or 7
    # An open length is long enough for a few poolings.
    shape = [size, *(length or 64 for length in tensor.shape[1:])]
    if keras.backend.is_int_dtype(tensor.dtype):
        return np.zeros(shape)
    return random.normal(size=shape)


def _single(dtype: str) -> str:
    return "float32" if keras.backend.is_float_dtype(dtype) else dtype


def expected_outputs(
    model: keras.Model, inputs: Mapping[str, Any], tasks: tuple[str, ...]
) -> dict[str, Any]:
    """What the exported network has to give: task to array."""
    outputs = model.predict_on_batch(_packed(model, list(inputs.values())))
    return {task: np.asarray(outputs[task], "float32") for task in tasks}


def call_once(model: keras.Model, inputs: Mapping[str, Any]) -> None:
    """Calls a model on the first sample."""
    model(_packed(model, [x[:1] for x in inputs.values()]), training=False)


def _packed(model: keras.Model, values: list[Any]) -> Any:
    return keras.tree.pack_sequence_as(model.input, values)


def replayed(
    kind: str, path: Path, inputs: Mapping[str, Any], with_package: bool
) -> dict[str, Any]:
    """Outputs of a network in another process, for one sample and for all.

    Args:
        kind: The format.
        path: The network.
        inputs: Input name to array.
        with_package: Whether that process may import this package.

    Returns:
        `"<number of samples>/<task>"` to array.

    Raises:
        KerasMTLError: If it cannot be read there; says why.
    """
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder, "in.npz"), Path(folder, "out.npz")
        np.savez(given, **inputs)
        # -P: modules of this package's folder are no top-level modules.
        command = [sys.executable, "-P", str(runtimes.__file__)]
        command += [kind, str(path.absolute()), str(given), str(found)]
        if with_package:
            command.append("--with-package")
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            # Layers of the user's own are found there as well.
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        if done.returncode or not found.is_file():
            lines = done.stderr.strip().splitlines() or ["it was killed"]
            raise KerasMTLError(
                f"What was exported as {kind!r} cannot be read again: "
                f"{lines[-1]} Nothing was written. Choose another format."
            )
        with np.load(found, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}


def largest_difference(
    expected: Mapping[str, Any], found: Mapping[str, Any]
) -> float:
    """Compares the outputs of two processes.

    Args:
        expected: Task to array.
        found: What `replayed` returned.

    Returns:
        The largest difference, over the largest output of the task or over
        1 where that is smaller.

    Raises:
        KerasMTLError: If it exceeds 1e-5, or a task is missing.
    """
    size = min(len(x) for x in expected.values())
    wanted = {f"{n}/{task}" for n in (1, size) for task in expected}
    if set(found) != wanted:
        raise KerasMTLError(
            f"The exported network has the outputs {sorted(found)}, but the "
            f"model {sorted(wanted)}. Nothing was written."
        )
    worst = 0.0
    for name, values in found.items():
        count, _, task = name.partition("/")
        target = expected[task][: int(count)]
        scale = max(1.0, float(np.abs(expected[task]).max()))
        difference = float(np.abs(values - target).max()) / scale
        if values.shape != target.shape or not difference <= TOLERANCE:
            raise KerasMTLError(
                f"The exported network gives other outputs for task {task!r}: "
                f"they differ by {difference:.2g}, more than {TOLERANCE:g}. "
                "Nothing was written. Choose another format."
            )
        worst = max(worst, difference)
    return worst
