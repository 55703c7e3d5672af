import importlib
import json

import keras
import numpy as np
import pytest
from keras import layers

from keras_mtl.errors import ConfigError, DataError, KerasMTLError
from keras_mtl.exporting import ExportedModel, comparison, export
from keras_mtl.exporting.runtimes import OPENERS
from keras_mtl.graph import partition

ENDINGS = {"keras": ".keras", "saved_model": "", "onnx": ".onnx"}
ENDINGS["litert"] = ".tflite"
# The attribute of that name is the function.
MODULE = importlib.import_module("keras_mtl.exporting.export")


@pytest.mark.parametrize("kind", ENDINGS)
def test_every_format_of_a_roaming_model(tmp_path, model, images, kind):
    if kind == "onnx":
        pytest.importorskip("tf2onnx")
        pytest.importorskip("onnxruntime")
    masked = partition(model, 0.5)
    path = tmp_path / f"new/one{ENDINGS[kind]}"
    done = export(masked, path, format=kind, inputs=images)
    assert done.tasks == ("a", "b")
    assert done.largest_difference <= 1e-5
    assert not done.needs_package
    assert [x.name for x in path.parent.iterdir()] == [path.name]
    found = ExportedModel(path).predict(images, batch_size=3)
    expected = masked.predict(images, verbose=0)
    assert list(found) == ["a", "b"]
    for task, values in expected.items():
        np.testing.assert_allclose(found[task], values, atol=1e-5)


def test_one_task_is_smaller(tmp_path, model, images):
    masked = partition(model, 0.5)
    one = export(masked, tmp_path / "one.keras", tasks=["b"], inputs=images)
    assert one.tasks == ("b",)
    assert one.parameters < model.count_params() < masked.count_params()
    assert one.parameters_before == masked.count_params()
    loaded = keras.saving.load_model(tmp_path / "one.keras")
    assert loaded.count_params() == one.parameters
    assert list(loaded.output) == ["b"]
    np.testing.assert_allclose(
        loaded(images)["b"], masked(images)["b"], atol=1e-5
    )


def broken(kind, model, path):
    model.layers[1].kernel.assign(0 * model.layers[1].kernel)
    model.save(path)


def test_other_outputs_leave_nothing(tmp_path, model, images, monkeypatch):
    monkeypatch.setattr(MODULE, "write_network", broken)
    with pytest.raises(KerasMTLError, match="gives other outputs for task"):
        export(model, tmp_path / "one.keras", inputs=images)
    assert not list(tmp_path.iterdir())


def unreadable(kind, model, path):
    path.write_bytes(b"")


def test_what_cannot_be_read_leaves_nothing(tmp_path, model, monkeypatch):
    monkeypatch.setattr(MODULE, "write_network", unreadable)
    old = tmp_path / "one.keras"
    old.write_text("old")
    with pytest.raises(KerasMTLError, match="cannot be read again"):
        export(model, old, overwrite=True)
    assert [x.name for x in tmp_path.iterdir()] == ["one.keras"]
    assert old.read_text() == "old"


def test_what_is_there_is_replaced_on_request_only(tmp_path, model):
    path = tmp_path / "one.keras"
    path.write_text("old")
    with pytest.raises(ConfigError, match="is there already"):
        export(model, path)
    assert path.read_text() == "old"
    folder = tmp_path / "mine"
    folder.mkdir()
    with pytest.raises(ConfigError, match="holds no SavedModel"):
        export(model, folder, overwrite=True)
    with pytest.raises(ConfigError, match="a SavedModel is a folder"):
        export(model, path, format="saved_model", overwrite=True)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("a.h5", {}, r"must end in one of"),
        ("a.keras", {"format": "onnx"}, r"must end in '.onnx'"),
        ("a.keras", {"format": "tf"}, r"must be one of \['keras'"),
        ("a.keras", {"tasks": ["c"]}, r"among \['a', 'b'\]. Received: \['c'"),
        ("a.keras", {"tasks": []}, r"Received: \[\]"),
    ],
)
def test_arguments_are_checked(tmp_path, model, name, options, message):
    if options.get("format") == "onnx":
        pytest.importorskip("tf2onnx")
    with pytest.raises(ConfigError, match=message):
        export(model, tmp_path / name, **options)
    assert not list(tmp_path.iterdir())


def test_a_fixed_batch_is_refused(tmp_path):
    x = keras.Input((4,), batch_size=2, name="x")
    model = keras.Model(x, {"a": layers.Dense(1)(x)})
    with pytest.raises(ConfigError, match=r"\['x'\].* fixed batch size"):
        export(model, tmp_path / "a.keras")


def test_a_model_without_named_outputs_is_refused(tmp_path):
    x = keras.Input((4,))
    model = keras.Model(x, layers.Dense(1)(x))
    with pytest.raises(ConfigError, match="must have a dict of outputs"):
        export(model, tmp_path / "a.keras")


def test_missing_packages_name_the_extra(tmp_path, model, monkeypatch):
    from keras_mtl.exporting import formats

    monkeypatch.setattr(formats.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"keras-mtl\[onnx\]"):
        export(model, tmp_path / "a.onnx")


def test_a_read_only_folder(tmp_path, model, monkeypatch):
    def refuse(*args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(MODULE, "write_network", refuse)
    with pytest.raises(DataError, match="Permission denied"):
        export(model, tmp_path / "a.keras")


def test_the_card_goes_along(tmp_path, model, images, monkeypatch):
    def here(kind, path, inputs, with_package):
        run = OPENERS[kind](str(path))
        return {
            f"{n}/{task}": values
            for n in (1, 7)
            for task, values in run({"image": inputs["image"][:n]}).items()
        }

    monkeypatch.setattr(MODULE, "replayed", here)
    tasks = {t: {"kind": "classification", "class_names": None} for t in "ab"}
    card = {"input_shape": [8, 8, 3], "scaling": None, "tasks": tasks}
    path = tmp_path / "one.keras"
    export(model, path, tasks=["a"], inputs=images, card=card)
    found = json.loads(json.dumps(ExportedModel(path).card))
    assert found["tasks"] == {"a": tasks["a"]}
    assert found["inputs"] == ["image"]


def test_differences_are_relative_to_large_outputs():
    expected = {"a": np.array([[100.0], [1.0]])}
    found = {"1/a": expected["a"][:1] + 5e-4, "2/a": expected["a"]}
    worst = comparison.largest_difference(expected, found)
    assert worst == pytest.approx(5e-6, rel=1e-3)
    found["2/a"] = expected["a"] + np.array([[0.0], [np.nan]])
    with pytest.raises(KerasMTLError, match="task 'a'"):
        comparison.largest_difference(expected, found)
    with pytest.raises(KerasMTLError, match="has the outputs"):
        comparison.largest_difference(expected, {"1/a": expected["a"]})
