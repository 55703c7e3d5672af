"""Trains on two logical devices and on one; prints how far they are apart.

Run by `test_replicas.py` in a process of its own, since devices are made
before TensorFlow starts, and a collective that fails poisons its process.
"""

import json
import sys

import keras
import numpy as np
import tensorflow as tf

import keras_mtl.layers
from keras_mtl.aggregators import MGDA, GradDrop, NashMTL, PCGrad
from keras_mtl.trainers import (
    Alternating,
    Cooperative,
    Independent,
    Shared,
    SingleTask,
)
from keras_mtl.weightings import DWA, GradNorm, Uncertainty

TASKS = {"a": 2, "b": 3, "c": 2}
STEPS = 20


def network():
    x = keras.Input((4,), name="features")
    h = keras.layers.Dense(
        6, "tanh", name="trunk", kernel_regularizer=keras.regularizers.L2(0.01)
    )(x)
    return keras.Model(
        x, {t: keras.layers.Dense(n, name=t)(h) for t, n in TASKS.items()}
    )


def cooperative():
    """A task reads the other tasks' features, but does not train them."""
    x = keras.Input((4,), name="features")
    stop = keras_mtl.layers.StopGradient()
    features = {
        t: keras.layers.Dense(5, "tanh", name=f"{t}_encoder")(x) for t in TASKS
    }
    outputs = {}
    for task, units in TASKS.items():
        read = [h if t == task else stop(h) for t, h in features.items()]
        h = keras.layers.Concatenate()(read)
        outputs[task] = keras.layers.Dense(units, name=task)(h)
    return keras.Model(x, outputs)


CASES = {
    "sum": lambda: Shared(network()),
    "pcgrad": lambda: Shared(network(), PCGrad(seed=1), telemetry=True),
    "nash": lambda: Shared(network(), NashMTL()),
    "graddrop": lambda: Shared(network(), GradDrop(seed=1)),
    "representation": lambda: Shared(
        network(), MGDA(), gradients="representation"
    ),
    "gradnorm": lambda: Shared(network(), weighting=GradNorm()),
    "uncertainty": lambda: Shared(network(), weighting=Uncertainty()),
    "alternating": lambda: Alternating(network(), order="shuffled"),
    "independent": lambda: Independent(
        network(), groups=[["a", "c"], ["b"]], weighting=DWA()
    ),
    "single": lambda: SingleTask(network()),
    "cooperative": lambda: Cooperative(cooperative(), bound=0.005),
}


def batches():
    """Partial labels; batch 3 has labels of `b` in one half only."""
    numbers = np.random.default_rng(0)
    found = []
    for index in range(STEPS):
        # Replicas get parts of different sizes, one of them none at all.
        size = {7: 5, 11: 1}.get(index, 6)
        x = numbers.normal(size=(size, 4)).astype("float32")
        y = {
            t: numbers.normal(size=(size, n)).astype("float32")
            for t, n in TASKS.items()
        }
        weights = {
            t: (numbers.random(size) < 0.6).astype("float32") for t in TASKS
        }
        if index == 3:
            weights["b"][:] = [1, 0, 1, 0, 0, 0]
        found.append((x, y, weights))
    return found


def dataset():
    """One element a batch, in order."""
    signature = tf.nest.map_structure(
        lambda a: tf.TensorSpec((None, *a.shape[1:]), a.dtype), batches()[0]
    )
    return tf.data.Dataset.from_generator(
        lambda: iter(batches()), output_signature=signature
    )


def trained(make, strategy):
    keras.utils.set_random_seed(0)
    with strategy.scope():
        trainer = make()
        trainer.compile(
            keras.optimizers.Adam(0.01), loss="mse", metrics=["mae"]
        )
    trainer.fit(dataset(), epochs=1, verbose=0)
    logs = trainer.evaluate(dataset(), verbose=0, return_dict=True)
    values = [variable.numpy() for variable in trainer.model.weights]
    telemetry = trainer.telemetry.result() if trainer.telemetry else {}
    return values, {**logs, **telemetry}, trainer.collectives.total


def configured():
    """A run from a configuration; the number of its replicas and losses."""
    from keras_mtl.config import build, load_values

    values = {
        "data": {"name": "multi_digits", "train_size": 64, "batch_size": 32},
        "model": {"name": "mlp", "units": [8]},
        "trainer": {"name": "shared", "aggregator": {"name": "pcgrad"}},
        "distribute": {"name": "mirrored", "devices": ["CPU:0", "CPU:1"]},
    }
    experiment = build(load_values(values, "test"))
    trainer = experiment.trainer
    history = trainer.fit(
        experiment.data.train.dataset(epoch=0), epochs=2, verbose=0
    )
    return {
        "replicas": trainer.distribute_strategy.num_replicas_in_sync,
        "loss": history.history["loss"],
        "bytes": trainer.collectives.total,
    }


def apart(one, other):
    return float(np.max(np.abs(np.asarray(one) - np.asarray(other))))


def main(names):
    cpu = tf.config.list_physical_devices("CPU")[0]
    device = tf.config.LogicalDeviceConfiguration()
    tf.config.set_logical_device_configuration(cpu, [device, device])
    both = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    one = tf.distribute.get_strategy()
    found = {}
    for name in names:
        if name == "configured":
            found[name] = configured()
            continue
        values, logs, none = trained(CASES[name], one)
        others, more, total = trained(CASES[name], both)
        print(name, file=sys.stderr, flush=True)
        found[name] = {
            "weights": max(map(apart, values, others)),
            "logs": max(apart(logs[key], more[key]) for key in logs),
            "bytes": [none, total],
        }
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:] or list(CASES))
