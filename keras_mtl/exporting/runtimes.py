"""Runs exported networks. Nothing here comes from this package.

The file is also a programme, by which an export is read again in a process
of its own, where `keras_mtl` cannot be imported:

    python runtimes.py FORMAT FILE INPUTS.npz OUTPUTS.npz [--with-package]
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

# Input name to array, to task to array.
Run = Callable[[Mapping[str, Any]], dict[str, Any]]


def open_keras(path: str) -> Run:
    """Opens a `.keras` file with Keras."""
    import keras

    model = keras.saving.load_model(path, compile=False, safe_mode=True)
    names = [tensor.name for tensor in model.inputs]

    def run(inputs: Mapping[str, Any]) -> dict[str, Any]:
        given = [inputs[name] for name in names]
        packed = keras.tree.pack_sequence_as(model.input, given)
        outputs = model.predict_on_batch(packed)
        return {task: np.asarray(x) for task, x in outputs.items()}

    return run


def open_saved_model(path: str) -> Run:
    """Opens a SavedModel folder with TensorFlow."""
    import tensorflow as tf

    loaded = tf.saved_model.load(path)
    signature = loaded.signatures["serving_default"]
    names = list(signature.structured_input_signature[1])

    def run(inputs: Mapping[str, Any]) -> dict[str, Any]:
        # `loaded` owns the variables, and must live as long as this.
        serve = loaded.signatures["serving_default"]
        outputs = serve(**{n: tf.constant(inputs[n]) for n in names})
        return {task: x.numpy() for task, x in outputs.items()}

    return run


def open_onnx(path: str) -> Run:
    """Opens an `.onnx` file with ONNX Runtime, on the CPU."""
    session = importlib.import_module("onnxruntime").InferenceSession(
        path, providers=["CPUExecutionProvider"]
    )
    names = [node.name for node in session.get_inputs()]
    tasks = [node.name for node in session.get_outputs()]

    def run(inputs: Mapping[str, Any]) -> dict[str, Any]:
        values = session.run(tasks, {n: np.asarray(inputs[n]) for n in names})
        return dict(zip(tasks, values, strict=True))

    return run


def open_litert(path: str) -> Run:
    """Opens a `.tflite` file with LiteRT, or with TensorFlow's copy of it."""
    interpreter = _interpreter()(model_path=path)
    signature = interpreter.get_signature_list()["serving_default"]
    runner = interpreter.get_signature_runner("serving_default")

    def run(inputs: Mapping[str, Any]) -> dict[str, Any]:
        given = {n: np.asarray(inputs[n]) for n in signature["inputs"]}
        return {task: np.array(x) for task, x in runner(**given).items()}

    return run


def _interpreter() -> Any:
    if importlib.util.find_spec("ai_edge_litert") is not None:
        return importlib.import_module("ai_edge_litert.interpreter").Interpreter
    import tensorflow as tf

    def opened(**options: Any) -> Any:
        with warnings.catch_warnings():
            # It says that it will move to the package looked for above.
            warnings.filterwarnings("ignore", "(?s).*tf.lite.Interpreter")
            return tf.lite.Interpreter(**options)

    return opened


OPENERS: dict[str, Callable[[str], Run]] = {
    "keras": open_keras,
    "saved_model": open_saved_model,
    "onnx": open_onnx,
    "litert": open_litert,
}


def main(arguments: list[str]) -> None:
    """Runs a network on stored inputs, and stores its outputs."""
    kind, path, inputs, outputs, *options = arguments
    if "--with-package" in options:
        import keras_mtl.layers  # noqa: F401 - registers them
    else:
        # From here on, importing it raises.
        sys.modules["keras_mtl"] = None  # type: ignore[assignment]
    run = OPENERS[kind](path)
    with np.load(inputs, allow_pickle=False) as file:
        given = {name: file[name] for name in file.files}
    values: dict[str, Any] = {}
    for size in (1, min(len(x) for x in given.values())):
        part = {name: x[:size] for name, x in given.items()}
        for task, x in run(part).items():
            values[f"{size}/{task}"] = x
    np.savez(outputs, **values)


if __name__ == "__main__":
    main(sys.argv[1:])
