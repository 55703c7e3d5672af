import keras
import numpy as np
import pytest

from keras_mtl.trainers import Alternating, Independent, Shared
from keras_mtl.trainers.task_optimizers import trained_variables

pytestmark = pytest.mark.usefixtures("float64")


def after(kit, scheme, optimizer, data):
    keras.utils.set_random_seed(0)
    trainer = kit.compiled(scheme(kit.build()), optimizer)
    return kit.parameters(kit.train(trainer, data).model)


def test_sgd_without_momentum_equals_the_alternating_scheme(kit):
    data = kit.batches(3)
    found = [
        after(kit, scheme, keras.optimizers.SGD(0.1), data)
        for scheme in (Independent, Alternating)
    ]
    kit.assert_same(*found)


def test_sgd_with_momentum_differs_from_the_alternating_scheme(kit):
    data = kit.batches(3)
    found = [
        after(kit, scheme, keras.optimizers.SGD(0.1, momentum=0.75), data)
        for scheme in (Independent, Alternating)
    ]
    difference = found[0]["trunk/kernel"] - found[1]["trunk/kernel"]
    assert np.abs(difference).max() > 1e-3


@pytest.mark.parametrize("name", ["sgd", "adam"])
def test_each_task_has_momenta_of_its_own_as_in_equation_4_7(kit, name):
    model, data = kit.build(), kit.batches(4)
    network = kit.Network(model)
    if name == "adam":
        optimizer = keras.optimizers.Adam(0.01)
        members = {task: kit.Adam(0.01) for task in kit.TASKS}
    else:
        optimizer = keras.optimizers.SGD(0.1, momentum=0.75)
        members = {task: kit.SGD(0.1, 0.75) for task in kit.TASKS}
    kit.train(kit.compiled(Independent(model), optimizer), data)
    for x, y in data:
        for task in kit.TASKS:
            members[task].step(network, network.gradient(x, y, task))
    kit.assert_same(kit.parameters(model), network.values)


def test_slots_cover_the_reached_variables_only(kit):
    trainer = kit.compiled(Independent(kit.build()), keras.optimizers.Adam())
    for task, member in trainer.optimizers.items():
        paths = {v.path for v in trained_variables(member)}
        assert paths == {
            "trunk/kernel",
            "trunk/bias",
            f"{task}/kernel",
            f"{task}/bias",
        }
        # Two slots a variable, the counter and the learning rate.
        assert len(member.variables) == 2 * 4 + 2


def test_as_many_groups_as_tasks_is_the_plain_scheme(kit):
    data = kit.batches(2)
    plain = after(kit, Independent, keras.optimizers.Adam(0.01), data)

    def dealt(model):
        return Independent(model, groups=3, seed=4)

    grouped = after(kit, dealt, keras.optimizers.Adam(0.01), data)
    kit.assert_same(plain, grouped, rtol=0, atol=0)


def test_one_group_is_the_shared_scheme(kit):
    data = kit.batches(3)
    shared = after(kit, Shared, keras.optimizers.Adam(0.01), data)

    def grouped(model):
        return Independent(model, groups=1)

    one = after(kit, grouped, keras.optimizers.Adam(0.01), data)
    kit.assert_same(shared, one, rtol=0, atol=0)


def test_an_optimizer_for_each_group_by_name(kit):
    model, data = kit.build(), kit.batches(3)
    network = kit.Network(model)
    trainer = Independent(model, groups=[["b"], ["a", "c"]])
    optimizers = {
        "a+c": keras.optimizers.Adam(0.02),
        "b": keras.optimizers.SGD(0.1),
    }
    kit.train(kit.compiled(trainer, optimizers), data)
    assert trainer.optimizers == optimizers
    adam, sgd = kit.Adam(0.02), kit.SGD()
    for x, y in data:
        sgd.step(network, network.gradient(x, y, "b"))
        both = [network.gradient(x, y, task) for task in ("a", "c")]
        adam.step(network, kit.added(*both))
    kit.assert_same(kit.parameters(model), network.values)


def test_a_group_without_optimizer_is_named(kit):
    with pytest.raises(ValueError, match=r"Missing: \['b', 'c'\]"):
        kit.compiled(Independent(kit.build()), {"a": "sgd"})


def test_an_optimizer_of_no_group_is_named(kit):
    optimizers = dict.fromkeys(("a", "b", "d"), "sgd")
    with pytest.raises(ValueError, match="does not have: 'd'"):
        kit.compiled(Independent(kit.build()), optimizers)


def test_gradients_are_accumulated_by_each_optimizer(kit):
    model, data = kit.build(), kit.batches(4)
    network, sgd = kit.Network(model), kit.SGD()
    optimizer = keras.optimizers.SGD(0.1, gradient_accumulation_steps=2)
    kit.train(kit.compiled(Independent(model), optimizer), data)
    seen = {task: [] for task in kit.TASKS}
    for step, (x, y) in enumerate(data):
        for task in kit.TASKS:
            seen[task].append(network.gradient(x, y, task))
            if step % 2:
                total = kit.added(*seen[task])
                mean = {path: value / 2 for path, value in total.items()}
                sgd.step(network, mean)
                seen[task] = []
    kit.assert_same(kit.parameters(model), network.values)


def test_the_whole_counts_training_batches(kit):
    trainer = kit.compiled(Independent(kit.build()))
    kit.train(trainer, kit.batches(3))
    assert int(trainer.optimizer.iterations) == 3
    assert int(trainer.step) == 3


def test_every_member_can_be_a_multi_optimizer(kit):
    model, data = kit.build(), kit.batches(2)
    network = kit.Network(model)
    optimizer = keras.optimizers.MultiOptimizer(
        keras.optimizers.OptimizerMap(
            keras.optimizers.SGD(0.1), {"trunk/.*": keras.optimizers.SGD(0.01)}
        )
    )
    kit.train(kit.compiled(Independent(model), optimizer), data)
    for x, y in data:
        for task in kit.TASKS:
            gradient = network.gradient(x, y, task)
            for path in ("trunk/kernel", "trunk/bias"):
                gradient[path] = gradient[path] / 10
            kit.SGD().step(network, gradient)
    kit.assert_same(kit.parameters(model), network.values)
