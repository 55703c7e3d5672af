import itertools

import keras
import numpy as np
import pytest

from keras_mtl.aggregators import MGDA, Mean, PCGrad
from keras_mtl.trainers import Alternating, Independent, Shared, SingleTask
from keras_mtl.weightings import Static, Uncertainty

pytestmark = pytest.mark.usefixtures("float64")


def heads_of(kit, network, x, y, tasks):
    gradients = [network.gradient(x, y, task) for task in tasks]
    total = kit.added(*gradients)
    return {k: v for k, v in total.items() if not k.startswith("trunk")}


def project(rows):
    """PCGrad on a Jacobian, in the order of the tasks, as published."""
    projected = rows.copy()
    for i, j in itertools.permutations(range(len(rows)), 2):
        product = projected[i] @ rows[j]
        if product < 0:
            projected[i] -= product / (rows[j] @ rows[j]) * rows[j]
    return projected.sum(0)


def shortest(first, second):
    """The point of least norm between two gradients."""
    gap = first - second
    share = np.clip(-second @ gap / (gap @ gap), 0, 1)
    return share * first + (1 - share) * second


def test_sum_follows_numpy(kit):
    model, data = kit.build(), kit.batches(3)
    network, sgd = kit.Network(model), kit.SGD(0.1, 0.75)
    kit.train(
        kit.compiled(Shared(model), keras.optimizers.SGD(0.1, 0.75)), data
    )
    for x, y in data:
        gradients = [network.gradient(x, y, task) for task in kit.TASKS]
        sgd.step(network, kit.added(*gradients))
    kit.assert_same(kit.parameters(model), network.values)


def test_sum_is_what_plain_keras_does(kit):
    data, found = kit.batches(3), []
    for wrap in (Shared, lambda model: model):
        keras.utils.set_random_seed(0)
        trainer = wrap(kit.build(kernel_regularizer="l2"))
        optimizer = keras.optimizers.Adam(0.01, global_clipnorm=0.5)
        kit.train(kit.compiled(trainer, optimizer), data)
        found.append(kit.parameters(trainer))
    kit.assert_same(*found)


def test_loss_weights_are_factors(kit):
    model, data = kit.build(), kit.batches(2)
    network, sgd = kit.Network(model), kit.SGD()
    factors = {"a": 0.5, "b": 2.0}
    kit.train(kit.compiled(Shared(model), loss_weights=factors), data)
    for x, y in data:
        gradients = [
            {
                path: factors.get(task, 1.0) * value
                for path, value in network.gradient(x, y, task).items()
            }
            for task in kit.TASKS
        ]
        sgd.step(network, kit.added(*gradients))
    kit.assert_same(kit.parameters(model), network.values)


@pytest.mark.parametrize("telemetry", [False, True])
def test_mean_divides_the_shared_gradient_only(kit, telemetry):
    model, data = kit.build(), kit.batches(2)
    network, sgd = kit.Network(model), kit.SGD()
    trainer = Shared(model, aggregator=Mean(), telemetry=telemetry)
    kit.train(kit.compiled(trainer), data)
    for x, y in data:
        row = network.jacobian(x, y).mean(0)
        heads = heads_of(kit, network, x, y, kit.TASKS)
        sgd.step(network, {**heads, **network.unflattened(row)})
    kit.assert_same(kit.parameters(model), network.values)


def test_pcgrad_at_the_weights_follows_numpy(kit):
    model, data = kit.build(), kit.batches(3)
    network, sgd = kit.Network(model), kit.SGD()
    trainer = Shared(model, aggregator=PCGrad("given"))
    kit.train(kit.compiled(trainer), data)
    for x, y in data:
        row = project(network.jacobian(x, y))
        heads = heads_of(kit, network, x, y, kit.TASKS)
        sgd.step(network, {**heads, **network.unflattened(row)})
    kit.assert_same(kit.parameters(model), network.values)


def test_mgda_at_the_weights_follows_numpy(kit):
    tasks = ("a", "b")
    model, data = kit.build(tasks), kit.batches(3, tasks=tasks)
    network, sgd = kit.Network(model), kit.SGD()
    kit.train(kit.compiled(Shared(model, aggregator=MGDA())), data)
    for x, y in data:
        row = shortest(*network.jacobian(x, y, tasks))
        heads = heads_of(kit, network, x, y, tasks)
        sgd.step(network, {**heads, **network.unflattened(row)})
    kit.assert_same(kit.parameters(model), network.values, rtol=1e-7, atol=1e-8)


