"""Layers that behave differently in training, through the parts."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers


def model():
    x = keras.Input((6,), name="x")
    h = layers.Dense(8, name="trunk")(x)
    h = layers.BatchNormalization(name="norm")(h)
    h = layers.Dropout(0.5, seed=1, name="drop")(h)
    outputs = {}
    for seed, task in enumerate("ab", 2):
        y = layers.BatchNormalization(name=f"norm_{task}")(h)
        y = layers.Dropout(0.5, seed=seed, name=f"drop_{task}")(y)
        outputs[task] = layers.Dense(2, name=task)(y)
    return keras.Model(x, outputs)


def state(net):
    return [v.numpy() for v in net.non_trainable_variables]


def restored(net, values):
    for variable, value in zip(
        net.non_trainable_variables, values, strict=True
    ):
        variable.assign(value)


@pytest.fixture
def data():
    return np.random.default_rng(0).normal(size=(16, 6)).astype("float32")


def test_heads_after_trunk_train_as_the_model(checked_split, data):
    net = model()
    parts = checked_split(net)
    start = state(net)
    expected = net(data, training=True)
    moved = state(net)
    assert any((a != b).any() for a, b in zip(start, moved, strict=True))
    restored(net, start)
    features = parts.trunk(data, training=True)
    for task in "ab":
        output = parts.heads[task](features, training=True)
        np.testing.assert_array_equal(output, expected[task])
    for after, wanted in zip(state(net), moved, strict=True):
        np.testing.assert_array_equal(after, wanted)


def test_forward_moves_the_state_of_its_task_alone(checked_split, data):
    net = model()
    parts = checked_split(net)
    start = state(net)
    expected = net(data, training=True)
    moved = state(net)
    restored(net, start)
    output = parts.forward(["a"])(data, training=True)
    np.testing.assert_array_equal(output["a"], expected["a"])
    for variable, before, after in zip(
        net.non_trainable_variables, start, moved, strict=True
    ):
        own = parts.reached_by(variable)
        wanted = after if "a" in own else before
        np.testing.assert_array_equal(variable.numpy(), wanted, variable.path)


def test_traced_parts_agree_with_the_traced_model(checked_split, data):
    net = model()
    parts = checked_split(net)

    @tf.function
    def both(x):
        features = parts.trunk(x, training=False)
        heads = {t: parts.heads[t](features, training=False) for t in "ab"}
        return net(x, training=False), heads

    expected, got = both(tf.constant(data))
    for task in "ab":
        np.testing.assert_allclose(got[task], expected[task], rtol=1e-6)


def test_gradients_through_the_frontier_are_those_of_the_model(data):
    from keras_mtl.graph import split

    net = model()
    parts = split(net)
    start = state(net)
    shared = [v.value for v in parts.shared_variables]
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(net(data, training=True)["a"] ** 2)
    expected = tape.gradient(loss, shared)
    restored(net, start)
    with tf.GradientTape() as trunk_tape:
        features = parts.trunk(data, training=True)
    with tf.GradientTape() as tape:
        tape.watch(features)
        output = parts.heads["a"](features, training=True)
        loss = tf.reduce_sum(output**2)
    seeds = tape.gradient(loss, features)
    got = trunk_tape.gradient(features, shared, output_gradients=seeds)
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def masked_model():
    words = keras.Input((5,), dtype="int32", name="words")
    h = layers.Embedding(7, 4, mask_zero=True, name="embed")(words)
    outputs = {
        "word": layers.Dense(2, name="word")(h),
        "text": layers.Dense(2, name="text")(layers.GRU(3, name="gru")(h)),
        "mean": layers.Dense(1, name="mean")(
            layers.GlobalAveragePooling1D(name="pool")(h)
        ),
    }
    return keras.Model(words, outputs)


def test_masks_pass_the_frontier_and_no_further(checked_split):
    net = masked_model()
    words = np.array([[1, 2, 0, 0, 0], [3, 4, 5, 6, 0]])
    parts = checked_split(net, words)
    expected = net(words)
    features = parts.trunk(words)
    for task in parts.tasks:
        output = parts.heads[task](features)
        mask = getattr(expected[task], "_keras_mask", None)
        got = getattr(output, "_keras_mask", None)
        assert (mask is None) == (got is None), task
        if mask is not None:
            np.testing.assert_array_equal(got, mask)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "float64"])
def test_other_precisions(checked_split, data, policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        parts = checked_split(model(), data)
    finally:
        keras.config.set_dtype_policy(before)
    wanted = "bfloat16" if policy == "mixed_bfloat16" else "float64"
    assert [x.dtype for x in parts.frontier] == [wanted]
    assert parts.differentiable == (True,)


def test_parts_train_with_keras_itself(data):
    from keras_mtl.graph import split

    net = model()
    part = split(net).forward(["a"])
    part.compile("sgd", loss={"a": "mse"})
    before = [v.numpy() for v in net.trainable_variables]
    part.fit(data, {"a": np.ones((16, 2))}, batch_size=16, verbose=0)
    for variable, old in zip(net.trainable_variables, before, strict=True):
        is_own = variable.path.split("/")[0].endswith("b")
        moved = (variable.numpy() != old).any()
        assert moved or is_own or "bias" in variable.path
        assert not (moved and is_own)
