import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.layers import CrossStitch


def features(shape=(2, 3, 4), tasks="abc"):
    generator = np.random.default_rng(0)
    return {task: generator.normal(size=shape).astype("f4") for task in tasks}


@pytest.mark.parametrize("channelwise", [True, False])
def test_each_task_reads_its_row_of_the_matrix(channelwise):
    x = features()
    stitch = CrossStitch(channelwise=channelwise)
    stitch(x)
    mixing = np.random.default_rng(1).normal(size=stitch.mixing.shape)
    stitch.mixing.assign(mixing)
    for row, (task, found) in enumerate(stitch(x).items()):
        expected = sum(mixing[row, i] * x[t] for i, t in enumerate("abc"))
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
        assert task == "abc"[row]


def test_tasks_start_with_most_weight_on_their_own():
    stitch = CrossStitch(0.8)
    stitch(features())
    expected = np.full((3, 3), 0.1) + 0.7 * np.eye(3)
    for channel in range(4):
        np.testing.assert_allclose(stitch.mixing[..., channel], expected)
    alone = CrossStitch()
    x = features(tasks="a")
    np.testing.assert_array_equal(alone(x)["a"], x["a"])


def test_gradients():
    x = {task: tf.constant(value) for task, value in features().items()}
    stitch = CrossStitch(channelwise=False)
    stitch(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = tf.reduce_sum(stitch(x)["a"])
    found = tape.gradient(total, [x["b"], stitch.mixing.value])
    np.testing.assert_allclose(found[0], np.full((2, 3, 4), 0.05), rtol=1e-5)
    sums = [[[np.sum(x[t])] for t in "abc"], *[[[0.0]] * 3] * 2]
    np.testing.assert_allclose(found[1], sums, rtol=1e-4)


def test_features_of_several_shapes():
    with pytest.raises(ValueError, match="one shape for all tasks"):
        CrossStitch()({"a": np.ones((1, 2)), "b": np.ones((1, 3))})
    with pytest.raises(ValueError, match="needs a dict of features"):
        CrossStitch()(np.ones((1, 2)))


def test_saved_and_loaded(tmp_path):
    inputs = {task: keras.Input((4,), name=task) for task in "ab"}
    model = keras.Model(inputs, CrossStitch(0.7, False)(inputs))
    model.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    x = features((2, 4), "ab")
    np.testing.assert_array_equal(loaded(x)["b"], model(x)["b"])
