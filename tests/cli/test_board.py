import json

import pytest
import yaml
from tensorboard.backend.event_processing import event_accumulator
from tensorboard.plugins.hparams import plugin_data_pb2

from keras_mtl.cli.board import ShownRun, runs_in, write_board
from keras_mtl.errors import ConfigError, DataError


def config(rate, seed=0, **more):
    return {"seed": seed, "optimizer": {"name": "sgd", "rate": rate}, **more}


def plugin(folder, tag):
    events = event_accumulator.EventAccumulator(str(folder)).Reload()
    content = events.SummaryMetadata(tag).plugin_data.content
    return plugin_data_pb2.HParamsPluginData.FromString(content)


def session(folder):
    found = plugin(folder, "_hparams_/session_start_info").session_start_info
    values = {
        name: getattr(value, value.WhichOneof("kind"))
        for name, value in found.hparams.items()
    }
    return values, found.group_name


def test_what_differs_is_the_table(tmp_path):
    board, logs = tmp_path / "board", tmp_path / "logs"
    (logs / "train").mkdir(parents=True)
    write_board(
        board,
        [
            ShownRun("a-0", logs, config(0.1), "A", [("validation", "x")]),
            ShownRun("a-1", logs, config(0.1, seed=1), "A"),
            ShownRun("b-0", logs, config(0.2, extra="yes"), "B"),
        ],
    )
    first, second, third = (session(board / n) for n in ("a-0", "a-1", "b-0"))
    assert first == second
    assert first[0] == {"method": "A", "optimizer.rate": 0.1}
    assert third[0] == {"method": "B", "optimizer.rate": 0.2, "extra": "yes"}
    assert third[1] != first[1]
    experiment = plugin(board, "_hparams_/experiment").experiment
    assert {info.name for info in experiment.hparam_infos} == {
        "method", "optimizer.rate", "extra",
    }  # fmt: skip
    assert [(m.name.group, m.name.tag) for m in experiment.metric_infos] == [
        ("validation", "loss/total"),
        ("validation", "x"),
    ]
    events = event_accumulator.EventAccumulator(str(board / "a-0")).Reload()
    (text,) = events.Tensors("config")[0].tensor_proto.string_val
    assert b"rate: 0.1" in text
    assert (board / "a-0" / "train").resolve() == logs / "train"
    # A run that has not begun is seen as soon as it does.
    assert (board / "a-0" / "validation").is_symlink()


def test_runs_that_do_not_differ_show_all(tmp_path):
    runs = [ShownRun(n, tmp_path, config(0.1, seed)) for seed, n in
            enumerate("ab")]  # fmt: skip
    write_board(tmp_path / "board", runs)
    values, _ = session(tmp_path / "board" / "b")
    assert values == {"optimizer.name": "sgd", "optimizer.rate": 0.1}


def test_a_value_that_is_a_number_or_a_word_is_shown_as_text(tmp_path):
    runs = [ShownRun("a", tmp_path, config(0.1)),
            ShownRun("b", tmp_path, config("cosine"))]  # fmt: skip
    write_board(tmp_path / "board", runs)
    infos = plugin(tmp_path / "board", "_hparams_/experiment").experiment
    assert [info.type for info in infos.hparam_infos] == [1]  # a string


@pytest.fixture
def sweep(tmp_path):
    """A sweep folder with two trials, of which one has begun nothing."""
    folder = tmp_path / "sweep"
    trials = []
    (folder / "trials").mkdir(parents=True)
    for name, rate in (("slow-seed0", 0.1), ("fast-seed0", 0.2)):
        text = yaml.safe_dump(config(rate, name=name))
        (folder / "trials" / f"{name}.yaml").write_text(text)
        label = name.split("-", maxsplit=1)[0]
        trials.append(
            {
                "name": name,
                "label": label,
                "seed": 0,
                "folder": f"trials/{name}",
            }
        )
    (folder / "sweep.yaml").write_text("config: multi_digits\n")
    (folder / "trials.json").write_text(json.dumps({"trials": trials}))
    return folder


def test_trials_of_a_sweep(sweep, finished):
    (sweep / "trials" / "fast-seed0").symlink_to(finished)
    slow, fast = runs_in([sweep])
    assert (slow.name, slow.method) == ("slow-seed0", "slow")
    assert slow.columns == []
    assert slow.logs == sweep / "trials" / "slow-seed0" / "logs"
    assert ("validation", "loss/total") in fast.columns
    assert {group for group, _ in fast.columns} == {"validation"}
    assert any(tag.startswith("metric/") for _, tag in fast.columns)
    names = [run.name for run in runs_in([sweep, finished])]
    assert names == ["sweep/slow-seed0", "sweep/fast-seed0", "run"]


def test_folders_that_cannot_be_told_apart_or_are_none(tmp_path, finished):
    with pytest.raises(ConfigError, match=r"several called \['run'\]"):
        runs_in([finished, finished])
    with pytest.raises(DataError):
        runs_in([tmp_path])
