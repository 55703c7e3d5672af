"""What `split` refuses, and what is named for a subclassed model."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_mtl.graph import split


def dense(name, units=3, **options):
    return layers.Dense(units, name=name, **options)


def two_heads(**options):
    x = keras.Input((4,), name="x")
    h = dense("trunk", activation="relu")(x)
    outputs = {"b": dense("head_b")(h), "a": dense("head_a")(h)}
    return keras.Model(x, outputs, **options)


def test_tasks_that_share_nothing_are_refused(checked_split):
    x = keras.Input((4,), name="x")
    model = keras.Model(x, {"a": dense("a")(x), "b": dense("b")(x)})
    with pytest.raises(ValueError, match="common layer, or train each task"):
        split(model)
    parts = checked_split(model, allow_disjoint=True)
    assert parts.shared_variables == ()
    assert parts.frontier == (x,)


def test_a_frozen_trunk_leaves_the_heads_to_train():
    model = two_heads()
    model.get_layer("trunk").trainable = False
    parts = split(model)
    assert parts.shared_variables == ()
    assert all(parts.task_variables.values())
    assert parts.differentiable == (False,)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda a, b: [a, b],
        lambda a, b: a,
        lambda a, b: {"a": [a, b]},
        lambda a, b: {"a": a, "b": {"c": b}},
        lambda a, b: (a, {"b": b}),
    ],
)
def test_outputs_without_names_are_refused(wrap):
    x = keras.Input((4,), name="x")
    h = dense("h")(x)
    model = keras.Model(x, wrap(dense("a")(h), dense("b")(h)))
    with pytest.raises(ValueError, match=r"keras.Model\(inputs, {'left': l"):
        split(model)


def test_variables_are_not_named_for_a_functional_model():
    model = two_heads()
    with pytest.raises(ValueError, match="they are found: leave them out"):
        split(model, shared_variables=model.trainable_variables)


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.body, self.left, self.right = map(dense, ("h", "l", "r"))

    def call(self, x):
        h = self.body(x)
        return {"left": self.left(h), "right": self.right(h)}


def test_a_subclassed_model_says_which_variables_are_whose():
    model = Subclassed()
    model(np.ones((1, 4), "float32"))
    with pytest.raises(ValueError, match=r"Name them: `split\(model, shared_v"):
        split(model)
    parts = split(
        model,
        shared_variables=model.body.trainable_variables,
        task_variables={
            "right": model.right.trainable_variables,
            "left": model.left.trainable_variables,
        },
    )
    assert parts.tasks == ("left", "right")
    assert list(parts.shared_variables) == model.body.trainable_variables
    assert parts.reached_by(model.left.kernel) == {"left"}
    assert parts.variables(["left"]) == [
        *model.body.trainable_variables,
        *model.left.trainable_variables,
    ]
    assert parts.forward(["left"]) is model
    for what in ("trunk", "heads", "frontier", "differentiable"):
        with pytest.raises(ValueError, match="Build it with the Functional"):
            getattr(parts, what)