def test_mgda_at_the_frontier_follows_numpy(kit):
    tasks = ("a", "b")
    model, data = kit.build(tasks), kit.batches(3, tasks=tasks)
    network, sgd = kit.Network(model), kit.SGD()
    trainer = Shared(model, aggregator=MGDA(), gradients="representation")
    kit.train(kit.compiled(trainer), data)
    for x, y in data:
        rows = [network.frontier_gradient(x, y, task) for task in tasks]
        combined = shortest(*(row.ravel() for row in rows)).reshape(6, 5)
        heads = heads_of(kit, network, x, y, tasks)
        trunk = network.through_trunk(x, combined)
        sgd.step(network, {**heads, **trunk})
    kit.assert_same(kit.parameters(model), network.values, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("static", [False, True])
def test_uncertainty_learns_its_variances_with_the_network(kit, static):
    model, data = kit.build(), kit.batches(3)
    network, sgd = kit.Network(model), kit.SGD()
    start = {"a": 0.3, "b": -0.2, "c": 0.0}
    trainer = Shared(
        model,
        weighting=Uncertainty(init=start),
        aggregator=PCGrad("given") if static else None,
    )
    kit.train(kit.compiled(trainer), data)
    variances = np.array([start[task] for task in kit.TASKS])
    for x, y in data:
        losses = network.losses(x, y)
        losses = np.array([losses[task] for task in kit.TASKS])
        factors = np.exp(-variances)
        rows = factors[:, None] * network.jacobian(x, y)
        row = project(rows) if static else rows.sum(0)
        heads = {
            path: factor * value
            for task, factor in zip(kit.TASKS, factors, strict=True)
            for path, value in heads_of(kit, network, x, y, (task,)).items()
        }
        sgd.step(network, {**heads, **network.unflattened(row)})
        variances = variances - 0.1 * (0.5 - factors * losses)
    kit.assert_same(kit.parameters(model), network.values)
    weights = trainer.weighting.task_weights(np.ones(3))
    np.testing.assert_allclose(weights, np.exp(-variances), rtol=1e-10)


def test_static_weighting_equals_loss_weights(kit):
    data, found = kit.batches(2), []
    factors = {"a": 0.5, "c": 3.0}
    for weighting, given in ((Static(factors), None), (None, factors)):
        keras.utils.set_random_seed(0)
        trainer = Shared(kit.build(), weighting=weighting)
        kit.train(kit.compiled(trainer, loss_weights=given), data)
        found.append(kit.parameters(trainer.model))
    kit.assert_same(*found)


def test_with_one_task_all_schemes_agree(kit):
    data, found = kit.batches(3, tasks=("a",)), []
    for scheme in (Shared, Alternating, Independent, SingleTask):
        keras.utils.set_random_seed(0)
        trainer = scheme(kit.build(("a",)))
        kit.train(kit.compiled(trainer, keras.optimizers.Adam(0.01)), data)
        values = kit.parameters(trainer.model)
        found.append(
            {k.split("/", k.count("/") - 1)[-1]: v for k, v in values.items()}
        )
    for other in found[1:]:
        kit.assert_same(found[0], other)


def test_variables_shared_by_some_tasks_follow_those(kit):
    """`a` and `b` share a layer that `c` does not reach."""
    x = keras.Input((4,), name="features")
    trunk = keras.layers.Dense(5, name="trunk")(x)
    middle = keras.layers.Dense(5, name="middle")(trunk)
    reads = {"a": middle, "b": middle, "c": trunk}
    outputs = {
        task: keras.layers.Dense(2, name=task)(tensor)
        for task, tensor in reads.items()
    }
    model, ((features, labels),) = keras.Model(x, outputs), kit.batches(1)
    before = kit.parameters(model)
    trainer = kit.compiled(Shared(model, aggregator=PCGrad("given")))
    gradients = jacobian(kit, model, features, labels)
    trainer.train_on_batch(features, labels)
    keys = [
        f"{name}/{part}"
        for name in ("trunk", "middle")
        for part in ("kernel", "bias")
    ]
    rows = np.stack(
        [
            np.concatenate([g[k].ravel() for k in keys])
            for g in gradients.values()
        ]
    )
    moved = kit.parameters(model)
    found = np.concatenate([(moved[k] - before[k]).ravel() for k in keys])
    np.testing.assert_allclose(found, -0.1 * project(rows), atol=1e-12)


def jacobian(kit, model, features, labels):
    """Central differences of each task's loss: task to path to gradient."""
    found = {task: {} for task in labels}
    for variable in model.trainable_variables:
        value = np.array(variable.value)
        slopes = {task: np.zeros_like(value) for task in labels}
        for index in np.ndindex(*value.shape):
            losses = []
            for sign in (1, -1):
                moved = value.copy()
                moved[index] += sign * 1e-5
                variable.assign(moved)
                outputs = model(features)
                losses.append(
                    {t: np.mean((labels[t] - outputs[t]) ** 2) for t in labels}
                )
            for task in labels:
                gap = losses[0][task] - losses[1][task]
                slopes[task][index] = gap / 2e-5
        variable.assign(value)
        for task in labels:
            found[task][variable.path] = slopes[task]
    return found


def test_representation_with_a_sum_is_refused(kit):
    with pytest.raises(ValueError, match="needs an aggregator that looks at"):
        Shared(kit.build(), gradients="representation")


def test_unknown_place_of_gradients_is_refused(kit):
    with pytest.raises(ValueError, match="Received: gradients='frontier'"):
        Shared(kit.build(), gradients="frontier")
