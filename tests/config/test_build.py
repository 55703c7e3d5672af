from types import SimpleNamespace

import keras
import numpy as np
import pytest

from keras_mtl import models
from keras_mtl.config import build, load_values
from keras_mtl.config.build import build_model
from keras_mtl.config.builder import Builder
from keras_mtl.errors import ConfigError, DataError
from keras_mtl.graph import describe_partition

pytestmark = pytest.mark.usefixtures("keras_state")

BASE = {
    "data": {"name": "multi_digits", "train_size": 64, "batch_size": 32},
    "model": {"name": "lenet", "dropout": 0.0},
}


def two_outputs(tasks, input_shape):
    return models.lenet({"left": 10, "other": 3}, input_shape)


def listed_outputs(tasks, input_shape):
    inputs = keras.Input(input_shape)
    return keras.Model(inputs, [keras.layers.Flatten()(inputs)])


def told_the_kinds(tasks, input_shape, kinds=None):
    return models.lenet(tasks, input_shape, name="_".join(kinds.values()))


def open_to_anything(**options):
    return models.lenet(**options)


def maps(tasks, input_shape):
    return models.unet(tasks, input_shape, widths=(2, 2))


def without_shape(tasks):
    return models.lenet(tasks, (24, 24, 1), dropout=0.0, name="mine")


def built(*overrides, **values):
    return build(load_values({**BASE, **values}, "f", overrides))


def test_the_parts_fit_each_other():
    experiment = built()
    assert experiment.trainer.tasks == ("left", "right")
    assert experiment.trainer.model is experiment.model
    assert experiment.model.output["left"].shape == (None, 10)
    assert experiment.data.batch_size == 32


def test_the_seed_decides_the_weights():
    first, second, other = built(), built(), built("seed=1")
    kernel = [e.model.weights[0].numpy() for e in (first, second, other)]
    np.testing.assert_array_equal(kernel[0], kernel[1])
    assert not np.array_equal(kernel[0], kernel[2])


@pytest.mark.parametrize(
    ("precision", "compute", "variable"),
    [
        ("mixed_bfloat16", "bfloat16", "float32"),
        ("float64", "float64", "float64"),
        ("float32", "float32", "float32"),
    ],
)
def test_the_precision_reaches_the_network(precision, compute, variable):
    layer = built(precision=precision).model.get_layer("conv1")
    assert layer.compute_dtype == compute
    assert layer.kernel.dtype == variable


def test_options_of_the_trainer():
    trainer = built(
        "trainer.aggregator=mgda",
        "trainer.gradients=representation",
        "trainer.weighting=uncertainty",
        "fit.telemetry=true",
        "seed=3",
    ).trainer
    assert trainer.gradients == "representation"
    assert type(trainer.aggregators[0]).__name__ == "MGDA"
    assert type(trainer.weighting).__name__ == "Uncertainty"
    assert trainer.seed == 3
    assert trainer.measures


def test_builders_that_ask_for_kinds_are_given_them():
    given = built(f"model={__name__}:told_the_kinds").model
    assert given.name == "classification_classification"
    assert built(f"model={__name__}:open_to_anything").model.name == "lenet"


def test_maps_need_a_network_with_a_decoder():
    loaded = load_values(BASE, "f")
    spec = SimpleNamespace(num_outputs=1, kind="depth")
    data = SimpleNamespace(
        name="d", tasks={"left": spec}, input_shape=(16, 16, 1)
    )
    with pytest.raises(ConfigError, match=r"model: .*'left' \(depth\) needs"):
        build_model(loaded.config, data, Builder(loaded))


def test_a_backbone_of_a_configuration():
    block = {
        "name": "backbone",
        "backbone": "MobileNet",
        "options": {"alpha": 0.25},
        "decoder_width": 4,
    }
    loaded = load_values({**BASE, "model": block}, "f")
    specs = {
        "depth": SimpleNamespace(num_outputs=1, kind="depth"),
        "left": SimpleNamespace(num_outputs=3, kind="classification"),
    }
    data = SimpleNamespace(name="d", tasks=specs, input_shape=(32, 32, 3))
    model = build_model(loaded.config, data, Builder(loaded))
    assert model.output["depth"].shape == (None, 32, 32, 1)
    assert model.output["left"].shape == (None, 3)
    data.input_shape = (32, 32, 1, 1)
    with pytest.raises(ConfigError, match=r"`input_shape` must be"):
        build_model(loaded.config, data, Builder(loaded))


def test_losses_metrics_and_weights_of_the_tasks():
    trainer = built(
        tasks={
            "left": {
                "loss": {
                    "name": "sparse_categorical_crossentropy",
                    "ignore_class": 9,
                },
                "metrics": ["accuracy", "sparse_top_k_categorical_accuracy"],
                "weight": 0.5,
            },
            "right": {"metrics": []},
        }
    ).trainer
    assert trainer.task_losses["left"].loss.ignore_class == 9
    assert trainer.task_losses["left"].loss.from_logits
    assert trainer.loss_weights == {"left": 0.5}
    names = [metric.name for metric in trainer.task_metrics["left"]]
    assert names == ["accuracy", "sparse_top_k_categorical_accuracy"]
    assert not trainer.task_metrics.get("right")


