"""Every scheme compiled with XLA, beside itself without."""

import keras
import numpy as np
import pytest

import keras_mtl
from keras_mtl.aggregators import MGDA, SDMGrad
from keras_mtl.layers import CooperativeFusion
from keras_mtl.trainers import (
    Alternating,
    Cooperative,
    Independent,
    Shared,
    SingleTask,
)
from keras_mtl.weightings import FAMO, GradNorm

MANY = ("a", "b", "c", "d")


def cooperative():
    x = keras.Input((4,), name="features")
    features = {
        t: keras.layers.Dense(3, "tanh", name=f"{t}_encoder")(x) for t in "ab"
    }
    fused = {t: CooperativeFusion(t, True)(features) for t in "ab"}
    return keras.Model(
        x, {t: keras.layers.Dense(2, name=t)(h) for t, h in fused.items()}
    )


def partitioned(kit):
    """Convolutions shared out between two tasks."""
    x = keras.Input((4,), name="features")
    h = keras.layers.Reshape((2, 2, 1))(x)
    h = keras.layers.Conv2D(4, 2, padding="same", name="conv")(h)
    h = keras.layers.BatchNormalization(name="norm")(h)
    h = keras.layers.GlobalAveragePooling2D()(h)
    outputs = {t: keras.layers.Dense(2, name=t)(h) for t in "ab"}
    return keras_mtl.partition(keras.Model(x, outputs), p=0.5, seed=0)


CASES = {
    "shared": (
        lambda kit: Shared(kit.build(), SDMGrad(), GradNorm()),
        "abc",
    ),
    "representation": (
        lambda kit: Shared(kit.build(), MGDA(), gradients="representation"),
        "abc",
    ),
    "shuffled": (
        lambda kit: Alternating(
            kit.build(), weighting=FAMO(), order="shuffled"
        ),
        "abc",
    ),
    "one trace": (lambda kit: Independent(kit.build(MANY)), MANY),
    "single": (lambda kit: SingleTask(kit.build("ab")), "ab"),
    "cooperative": (lambda _: Cooperative(cooperative(), bound=0.05), "ab"),
    "partitioned": (lambda kit: Independent(partitioned(kit)), "ab"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_weights_are_the_same_with_xla(kit, name):
    make, tasks = CASES[name]
    found = []
    for jit_compile in (False, True):
        keras.utils.set_random_seed(0)
        trainer = make(kit)
        kit.compiled(
            trainer,
            keras.optimizers.SGD(0.1, momentum=0.9),
            eager=False,
            jit_compile=jit_compile,
        )
        kit.train(trainer, kit.batches(4, tasks=tuple(tasks)))
        found.append([v.numpy() for v in trainer.model.weights])
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)
