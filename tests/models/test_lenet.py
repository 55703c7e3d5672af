import keras
import numpy as np
import pytest

from keras_mtl.graph import split
from keras_mtl.models import lenet

TASKS = {"left": 10, "right": 7}


def size(variables):
    return sum(int(np.prod(v.shape)) for v in variables)


@pytest.mark.parametrize(
    ("input_shape", "shared"),
    [((28, 28, 1), 21_330), ((36, 36, 1), 41_330), ((16, 16, 3), 6_830)],
)
def test_number_of_parameters(input_shape, shared):
    parts = split(lenet(TASKS, input_shape))
    assert size(parts.shared_variables) == shared
    hidden = 50 * 50 + 50
    assert size(parts.task_variables["left"]) == hidden + 50 * 10 + 10
    assert size(parts.task_variables["right"]) == hidden + 50 * 7 + 7


def test_layers_in_the_order_of_the_paper():
    model = lenet({"left": 10})
    kinds = [type(layer).__name__ for layer in model.layers]
    body = "InputLayer Conv2D MaxPooling2D ReLU Conv2D SpatialDropout2D"
    body += " MaxPooling2D ReLU Flatten Dense"
    assert kinds == [*body.split(), "Dense", "Dropout", "Dense", "Activation"]


def test_one_output_per_task_named_after_it():
    model = lenet(TASKS)
    assert model.input.name == "image"
    assert sorted(model.output_names) == ["left", "right"]
    outputs = model(np.zeros((2, 28, 28, 1), "float32"))
    assert {t: tuple(y.shape) for t, y in outputs.items()} == {
        "left": (2, 10),
        "right": (2, 7),
    }


def test_a_dropped_channel_is_dropped_whole_and_for_all_tasks():
    model = lenet(TASKS, dropout=0.5)
    layer = model.get_layer("dropout2d")
    kept = np.array(layer(np.ones((4, 8, 8, 20), "float32"), training=True))
    kept = kept.reshape(4, 64, 20)
    assert (kept == kept[:, :1]).all()
    assert set(np.unique(kept)) == {0.0, 2.0}
    features = split(model).frontier
    assert [tuple(x.shape) for x in features] == [(None, 50)]


def test_without_dropout_training_is_deterministic():
    model = lenet(TASKS, dropout=0)
    x = np.random.default_rng(0).random((2, 28, 28, 1), "float32")
    for task, output in model(x, training=True).items():
        np.testing.assert_array_equal(output, model(x, training=True)[task])


@pytest.mark.parametrize(
    ("policy", "dtype"),
    [("mixed_bfloat16", "float32"), ("float16", "float32"), ("float64",) * 2],
)
def test_logits_are_at_least_float32(policy, dtype):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        model = lenet(TASKS)
    finally:
        keras.config.set_dtype_policy(before)
    assert {y.dtype for y in model.outputs} == {dtype}


@pytest.mark.parametrize(
    "input_shape", [(28, 28), (15, 28, 1), (28, 0, 1), (None, 28, 1), 28]
)
def test_shapes_it_cannot_read(input_shape):
    with pytest.raises(ValueError, match="height and width 16 or more"):
        lenet(TASKS, input_shape)


@pytest.mark.parametrize("dropout", [-0.1, 1, 1.5, True, "0.5"])
def test_rates_out_of_range(dropout):
    with pytest.raises(ValueError, match=r"`dropout` must be in \[0, 1\)"):
        lenet(TASKS, dropout=dropout)


def test_a_task_named_as_a_layer_of_the_network():
    with pytest.raises(ValueError, match=r'"image" is used 2 .*Rename the t'):
        lenet({"image": 1, "b": 2})
