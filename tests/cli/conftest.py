import keras
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from keras_mtl.cli.app import app

TINY = [
    "--set", "data.train_size=64",
    "--set", "data.batch_size=16",
    "--set", "fit.epochs=1",
]  # fmt: skip


@pytest.fixture(autouse=True)
def keras_state():
    """Restores the dtype policy that building sets."""
    policy = keras.config.dtype_policy()
    yield
    keras.config.set_dtype_policy(policy)


@pytest.fixture
def run():
    """Runs a command in this process, and gives its result."""

    def invoke(*arguments):
        return CliRunner().invoke(app, [str(part) for part in arguments])

    return invoke


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def tiny():
    """Options that make the default preset quick."""
    return list(TINY)


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """The folder of a finished run. Look, but do not touch."""
    path = tmp_path_factory.mktemp("finished") / "run"
    result = CliRunner().invoke(app, ["fit", *TINY, "--out", str(path)])
    assert result.exit_code == 0, result.output
    return path


@pytest.fixture
def image(tmp_path):
    """An image of the size that the finished run was trained on."""
    pixels = np.random.default_rng(0).integers(0, 256, (24, 24), np.uint8)
    path = tmp_path / "digits.png"
    Image.fromarray(pixels).save(path)
    return path
