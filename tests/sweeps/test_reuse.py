import os

import pytest
import yaml

from keras_mtl.errors import ConfigError
from keras_mtl.runs import RunFolder
from keras_mtl.runs.atomic import write_json
from keras_mtl.sweeps import SweepFolder
from keras_mtl.sweeps.reuse import finished_runs, reuse, versions_note
from keras_mtl.version import __version__


@pytest.fixture
def finished(tmp_path, sweep):
    """Makes a finished run of the configuration of a trial."""

    def make(name, place="runs/a", command=("fit",), **changes):
        resolved = {**sweep.resolved(name), "name": "other", **changes}
        run = RunFolder.create(tmp_path / place, "", resolved, list(command))
        write_json(run.metrics_path, {"test": {}})
        run.update(status="finished")
        return run

    return make


def states(sweep):
    opened = SweepFolder.open(sweep.path)
    return [record.state for record in opened.records.values()]


def test_a_run_of_the_same_configuration_is_copied(sweep, finished, tmp_path):
    name = list(sweep.records)[2]
    run = finished(name, "runs/deep/below")
    (run.checkpoints / "last.weights.h5").write_bytes(b"weights")
    with run.lock():  # its lock is not taken along
        (record,) = reuse(sweep, [tmp_path / "runs"])
    assert record.name == name
    assert record.reused_from == str(run.path)
    assert record.version == run.manifest["versions"]["keras-mtl"]
    assert states(sweep) == ["pending"] * 2 + ["finished"] + ["pending"]
    copy = RunFolder.open(sweep.run_path(name))
    assert copy.manifest == run.manifest
    assert (copy.checkpoints / "last.weights.h5").read_bytes() == b"weights"
    assert not (copy.path / ".lock").exists()
    assert run.path.is_dir()


def test_a_copy_is_apart_from_its_original(sweep, finished, tmp_path):
    name = next(iter(sweep.records))
    run = finished(name)
    reuse(sweep, [tmp_path / "runs"])
    run.update(status="changed")
    assert RunFolder.open(sweep.run_path(name)).manifest["status"] == (
        "finished"
    )


def test_only_whole_runs_of_the_same_configuration_count(
    sweep, finished, tmp_path
):
    name = next(iter(sweep.records))
    finished(name, "runs/seed", seed=99)
    finished(name, "runs/limited", ["fit", "--limit-batches", "1"])
    finished(name, "runs/stopped").update(status="interrupted")
    (finished(name, "runs/no_metrics").metrics_path).unlink()
    broken = finished(name, "runs/broken").path
    (broken / "resolved.yaml").write_text("[")
    odd = finished(name, "runs/odd").path
    (odd / "manifest.json").write_text("[]")
    assert reuse(sweep, [tmp_path / "runs"]) == []
    assert states(sweep) == ["pending"] * 4


def test_what_has_begun_is_not_replaced(sweep, finished, tmp_path):
    name = next(iter(sweep.records))
    finished(name)
    sweep.run_path(name).mkdir()
    assert reuse(sweep, [tmp_path / "runs"]) == []


def test_another_sweep_is_a_folder_of_runs(sweep, finished, tmp_path, plan):
    name = next(iter(sweep.records))
    finished(name)
    reuse(sweep, [tmp_path / "runs"])
    other = SweepFolder.create(tmp_path / "other", plan(seeds="0"))
    (record,) = reuse(other, [sweep.path])
    assert record.reused_from == str(sweep.run_path(name))
    found = [run.path for run in finished_runs(tmp_path)]
    assert len(found) == 3


def test_copies_take_no_room_where_the_disk_can_link(
    sweep, finished, tmp_path, monkeypatch
):
    first, second, *_ = sweep.records
    run = finished(first, "runs/a")
    reuse(sweep, [run.path])
    copy = sweep.run_path(first) / "resolved.yaml"
    assert copy.samefile(run.path / "resolved.yaml")

    def refuse(*paths):
        raise OSError("no links here")

    run = finished(second, "runs/b")
    monkeypatch.setattr(os, "link", refuse)
    reuse(sweep, [run.path])
    copy = sweep.run_path(second) / "resolved.yaml"
    assert not copy.samefile(run.path / "resolved.yaml")
    assert yaml.safe_load(copy.read_text())["name"] == "other"


def test_a_missing_folder_is_told(sweep, tmp_path):
    with pytest.raises(ConfigError, match="--reuse: expected a folder"):
        reuse(sweep, [tmp_path / "nothing"])


def test_other_versions_are_noted(sweep, finished, tmp_path):
    assert versions_note([]) is None
    name = next(iter(sweep.records))
    finished(name).update(versions={"keras-mtl": "0.0.1"})
    found = reuse(sweep, [tmp_path / "runs"])
    assert versions_note(found) == (
        "1 of the reused runs were trained with keras-mtl 0.0.1; this is "
        f"{__version__}."
    )
