"""What is timed: a name, and a function that makes one training step."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import keras
import networks
import tensorflow as tf

from keras_mtl import aggregators, trainers

# It takes many models in one process for retracing.
tf.get_logger().setLevel("ERROR")
PLAIN = "plain keras"
SINGLE = "single task"
FORWARD = "forward"
SUMMED = "forward + backward"
SEPARATE = "forward + T backwards"

TRAINERS: dict[str, Callable[[keras.Model], keras.Model]] = {
    "shared sum": trainers.Shared,
    "shared pcgrad": lambda m: trainers.Shared(m, aggregators.PCGrad(seed=0)),
    "shared mgda": lambda m: trainers.Shared(m, aggregators.MGDA()),
    "shared upgrad": lambda m: trainers.Shared(m, aggregators.UPGrad()),
    "shared cagrad": lambda m: trainers.Shared(m, aggregators.CAGrad(c=0.4)),
    "shared mgda-ub": lambda m: trainers.Shared(
        m, aggregators.MGDA(), gradients="representation"
    ),
    "alternating": trainers.Alternating,
    "independent": trainers.Independent,
}
# Those that take every task's gradient at the weights.
GRAM = ("shared pcgrad", "shared mgda", "shared upgrad", "shared cagrad")
PARTS = (FORWARD, SUMMED, SEPARATE)
CASES = (PLAIN, SINGLE, *PARTS, *TRAINERS)


class Case:
    """One way of stepping, with a model, an optimizer and data of its own.

    Args:
        name: One of `CASES`.
        network: One of `networks.SETTINGS`.
    """

    def __init__(self, name: str, network: str) -> None:
        self.name = name
        keras.utils.set_random_seed(0)
        model = networks.build(network)
        batch = networks.SETTINGS[network].batch()
        if name in PARTS:
            # Bound to the model, so that it lives as long as the function.
            self.model = model
            self.function = part(name, model)
            self.arguments = tf.nest.map_structure(tf.constant, batch)
        else:
            tasks = list(batch[1])[: 1 if name == SINGLE else None]
            self.model = compiled(name, model, tasks)
            self.model.make_train_function()
            self.function = self.model.train_function
            batch = (batch[0], {task: batch[1][task] for task in tasks})
            data = tf.data.Dataset.from_tensors(batch).repeat()
            self.arguments = (iter(data),)

    def step(self) -> None:
        """One step, waited for."""
        for value in tf.nest.flatten(self.function(*self.arguments)):
            value.numpy()

    def shared_megabytes(self) -> float:
        """Size of the variables that several tasks train, in MiB."""
        phases = getattr(self.model, "phases", ())
        shared = [v.value for phase in phases for v in phase.shared]
        return sum(v.numpy().nbytes for v in shared) / 2**20

    def num_traces(self) -> int:
        """How often TensorFlow has traced the step so far."""
        functions = [self.function]
        if not hasattr(self.function, "experimental_get_tracing_count"):
            functions = list(
                inspect.getclosurevars(self.function).nonlocals.values()
            )
        counts = (
            getattr(function, "experimental_get_tracing_count", None)
            for function in functions
        )
        return sum(count() for count in counts if count is not None)


def cross_entropy() -> keras.losses.Loss:
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def compiled(name: str, model: keras.Model, tasks: list[str]) -> keras.Model:
    """The Keras model or the trainer whose training function is timed."""
    if name == SINGLE:
        outputs = dict(zip(model.output_names, model.outputs, strict=True))
        model = keras.Model(
            model.inputs, {task: outputs[task] for task in tasks}
        )
    elif name != PLAIN:
        model = TRAINERS[name](model)
    model.compile(
        optimizer=keras.optimizers.Adam(1e-4),
        loss={task: cross_entropy() for task in tasks},
        metrics={task: ["accuracy"] for task in tasks},
    )
    return model


def part(name: str, model: keras.Model) -> Callable[..., Any]:
    """Forward and backward passes alone: no optimizer, no metrics."""
    variables = [v.value for v in model.trainable_variables]
    loss_of = cross_entropy()

    def losses(x: Any, y: dict[str, Any]) -> list[Any]:
        outputs = model(x, training=True)
        return [loss_of(y[task], outputs[task]) for task in y]

    def summed(x: Any, y: dict[str, Any]) -> list[Any]:
        with tf.GradientTape() as tape:
            loss = tf.add_n(losses(x, y))
        return [tf.reduce_sum(g) for g in tape.gradient(loss, variables)]

    def separate(x: Any, y: dict[str, Any]) -> list[Any]:
        with tf.GradientTape(persistent=True) as tape:
            values = losses(x, y)
        rows = [
            tape.gradient(v, variables, unconnected_gradients="zero")
            for v in values
        ]
        columns = zip(*rows, strict=True)
        return [tf.reduce_sum(tf.add_n(column)) for column in columns]

    function = {FORWARD: losses, SUMMED: summed, SEPARATE: separate}[name]
    return tf.function(function)