def test_what_is_said_for_every_task():
    star = {
        "metrics": ["precision"],
        "weight": 2.0,
        "loss": {
            "name": "sparse_categorical_crossentropy",
            "ignore_class": 9,
        },
    }
    left = {"metrics": ["recall"], "weight": 0.5}
    trainer = built(tasks={"*": star, "left": left}).trainer
    names = {
        task: [metric.name for metric in listed]
        for task, listed in trainer.task_metrics.items()
    }
    assert names == {"left": ["recall"], "right": ["precision"]}
    assert trainer.loss_weights == {"left": 0.5, "right": 2.0}
    for task_loss in trainer.task_losses.values():
        assert task_loss.loss.ignore_class == 9
    listed = [{"name": "within_angle", "degrees": 0}]
    with pytest.raises(ConfigError, match=r"tasks.\*.metrics\[0\]"):
        built(tasks={"*": {"metrics": listed}})


def test_the_focal_loss_squares_and_takes_logits():
    tasks = {"left": {"loss": {"name": "binary_focal_crossentropy"}}}
    loss = built(tasks=tasks).trainer.task_losses["left"].loss
    logits = np.array([[-30.0], [0.0], [2.0]], "float32")
    miss = 1 / (1 + np.exp(logits))
    expected = miss**2 * np.log1p(np.exp(-logits))
    found = loss.call(np.ones_like(logits), logits)
    np.testing.assert_allclose(found, expected[:, 0], rtol=1e-5)


def test_metrics_of_this_package_know_the_task_and_name_themselves():
    listed = [
        "precision",
        {"name": "mean_iou", "published": True},
        "mean_iou",
        "keras_mtl.metrics.recall:Recall",
        "keras.metrics:MeanSquaredError",
    ]
    trainer = built(tasks={"left": {"metrics": listed}}).trainer
    found = trainer.task_metrics["left"]
    assert [metric.name for metric in found] == [
        "precision",
        "published_mean_iou",
        "mean_iou",
        "recall",
        "MeanSquaredError",
    ]
    assert found[0].num_outputs == 10
    assert found[1].published == "chapter_4"


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        (["precision", "precision"], r"metrics\[1\].*logged as 'precision'"),
        ([{"name": "within_angle", "degrees": 0}], "degrees.*in \\(0, 180"),
        ([{"name": "mean_iou", "published": "3"}], "published.*Received: '3'"),
        ([{"name": "precision", "num_outputs": 3}], "unknown key"),
    ],
)
def test_metrics_that_do_not_fit_are_refused(listed, message):
    with pytest.raises(ConfigError, match=message):
        built(tasks={"left": {"metrics": listed}})


def test_a_network_from_elsewhere():
    experiment = built(model=f"{__name__}:without_shape")
    assert experiment.model.name == "mine"


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["tasks.lft.weight=1"], "tasks.lft: no such task: .*mean 'left'"),
        (
            ["trainer.name=independent", "trainer.groups=[[left], [rigt]]"],
            r"--set trainer.groups=.*: trainer.groups: .*Unknown: \['rigt'\]",
        ),
        (["trainer.name=alternating", "trainer.groups=3"], "trainer.groups: "),
        (["fit.monitor=val_lft_loss"], "fit.monitor: .*mean 'val_left_loss'"),
        (["data.batch_size=0"], "data.batch_size: "),
        (["data.train_size=8"], "f: data.batch_size: .*32"),
        (["model.dropout=3"], "model.dropout: "),
        (
            [f"model.name={__name__}:two_outputs"],
            r"model: .*\['left', 'right'\]",
        ),
        ([f"model.name={__name__}:listed_outputs"], "model: .*as a dict"),
        ([f"model.name={__name__}:maps"], "model: .*one vector a sample"),
        (
            ["optimizer.clipnorm=1", "optimizer.clipvalue=1"],
            r"optimizer.clipnorm: Only one",
        ),
    ],
)
def test_what_does_not_fit_is_refused_by_key(overrides, message):
    with pytest.raises(ConfigError, match=message):
        built(*overrides)


def test_missing_data_is_an_error_of_the_data(tmp_path):
    data = {"name": "multi_mnist", "dir": str(tmp_path / "nothing")}
    with pytest.raises(DataError, match="nothing"):
        built(data=data)


def test_filters_are_shared_out_and_roam():
    roaming = {"name": "roaming", "every": {"epochs": 0.1}}
    options = {"kind": "roaming", "p": {"conv1": 0.5}}
    experiment = built(
        "seed=3", partition=options, callbacks=[roaming, "progress_line"]
    )
    (row,) = describe_partition(experiment.trainer.model).layers
    assert row.convolution.name == "conv1"
    assert row.filters_per_task == row.filters / 2
    first, second = experiment.callbacks
    assert (first.seed, type(second).__name__) == (3, "ProgressLine")
    other = describe_partition(built("seed=4", partition=options).model)
    same = describe_partition(built("seed=3", partition=options).model)
    masks = [found.layers[0].layer.mask.numpy() for found in (other, same)]
    assert (masks[0] != row.layer.mask.numpy()).any()
    np.testing.assert_array_equal(masks[1], row.layer.mask.numpy())


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"partition": {"pp": 1}}, r"partition.pp: unknown key.*'p'\?"),
        ({"partition": {"p": 2}}, "partition.p: expected less than"),
        ({"partition": {"p": {"cony": 1}}}, r"partition.p: .*'cony'"),
        (
            {"callbacks": [{"name": "roaming", "evry": 1}]},
            r"callbacks\[0\].evry: unknown key.*Did you mean 'every'\?",
        ),
        ({"callbacks": ["roaming"]}, r"callbacks\[0\]: Expected one schedule"),
        ({"callbacks": ["romaing"]}, "Did you mean 'roaming'"),
    ],
)
def test_partitions_and_callbacks_that_cannot_be(values, message):
    with pytest.raises(ConfigError, match=message):
        built(**values)
