import keras
import numpy as np
import pytest

from keras_mtl.layers import SoftSharing
from keras_mtl.layers.tie_penalties import squared_distance, trace_norm


def model_of(layer, shape=(4,)):
    x = keras.Input(shape, name="x")
    return keras.Model(x, {task: layer(x, task=task) for task in "ab"})


def dense(**options):
    return SoftSharing(keras.layers.Dense(3, name="d"), ["a", "b"], **options)


def test_every_task_has_a_layer_of_its_own():
    layer = dense()
    model = model_of(layer)
    x = np.random.default_rng(0).random((2, 4), "float32")
    for task, copy in zip("ab", layer.copies, strict=True):
        expected = x @ copy.kernel.numpy() + copy.bias.numpy()
        np.testing.assert_allclose(model(x)[task], expected, rtol=1e-5)
        read = [v.path for v in layer.call_variables(x, task=task)]
        assert read == [v.path for v in copy.variables]
    first, second = (copy.kernel.numpy() for copy in layer.copies)
    assert not np.allclose(first, second)


@pytest.mark.parametrize(
    ("options", "function"),
    [
        ({"penalty": "l2"}, squared_distance),
        ({"penalty": "trace_norm"}, trace_norm),
        (
            {"penalty": "trace_norm", "flattening": "tucker"},
            lambda kernels: trace_norm(kernels, "tucker"),
        ),
    ],
)
def test_the_penalty_is_a_loss_of_the_model(options, function):
    layer = dense(strength=0.5, **options)
    model = model_of(layer)
    kernels = [copy.kernel.numpy() for copy in layer.copies]
    expected = 0.5 * float(function(kernels))
    assert sum(map(float, model.losses)) == pytest.approx(expected, rel=1e-5)


def test_training_on_the_penalty_alone_draws_the_kernels_together():
    layer = dense(strength=1.0)
    model = model_of(layer)
    zero = {task: lambda y, p: 0.0 * p for task in "ab"}
    model.compile(keras.optimizers.SGD(0.2), loss=zero)
    before = [copy.kernel.numpy() for copy in layer.copies]
    y = {task: np.zeros((1, 3)) for task in "ab"}
    model.train_on_batch(np.ones((1, 4)), y)
    for copy, kernel in zip(layer.copies, before, strict=True):
        step = 2 * 0.2 * (kernel - np.mean(before, axis=0))
        np.testing.assert_allclose(copy.kernel, kernel - step, atol=1e-6)


def test_saved_loaded_and_tied_again(tmp_path):
    conv = keras.layers.Conv2D(2, 3, padding="same", name="c")
    layer = SoftSharing(conv, ["a", "b"], "trace_norm", 0.1, "tensor_train")
    model = model_of(layer, (5, 5, 1))
    assert model.output["a"].shape == (None, 5, 5, 2)
    model.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    x = np.random.default_rng(0).random((1, 5, 5, 1), "float32")
    for task in "ab":
        np.testing.assert_array_equal(loaded(x)[task], model(x)[task])
    penalties = [sum(map(float, m.losses)) for m in (model, loaded)]
    assert penalties[0] == pytest.approx(penalties[1], rel=1e-5)
    assert penalties[0] > 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"penalty": "l1"}, "`penalty` must be 'l2' or"),
        ({"strength": -1.0}, "`strength` must be 0 or more"),
        ({"flattening": "none"}, "`flattening` must be one of"),
    ],
)
def test_arguments_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        dense(**options)


def test_a_task_that_has_no_layer():
    with pytest.raises(ValueError, match=r"one of the tasks \['a', 'b'\]"):
        dense()(np.ones((1, 4)), task="c")
