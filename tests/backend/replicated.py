"""Trains on two logical devices and on one; prints how far they are apart.

Run by `test_replicas.py` in a process of its own, since devices are made
before TensorFlow starts, and a collective that fails poisons its process.
Everything runs in the same one, since starting it takes longest.
"""

import json

import keras
import numpy as np
import replicated_methods
import tensorflow as tf

import keras_mtl.layers
from keras_mtl.aggregators import MGDA, GradDrop, PCGrad, SDMGrad
from keras_mtl.trainers import (
    Alternating,
    Cooperative,
    Independent,
    Shared,
    SingleTask,
)
from keras_mtl.weightings import DWA, FAMO, GradNorm, Uncertainty

TASKS = {"a": 2, "b": 3, "c": 2}
STEPS = 20


def network(tasks=tuple(TASKS)):
    x = keras.Input((4,), name="features")
    h = keras.layers.Dense(
        6, "tanh", name="trunk", kernel_regularizer=keras.regularizers.L2(0.01)
    )(x)
    return keras.Model(
        x, {t: keras.layers.Dense(TASKS[t], name=t)(h) for t in tasks}
    )


def cooperative(tasks):
    """A task reads the other task's features, but does not train them."""
    x = keras.Input((4,), name="features")
    stop = keras_mtl.layers.StopGradient()
    features = {
        t: keras.layers.Dense(5, "tanh", name=f"{t}_encoder")(x) for t in tasks
    }
    outputs = {}
    for task in tasks:
        read = [h if t == task else stop(h) for t, h in features.items()]
        h = keras.layers.Concatenate()(read)
        outputs[task] = keras.layers.Dense(TASKS[task], name=task)(h)
    return keras.Model(x, outputs)


# Trained by `fit`, and evaluated.
FITTED = {
    "sum": lambda: Shared(network()),
    "pcgrad": lambda: Shared(network(), PCGrad(seed=1), telemetry=True),
}
# Every scheme, and every way from the losses of a phase to its step.
STEPPED = {
    "representation": lambda: Shared(
        network("ab"), MGDA(), gradients="representation"
    ),
    "alternating": lambda: Alternating(network("ab"), order="shuffled"),
    "independent": lambda: Independent(
        network(), groups=[["a", "c"], ["b"]], weighting=DWA()
    ),
    "single_task": lambda: SingleTask(network("ab")),
    "cooperative": lambda: Cooperative(cooperative("ab"), bound=0.005),
    "graddrop": lambda: Shared(network("ab"), GradDrop(seed=1)),
    "sdmgrad": lambda: Shared(network("ab"), SDMGrad()),
    "famo": lambda: Shared(network("ab"), weighting=FAMO()),
    "gradnorm": lambda: Shared(network("ab"), weighting=GradNorm()),
    "uncertainty": lambda: Shared(network("ab"), weighting=Uncertainty()),
}


def batches():
    """Partial labels; batch 3 has labels of `b` in one half only."""
    numbers = np.random.default_rng(0)
    found = []
    for index in range(STEPS):
        # Replicas get parts of different sizes, one of them none at all.
        size = {7: 5, 11: 1}.get(index, 6)
        x = numbers.normal(size=(size, 4)).astype(keras.config.floatx())
        y = {
            t: numbers.normal(size=(size, n)).astype(keras.config.floatx())
            for t, n in TASKS.items()
        }
        weights = {
            t: (numbers.random(size) < 0.6).astype(keras.config.floatx())
            for t in TASKS
        }
        if index == 3:
            weights["b"][:] = [1, 0, 1, 0, 0, 0]
        found.append((x, y, weights))
    return found


def dataset(tasks=tuple(TASKS)):
    """One element a batch, in order."""
    parts = [
        (x, {t: y[t] for t in tasks}, {t: weights[t] for t in tasks})
        for x, y, weights in batches()
    ]
    signature = tf.nest.map_structure(
        lambda a: tf.TensorSpec((None, *a.shape[1:]), a.dtype), parts[0]
    )
    return tf.data.Dataset.from_generator(
        lambda: iter(parts), output_signature=signature
    )


def compiled(make, strategy):
    keras.utils.set_random_seed(0)
    with strategy.scope():
        trainer = make()
        trainer.compile(
            keras.optimizers.Adam(0.01), loss="mse", metrics=["mae"]
        )
    return trainer


def state(trainer):
    telemetry = trainer.telemetry.result() if trainer.telemetry else {}
    parts = [trainer.model, *trainer.aggregators, trainer.weighting]
    values = [v.numpy() for part in parts if part for v in part.variables]
    return values, telemetry, trainer.collectives.total


def fitted(make, strategy):
    trainer = compiled(make, strategy)
    trainer.fit(dataset(), epochs=1, verbose=0)
    logs = trainer.evaluate(dataset(), verbose=0, return_dict=True)
    values, telemetry, total = state(trainer)
    return values, {**logs, **telemetry}, total


def stepped(make, strategy):
    trainer = compiled(make, strategy)

    @tf.function(autograph=False)
    def step(batch):
        strategy.run(trainer.train_step, args=(batch,))

    data = dataset(trainer.tasks)
    for batch in strategy.experimental_distribute_dataset(data):
        step(batch)
    values, telemetry, total = state(trainer)
    return values, {**trainer.get_metrics_result(), **telemetry}, total


def configured():
    """A run from a configuration, and its strategy."""
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
    strategy = trainer.distribute_strategy
    return strategy, {
        "replicas": strategy.num_replicas_in_sync,
        "loss": history.history["loss"],
        "bytes": trainer.collectives.total,
    }


def apart(one, other):
    return float(np.max(np.abs(np.asarray(one) - np.asarray(other))))


def compared(one, other):
    values, logs, none = one
    others, more, total = other
    return {
        "weights": max(map(apart, values, others)),
        "logs": max(apart(logs[key], more[key]) for key in logs),
        "bytes": [none, total],
    }


def main():
    cpu = tf.config.list_physical_devices("CPU")[0]
    device = tf.config.LogicalDeviceConfiguration()
    tf.config.set_logical_device_configuration(cpu, [device, device])
    # The sums of a second strategy would be taken for those of the first.
    both, case = configured()
    one = tf.distribute.get_strategy()
    found = {"configured": case}
    for name, make in FITTED.items():
        found[name] = compared(fitted(make, one), fitted(make, both))
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    for name, make in STEPPED.items():
        found[name] = compared(stepped(make, one), stepped(make, both))
    found["methods"] = replicated_methods.apart((one, both))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
