import json

import keras
import numpy as np
import pytest

from keras_mtl import exporting
from keras_mtl.cli.export import ENDINGS
from keras_mtl.config import builder
from keras_mtl.errors import ConfigError, DataError
from keras_mtl.exporting import FORMATS


@pytest.fixture(scope="module")
def exported(finished, tmp_path_factory):
    """One task of the finished run, and what the command printed."""
    from click.testing import CliRunner

    from keras_mtl.cli.app import app

    path = tmp_path_factory.mktemp("exported") / "right.keras"
    arguments = ["export", finished, "--format", "keras", "--out", path]
    arguments += ["--tasks", "right"]
    result = CliRunner().invoke(app, [str(x) for x in arguments])
    assert result.exit_code == 0, result.output
    return path, result.output


def test_what_is_written_and_printed(finished, exported):
    path, output = exported
    model = keras.saving.load_model(path)
    assert list(model.output) == ["right"]
    assert f"{model.count_params():,}" in output
    whole = keras.saving.load_model(finished / "model.keras")
    assert f"{whole.count_params():,}" in output
    assert "Read again without keras-mtl" in output
    assert output.splitlines()[-1] == str(path)


def test_prediction_with_what_was_exported(
    run, folder, finished, exported, image
):
    path, _ = exported
    for name, source in (("run", finished), ("file", path)):
        result = run("predict", source, image, "--out", name)
        assert result.exit_code == 0, result.output
    assert [x.name for x in (folder / "file").iterdir()] == [
        "digits.right.json"
    ]
    expected, found = (
        json.loads((folder / name / "digits.right.json").read_text())
        for name in ("run", "file")
    )
    (expected,), (found,) = expected["predictions"], found["predictions"]
    assert found["label"] == expected["label"]
    np.testing.assert_allclose(
        list(found["probabilities"].values()),
        list(expected["probabilities"].values()),
        rtol=1e-4,
    )


def test_a_file_is_not_replaced_unasked(run, finished, exported):
    path, _ = exported
    before = path.read_bytes()
    result = run("export", finished, "--format", "keras", "--out", path)
    assert result.exit_code == 2
    assert "--overwrite" in result.output
    assert path.read_bytes() == before


def test_random_inputs_where_the_data_is_gone(
    run, folder, finished, monkeypatch
):
    def gone(self, block):
        raise DataError("no such folder.")

    def export(model, path, *, inputs, **options):
        raise ConfigError(f"inputs={inputs}")

    monkeypatch.setattr(builder.Builder, "data", gone)
    monkeypatch.setattr(exporting, "export", export)
    result = run("export", finished, "--format", "keras")
    assert "compared on random inputs" in result.output
    assert "inputs=None" in result.output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "Missing option '--format'"),
        (("--format", "tf"), "is not one of"),
        (("--format", "keras", "--tasks", "a,,b"), "--tasks takes names"),
        (("--format", "keras", "--tasks", "up"), "['left', 'right']"),
        (("--format", "keras", "--out", "a.onnx"), "must end in '.keras'"),
    ],
)
def test_options_are_checked(run, folder, finished, options, message):
    result = run("export", finished, *options)
    assert result.exit_code == 2
    assert message in result.output
    assert not list(folder.iterdir())


def test_a_file_that_is_no_export(run, folder, image):
    (folder / "a.keras").write_bytes(b"no zip")
    result = run("predict", "a.keras", image)
    assert result.exit_code == 3
    assert "does not say what its inputs and outputs are" in result.output


def test_the_formats_are_those_of_the_library():
    assert ENDINGS == FORMATS
