import json

import pytest

from keras_mtl.errors import ConfigError, DataError
from keras_mtl.sweeps import SweepFolder


def states(sweep):
    return [record.state for record in sweep.records.values()]


def test_a_new_folder_is_opened_as_it_was_made(sweep):
    opened = SweepFolder.open(sweep.path)
    assert opened.records == sweep.records
    assert opened.config == sweep.config
    assert states(opened) == ["pending"] * 4
    for record in opened.records.values():
        resolved = opened.resolved(record.name)
        assert resolved["seed"] == record.seed
        assert resolved["name"] == record.name
        rate = record.set["optimizer.learning_rate"]
        assert resolved["optimizer"]["learning_rate"] == rate
        assert record.folder == f"trials/{record.name}"


def test_the_configurations_can_be_run_by_themselves(sweep):
    from keras_mtl.config import load

    for name in sweep.records:
        loaded = load(str(sweep.config_path(name)))
        assert loaded.notes == ()
        plain = json.loads(json.dumps(loaded.config.resolved()))
        assert plain == sweep.resolved(name)


def test_what_was_asked_is_a_sweep_file(sweep):
    from keras_mtl.sweeps import load_sweep, plan_sweep

    plan = plan_sweep(*load_sweep(str(sweep.path / "sweep.yaml")))
    assert {t.name: t.resolved for t in plan.trials} == {
        name: sweep.resolved(name) for name in sweep.records
    }


def test_updates_are_on_the_disk(sweep):
    name = next(iter(sweep.records))
    sweep.update(name, state="failed", reason="exit code 4", exit_code=4)
    again = SweepFolder.open(sweep.path).records[name]
    assert (again.state, again.exit_code) == ("failed", 4)
    assert not list(sweep.path.glob(".tmp-*"))


def test_a_sweep_may_grow(sweep, plan):
    first = next(iter(sweep.records))
    sweep.update(first, state="finished")
    grid = ["optimizer.learning_rate=1e-4,1e-3,1e-2"]
    sweep.extend(plan(grid, "0-2"))
    again = SweepFolder.open(sweep.path)
    assert len(again.records) == 9
    assert again.records[first].state == "finished"
    assert states(again).count("pending") == 8
    assert again.config.seeds == "0-2"


def test_a_sweep_may_not_change(sweep, plan):
    before = (sweep.path / "trials.json").read_bytes()
    with pytest.raises(ConfigError, match="2 trials that are no longer asked"):
        sweep.extend(plan(seeds="0"))
    with pytest.raises(ConfigError, match=r"data.train_size: 64 -> 32"):
        sweep.extend(plan(**{"data.train_size": 32}))
    assert (sweep.path / "trials.json").read_bytes() == before


def test_a_killed_sweep_left_running_trials(sweep):
    first, second, *_ = sweep.records
    for name in (first, second):
        sweep.update(name, state="running")
    run = sweep.run_path(first)
    run.mkdir()
    (run / "manifest.json").write_text('{"status": "finished"}')
    half = sweep.path / f"trials/.{second}.new-123"
    half.mkdir()
    sweep.recover()
    assert states(sweep) == ["finished", "interrupted", "pending", "pending"]
    assert not half.exists()


def test_two_sweeps_do_not_share_a_folder(sweep):
    other = SweepFolder.open(sweep.path)
    with sweep.lock(), pytest.raises(ConfigError, match="in use by process"):
        other.lock().__enter__()
    with other.lock():
        pass


def test_folders_of_others_are_left_alone(tmp_path, plan, sweep):
    with pytest.raises(ConfigError, match="Go on with it with --resume"):
        SweepFolder.create(sweep.path, plan())
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/a.png").touch()
    with pytest.raises(ConfigError, match="not empty, and not that of a sw"):
        SweepFolder.create(tmp_path / "photos", plan())
    with pytest.raises(ConfigError, match="is a file"):
        SweepFolder.create(tmp_path / "photos/a.png", plan())
    with pytest.raises(
        DataError, match="is not a sweep folder: expected sweep"
    ):
        SweepFolder.open(tmp_path / "photos")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("trials.json", "{"),
        ("trials.json", "[]"),
        ("trials.json", '{"trials": [{"name": "a"}]}'),
        ("sweep.yaml", "[1, 2"),
        ("sweep.yaml", "- 1"),
        ("sweep.yaml", "what: 1"),
    ],
)
def test_damaged_folders_are_told(sweep, name, text):
    (sweep.path / name).write_text(text)
    with pytest.raises(DataError, match=r"damaged|Could not read"):
        SweepFolder.open(sweep.path)


def test_a_missing_configuration_is_told(sweep):
    name = next(iter(sweep.records))
    sweep.config_path(name).unlink()
    with pytest.raises(DataError, match="Could not read"):
        sweep.resolved(name)
