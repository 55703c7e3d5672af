"""Every YAML file of the repository is a valid configuration."""

from pathlib import Path

import pytest

from keras_mtl.config import build, load
from keras_mtl.configs import (
    preset_names,
    preset_path,
    sweep_names,
    sweep_path,
)
from keras_mtl.sweeps import load_sweep, plan_sweep

ROOT = Path(__file__).resolve().parents[2]
YAML_FILES = sorted(
    path
    for path in ROOT.rglob("*.yaml")
    if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
    and not {"runs", "build", "dist"} & set(path.relative_to(ROOT).parts)
)
SWEEPS = [path for path in YAML_FILES if path.parent.name == "sweeps"]
FILES = [path for path in YAML_FILES if path not in SWEEPS]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_is_valid_and_explains_itself(path):
    loaded = load(str(path))
    assert loaded.notes == ()
    assert loaded.config.name == path.stem
    assert path.read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("path", SWEEPS, ids=lambda path: path.stem)
def test_every_sweep_is_valid_and_explains_itself(path):
    plan = plan_sweep(*load_sweep(str(path)))
    assert plan.notes == ()
    assert plan.config.name == path.stem
    assert len(plan.config.rows) > 1
    assert path.read_text(encoding="utf-8").startswith("# ")


def test_the_sweeps_are_the_files():
    assert sweep_names() == sorted(f"sweeps/{path.stem}" for path in SWEEPS)
    assert sweep_path("sweeps/multi_mnist") in SWEEPS


def test_an_unknown_sweep_is_refused():
    with pytest.raises(KeyError, match="Received: 'sweeps/nope'"):
        sweep_path("sweeps/nope")


def test_published_accuracies_are_fractions():
    for path in SWEEPS:
        published = load_sweep(str(path))[0].published
        for row in published.rows.values() if published else ():
            for task in row.values():
                mean, *deviation = task.get("accuracy", (None,))
                assert mean is None or 0 < mean < 1
                assert all(d is None or 0 <= d < 1 for d in deviation)


def test_the_presets_are_the_files():
    assert preset_names() == sorted(path.stem for path in FILES)
    assert preset_path("multi_digits") in FILES


def test_an_unknown_preset_is_refused():
    with pytest.raises(KeyError, match="Received: 'nope'"):
        preset_path("nope")


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [name for name in preset_names() if name != "multi_digits"]
)
def test_every_preset_can_be_built(name, data_dir, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KERAS_MTL_DATA", str(Path(data_dir("MNIST")).parent))
    loaded = load(name)
    folder = loaded.config.resolved()["data"].get("dir")
    if folder:
        data_dir(Path(folder).name)
    write_weights(loaded.config.transfer)
    experiment = build(loaded)
    assert len(experiment.trainer.tasks) >= 2


def write_weights(transfer):
    """The model that a preset starts from, as its own preset makes it."""
    if transfer is not None and transfer.weights:
        path = Path(transfer.weights)
        path.parent.mkdir(parents=True)
        build(load(path.parent.name)).model.save(path)
