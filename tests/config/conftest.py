import keras
import pytest

from keras_mtl.config import load


@pytest.fixture
def write(tmp_path):
    """Writes a configuration file and returns its path."""

    def write_text(text, name="config.yaml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write_text


@pytest.fixture
def load_text(write):
    """Loads a configuration from its text."""

    def load_written(text, *overrides, **options):
        return load(write(text), overrides, **options)

    return load_written


@pytest.fixture
def keras_state():
    """Restores the dtype policy that `build` sets."""
    policy = keras.config.dtype_policy()
    floatx = keras.config.floatx()
    yield
    keras.config.set_floatx(floatx)
    keras.config.set_dtype_policy(policy)
