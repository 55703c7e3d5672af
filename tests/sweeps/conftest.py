import pytest

from keras_mtl.sweeps import SweepFolder, load_sweep, plan_sweep

TINY = {
    "data.train_size": 64,
    "data.batch_size": 16,
    "fit.epochs": 1,
}


@pytest.fixture
def write(tmp_path):
    """Writes a sweep file and returns its path."""

    def write_text(text, name="mine.yaml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write_text


@pytest.fixture
def plan():
    """Plans a sweep of a preset, tiny."""

    def make(grid=("optimizer.learning_rate=1e-3,1e-2",), seeds="0-1", **more):
        values = {**TINY, **more}
        overrides = [f"{key}={value}" for key, value in values.items()]
        return plan_sweep(*load_sweep("multi_digits", grid, seeds, overrides))

    return make


@pytest.fixture
def sweep(tmp_path, plan):
    """A new sweep of four trials: two rates, two seeds."""
    return SweepFolder.create(tmp_path / "sweep", plan())
