"""Twenty steps of every aggregator and weighting, from parts of gradients.

Used by `replicated.py`. What a network would do is left out: each replica is
given its part of the losses and of the task gradients, as a batch would give
them, and which tasks it has labels of. One device is given the sums.
"""

import keras
import numpy as np
import tensorflow as tf

from keras_mtl.aggregators import MGDA
from keras_mtl.backend.combination import combine
from keras_mtl.backend.replicas import anywhere, share, summed
from keras_mtl.config import registry

TASKS = ("a", "b", "c")
SHAPES = [(2, 3), (4,)]
STEPS = 20
OPTIONS = {
    "constant": {"weights": [1.0, 0.5, 2.0]},
    "cr_mogm": {"aggregator": MGDA()},
    "krum": {"num_byzantine": 0, "num_selected": 2},
    "dtp": {"metric": "loss"},
}


def names():
    """Kind and name of every aggregator and weighting."""
    kinds = ("aggregators", "weightings")
    return [(kind, name) for kind in kinds for name in registry.names(kind)]


def made(kind, name):
    """One of them, with as few options as possible."""
    return registry.resolve(kind, name)(**OPTIONS.get(name, {}))


def parts():
    """Per step: gradients of two halves, losses and flags, of two replicas."""
    numbers = np.random.default_rng(0)
    found = []
    for index in range(STEPS):
        labelled = numbers.random((2, len(TASKS))) < 0.7
        if index == 3:
            labelled[1] = False  # a replica without a single label
        if index == 5:
            labelled[:, 1] = False  # a task without a label anywhere
        gradients = [
            numbers.normal(size=(2, len(TASKS), 2, *shape))
            * labelled.reshape(2, len(TASKS), *[1] * (len(shape) + 1))
            for shape in SHAPES
        ]
        losses = labelled * numbers.uniform(0.5, 2.0, labelled.shape)
        found.append((gradients, losses, labelled))
    return found


def of_replica(step, replica):
    """The part of one replica; of the only one, the sum of both."""
    gradients, losses, labelled = step
    chosen = slice(None) if replica is None else slice(replica, replica + 1)
    return tf.nest.map_structure(
        tf.constant,
        (
            [gradient[chosen].sum(0) for gradient in gradients],
            losses[chosen].sum(0),
            labelled[chosen].any(0),
        ),
    )


def combined(aggregator, variables, gradients, losses, flags):
    """A step of gradient descent on linear and quadratic losses."""
    present = anywhere(flags)
    pairs = list(zip(gradients, variables, strict=True))
    first, second = (
        summed([part[:, half] + share(v / 2.0) for part, v in pairs])
        for half in (0, 1)
    )
    halves = list(zip(first, second, strict=True))
    found = combine(
        aggregator,
        [a + b for a, b in halves],
        [0] * len(halves),
        1,
        present=present,
        losses=summed([losses])[0],
        halves=halves if aggregator.independent else None,
    )
    for variable, gradient in zip(variables, found.gradients, strict=True):
        variable.assign_sub(0.1 * gradient)


def weighted(weighting, variables, gradients, losses, flags):
    """Adds up the weights of the steps."""
    present, losses = anywhere(flags), summed([losses])[0]
    weights = weighting.task_weights(losses, present)
    variables[0].assign_add(weights)
    (rows,) = summed([gradients[0][:, 0]])
    rows = tf.reshape(rows, (len(TASKS), -1))
    gram = tf.matmul(rows, rows, transpose_b=True)
    weighting.update(losses, present, gram)
    if weighting.reads_losses_after:
        weighting.update_after(losses, 0.9 * losses**2, present)


def run(kind, name, strategy):
    """All copies of the variables and of the state in the end."""
    keras.utils.set_random_seed(0)
    with strategy.scope():
        method, step, variables = prepared(kind, name)

    @tf.function(autograph=False)
    def train(own):
        strategy.run(lambda own: step(method, variables, *own), args=(own,))

    for index, given in enumerate(parts()):
        train(distributed(strategy, given))
        if kind == "weightings" and index % 5 == 4:
            ends = {f"{task}_loss": 0.5 / (index + 1) for task in TASKS}
            ends |= {f"val_{task}_loss": 0.1 + index / 40 for task in TASKS}
            method.on_epoch_end(index // 5, ends)
    copies = strategy.experimental_local_results
    values = [*variables, *(v.value for v in method.variables)]
    return [np.stack([one.numpy() for one in copies(v)]) for v in values]


def prepared(kind, name):
    """A method with its state, what a step does, and what it changes."""
    method = made(kind, name)
    if kind == "aggregators":
        method.build_state(len(TASKS), SHAPES)
        return method, combined, [one_each(shape) for shape in SHAPES]
    method.build_state(TASKS)
    return method, weighted, [one_each((len(TASKS),))]


def one_each(shape):
    """A variable that every replica changes alike."""
    first = tf.VariableAggregation.ONLY_FIRST_REPLICA
    return tf.Variable(tf.ones(shape, "float64"), aggregation=first)


def distributed(strategy, given):
    """A value per replica, of every part."""
    if strategy.num_replicas_in_sync == 1:
        return of_replica(given, None)
    each = [of_replica(given, replica) for replica in range(2)]
    return tf.nest.map_structure(
        lambda *own: strategy.experimental_distribute_values_from_function(
            lambda context: own[context.replica_id_in_sync_group]
        ),
        *each,
    )


def apart(strategies):
    """Method to how far all copies are from those of one device."""
    one, both = strategies
    found = {}
    for kind, name in names():
        expected, copies = (run(kind, name, s) for s in (one, both))
        found[name] = max(
            float(np.max(np.abs(a.astype(float) - b)))
            for a, b in zip(expected, copies, strict=True)
        )
    return found
