"""`split` on random graphs, against brute force."""

import keras
import numpy as np
import tensorflow as tf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from keras import layers, ops

WIDTH = 3
KINDS = ("nested", "dense", "again", "add", "relu", "halves", "nested")


class Grower:
    """Grows graphs of tensors of one width, nested ones too."""

    def __init__(self, draw):
        self.draw = draw
        self.pool = []
        self.models = []

    def any_of(self, things, last=3):
        """One of the last few, so that graphs grow deep."""
        return self.draw(st.sampled_from(things[-last:]))

    def grow(self, tensors, depth):
        tensors = list(tensors)
        for _ in range(self.draw(st.integers(1, 6))):
            kind = self.draw(st.sampled_from(KINDS))
            tensors += self.step(kind, tensors, depth)
        return tensors

    def step(self, kind, tensors, depth):
        x = self.any_of(tensors)
        if kind == "nested" and depth < 2:
            return self.nested([x, self.any_of(tensors)], depth)
        if kind == "again" and self.pool:
            return [self.any_of(self.pool, 9)(x)]
        if kind == "add":
            return [layers.Add()([x, self.any_of(tensors)])]
        if kind == "relu":
            return [ops.relu(x + 0.1)]
        if kind == "halves":
            return ops.split(ops.concatenate([x, x * 2.0], axis=-1), 2, -1)
        self.pool.append(layers.Dense(WIDTH))
        return [self.pool[-1](x)]

    def nested(self, arguments, depth):
        if not self.models or self.draw(st.booleans()):
            inputs = [keras.Input((WIDTH,)) for _ in arguments]
            inside = self.grow(inputs, depth + 1)
            outputs = [self.any_of(inside, 5) for _ in range(3)]
            self.models.append(keras.Model(inputs, outputs))
        return self.any_of(self.models, 9)(arguments)


def grown(draw):
    """A random model of one to three tasks (Keras draws seeds as it grows)."""
    grower = Grower(draw)
    inputs = [keras.Input((WIDTH,)) for _ in range(draw(st.integers(1, 2)))]
    stem = layers.Dense(WIDTH)(inputs[0])
    tensors = grower.grow([*inputs, stem], 0)
    tasks = "abc"[: draw(st.sampled_from((2, 3, 1)))]
    return keras.Model(inputs, {t: grower.any_of(tensors, 4) for t in tasks})


def brute_force(model, x):
    """Per trainable variable, the tasks with a gradient."""
    variables = [v.value for v in model.trainable_variables]
    with tf.GradientTape(persistent=True) as tape:
        outputs = model(x)
    found = [set() for _ in variables]
    for task, output in outputs.items():
        for tasks, gradient in zip(
            found, tape.gradient(output, variables), strict=True
        ):
            if gradient is not None:
                tasks.add(task)
    return found


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
@given(data=st.data())
def test_parts_of_random_graphs(checked_split, data):
    model = grown(data.draw)
    rng = np.random.default_rng(0)
    x = [rng.normal(size=(2, WIDTH)).astype("float32") for _ in model.inputs]
    parts = checked_split(model, x, allow_disjoint=True)
    expected = brute_force(model, x)
    variables = model.trainable_variables
    reached = [set(parts.reached_by(v)) for v in variables]
    assert reached == expected
    assert list(parts.shared_variables) == [
        v
        for v, tasks in zip(variables, expected, strict=True)
        if len(tasks) > 1
    ]
    for task in parts.tasks:
        own = [
            v
            for v, tasks in zip(variables, expected, strict=True)
            if tasks == {task}
        ]
        assert list(parts.task_variables[task]) == own
        needed = {
            id(v)
            for v, who in zip(variables, expected, strict=True)
            if task in who
        }
        if len(parts.tasks) > 1:
            pruned = parts.forward([task]).trainable_variables
            assert {id(v) for v in pruned} == needed
        head = parts.heads[task].trainable_variables
        assert {id(v) for v in own} <= {id(v) for v in head} <= needed


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
@given(data=st.data())
def test_the_frontier_is_what_heads_read(checked_split, data):
    """Changing a frontier tensor changes just the tasks it is said to."""
    model = grown(data.draw)
    rng = np.random.default_rng(0)
    x = [rng.normal(size=(2, WIDTH)).astype("float32") for _ in model.inputs]
    parts = checked_split(model, x, allow_disjoint=True)
    features = [tf.convert_to_tensor(t) for t in parts.trunk(x)]
    for index, users in enumerate(parts.frontier_tasks):
        for task in parts.tasks:
            with tf.GradientTape() as tape:
                tape.watch(features)
                output = parts.heads[task](features)
            gradient = tape.gradient(output, features[index])
            assert (gradient is not None) == (task in users)
    with tf.GradientTape(persistent=True) as tape:
        features = parts.trunk(x)
    shared = [v.value for v in parts.trunk.trainable_variables]
    for feature, learns in zip(features, parts.differentiable, strict=True):
        gradients = tape.gradient(feature, shared) if shared else []
        assert any(g is not None for g in gradients) == learns
