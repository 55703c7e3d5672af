"""The block `transfer`, from YAML to a trainer."""

import keras
import numpy as np
import pytest

from keras_mtl.cli.transfer_tables import layer_rows, print_transfer
from keras_mtl.config import build, load_values
from keras_mtl.errors import ConfigError
from keras_mtl.transfer import GradualUnfreezing, LayerwiseOptimizer

BASE = {
    "data": {"name": "multi_digits", "train_size": 32, "batch_size": 16},
    "model": {"name": "lenet"},
}

NAMES = {
    "source_classes": [f"s{i}" for i in range(10)],
    "target_classes": [f"t{i}" for i in range(10)],
}


@pytest.fixture(autouse=True)
def _state(keras_state):
    return


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A network with weights of its own, and its file."""
    model = build(load_values({**BASE, "seed": 5}, "f")).model
    path = str(tmp_path_factory.mktemp("source") / "model.keras")
    model.save(path)
    return model, path


def made(transfer, *overrides, **blocks):
    values = {**BASE, **blocks, "transfer": transfer}
    return build(load_values(values, "f", overrides))


def first_layer(model):
    return next(layer for layer in model.layers if layer.weights)


def test_weights_freezing_and_rates(source, capsys):
    trained, path = source
    name = first_layer(trained).name
    experiment = made(
        {
            "weights": path,
            "freeze": [name],
            "learning_rate_multiplier": 0.1,
            "unfreeze_at": {"left*": 2},
        }
    )
    for layer in experiment.model.layers:
        for own, given in zip(
            layer.get_weights(),
            trained.get_layer(layer.name).get_weights(),
            strict=True,
        ):
            np.testing.assert_array_equal(own, given)
    assert not experiment.model.get_layer(name).trainable
    optimizer = experiment.trainer.optimizer
    assert isinstance(optimizer, LayerwiseOptimizer)
    assert {(p.multiplier, p.start_epoch) for p in optimizer.parts} == {
        (0.1, 0),
        (0.1, 2),
    }
    assert isinstance(experiment.callbacks[0], GradualUnfreezing)
    print_transfer(experiment)
    text = capsys.readouterr().out
    assert "matched" in text
    assert "frozen" in text
    assert "learning rate x 0.1, from epoch 2" in text


@pytest.mark.parametrize("trainer", ["independent", "single_task"])
def test_other_trainers_and_partitions(source, trainer):
    trained, path = source
    partition = {"p": 0.5} if trainer == "independent" else None
    experiment = made(
        {"weights": path, "learning_rate_multiplier": 0.5},
        trainer={"name": trainer},
        partition=partition,
    )
    values = {v.path: np.array(v) for v in trained.weights}
    kernel = f"{first_layer(trained).name}/kernel"
    found = [v for v in experiment.trainer.model.weights if v.path == kernel]
    assert len(found) == (2 if trainer == "single_task" else 1)
    for variable in found:
        np.testing.assert_array_equal(variable, values[kernel])
    for member in experiment.trainer.optimizer.members.values():
        (part, rest) = member.optimizers
        assert float(part.learning_rate) == pytest.approx(
            0.5 * float(rest.learning_rate)
        )
        assert part._trainable_variables


def test_every_encoder_of_a_cooperative_network_from_one(tmp_path):
    data = {"name": "multi_digits", "train_size": 16, "batch_size": 8}
    network = {"name": "cooperative", "fusion": "late", "widths": [4, 8, 8]}
    joint = {"data": data, "model": {**network, "design": "joint"}}
    trained = build(load_values({**joint, "seed": 5}, "f")).model
    trained.save(tmp_path / "model.keras")
    experiment = made(
        {
            "weights": str(tmp_path / "model.keras"),
            "layers": ["*_conv*"],
            "rename": {"^(left|right)_": "shared_"},
            "freeze": ["*_conv1"],
        },
        data=data,
        model={**network, "widths": [8, 16, 16]},
        trainer={"name": "cooperative", "bound": 0.01},
    )
    report = experiment.transfer.report
    assert len(report.named("matched")) == 4
    for layer in report.named("matched"):
        name = layer.split("_", 1)[1]
        own = experiment.trainer.model.get_layer(layer)
        given = trained.get_layer(f"shared_{name}")
        np.testing.assert_array_equal(own.kernel, given.kernel)
        assert own.trainable == (name != "conv1")


def test_a_head_from_similar_classes(source):
    _, path = source
    experiment = made(
        {
            "weights": path,
            "classifiers": {"left": {"source_output": "right", "k": 2}},
        }
    )
    report = experiment.transfer.classifiers["left"]
    assert len(report.origins) == 10
    assert any(not one.is_random for one in report.origins)
    plain = experiment.transfer.as_dict()
    assert len(plain["classifiers"]["left"]["classes"]) == 10


def test_parts_of_a_network_without_weights_of_a_file():
    experiment = made({"learning_rate_multiplier": {"left*": 0.1}})
    rows = layer_rows(experiment.transfer)
    assert {row[-1] for row in rows} == {"learning rate x 0.1"}
    assert experiment.transfer.report is None


def test_nothing_changes_without_the_block():
    config = load_values(BASE, "f").config
    assert "transfer" not in config.resolved()
    experiment = build(load_values(BASE, "f"))
    assert isinstance(experiment.trainer.optimizer, keras.optimizers.Adam)


def test_what_is_resolved_gives_the_same():
    block = {"freeze": ["left*"], "unfreeze_at": {"right*": 1}}
    first = load_values({**BASE, "transfer": block}, "f").config
    again = load_values(first.resolved(), "g").config
    assert again == first


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ({"weight": "x"}, r"transfer\.weight: unknown key.*'weights'"),
        ({"match": "shape"}, r"transfer\.match: expected 'name' or"),
        ({"unfreeze_at": {"a": -1}}, r"transfer\.unfreeze_at\.a"),
        ({"learning_rate_multiplier": "slow"}, "learning_rate_multiplier"),
        ({"classifiers": {"left": {"k": 0}}}, r"classifiers\.left\.k"),
    ],
)
def test_refused_when_read(block, message):
    with pytest.raises(ConfigError, match=message):
        load_values({**BASE, "transfer": block}, "f")


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ({"weights": "none.keras"}, r"transfer\.weights: .*not there"),
        ({"weights": "${NO_SUCH_PLACE}/a.keras"}, "NO_SUCH_PLACE is not set"),
        ({"freeze": ["nothing*"]}, r"transfer\.freeze: .*'nothing\*'"),
        ({"learning_rate_multiplier": 0.1}, "needs `weights`"),
        ({"classifiers": {"left": {}}}, "needs `weights`"),
    ],
)
def test_refused_when_built(block, message):
    with pytest.raises(ConfigError, match=message):
        made(block)


@pytest.mark.parametrize(
    ("classifiers", "message"),
    [
        ({"lft": {}}, "Did you mean 'left'"),
        ({"left": {}}, "`source_output` must be one of"),
        (
            {
                "left": {
                    "source_output": "left",
                    "similarity": "word2vec",
                    **NAMES,
                }
            },
            "needs `vectors`",
        ),
        (
            {
                "left": {
                    "source_output": "left",
                    "similarity": "wordnet",
                    "wordnet": "/no/such/folder",
                    **NAMES,
                }
            },
            "wordnet-base",
        ),
        (
            {"left": {"source_output": "left", "similarity": "wordnet"}},
            "`source_classes` must give each of the 10",
        ),
    ],
)
def test_classifiers_refused(source, classifiers, message):
    with pytest.raises(ConfigError, match=message):
        made({"weights": source[1], "classifiers": classifiers})
