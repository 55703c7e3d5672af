import keras
import numpy as np
import pytest

from keras_mtl.aggregators import Constant, PCGrad
from keras_mtl.trainers import Alternating, Independent, Shared
from keras_mtl.weightings import Uncertainty

pytestmark = pytest.mark.usefixtures("float64")


def test_sgd_follows_equation_4_4(kit):
    model, data = kit.build(), kit.batches(4)
    network, sgd = kit.Network(model), kit.SGD()
    kit.train(kit.compiled(Alternating(model)), data)
    for x, y in data:
        for task in kit.TASKS:
            sgd.step(network, network.gradient(x, y, task))
    kit.assert_same(kit.parameters(model), network.values)


def test_one_adam_mixes_the_momenta_of_the_tasks(kit):
    model, data = kit.build(), kit.batches(3)
    network, adam = kit.Network(model), kit.Adam()
    trainer = Alternating(model)
    kit.train(kit.compiled(trainer, keras.optimizers.Adam(0.01)), data)
    for x, y in data:
        for task in kit.TASKS:
            adam.step(network, network.gradient(x, y, task))
    kit.assert_same(kit.parameters(model), network.values)
    assert int(trainer.optimizer.iterations) == 9


def test_named_groups_step_in_the_order_given(kit):
    model, data = kit.build(), kit.batches(2)
    network, sgd = kit.Network(model), kit.SGD()
    trainer = Alternating(model, groups=[["c", "b"], ["a"]])
    assert trainer.groups == (("b", "c"), ("a",))
    kit.train(kit.compiled(trainer), data)
    for x, y in data:
        both = [network.gradient(x, y, task) for task in ("b", "c")]
        sgd.step(network, kit.added(*both))
        sgd.step(network, network.gradient(x, y, "a"))
    kit.assert_same(kit.parameters(model), network.values)


def test_one_group_is_the_shared_scheme_after_20_steps(kit):
    data = kit.batches(20)
    found = []
    for scheme in (Shared, lambda model: Alternating(model, groups=1)):
        keras.utils.set_random_seed(0)
        trainer = kit.compiled(
            scheme(kit.build()), keras.optimizers.Adam(0.01), eager=False
        )
        kit.train(trainer, data)
        found.append(kit.parameters(trainer.model))
    kit.assert_same(found[0], found[1], rtol=0, atol=0)


def test_as_many_groups_as_tasks_is_the_plain_scheme(kit):
    trainer = Alternating(kit.build(), groups=3)
    assert trainer.groups == Alternating(kit.build()).groups


def test_shuffled_orders_are_permutations_drawn_from_seed_and_step(kit):
    model, data = kit.build(), kit.batches(8)
    trainer = Alternating(model, order="shuffled", seed=3)
    kit.compiled(trainer)
    ran = []
    run = trainer.run
    trainer.run = lambda phase, batch: (
        ran.append(phase.name) or run(phase, batch)
    )
    network, sgd = kit.Network(model), kit.SGD()
    kit.train(trainer, data)
    orders = [ran[start : start + 3] for start in range(0, 24, 3)]
    assert {tuple(sorted(order)) for order in orders} == {kit.TASKS}
    assert len({tuple(order) for order in orders}) > 1
    for (x, y), order in zip(data, orders, strict=True):
        for task in order:
            sgd.step(network, network.gradient(x, y, task))
    kit.assert_same(kit.parameters(model), network.values)


def test_shuffled_order_in_a_graph_equals_that_in_eager_mode(kit):
    data, found = kit.batches(4), []
    for eager in (True, False):
        keras.utils.set_random_seed(0)
        trainer = Alternating(kit.build(), order="shuffled", seed=3)
        kit.train(kit.compiled(trainer, eager=eager), data)
        found.append(kit.parameters(trainer.model))
    kit.assert_same(found[0], found[1])


def test_an_aggregator_works_within_each_group(kit):
    model, data = kit.build(), kit.batches(2)
    network, sgd = kit.Network(model), kit.SGD()
    groups = [["a"], ["b", "c"]]
    trainer = Alternating(model, groups=groups, aggregator=PCGrad("given"))
    kit.train(kit.compiled(trainer), data)
    for x, y in data:
        sgd.step(network, network.gradient(x, y, "a"))
        rows = network.jacobian(x, y, ("b", "c"))
        dot, squares = rows[0] @ rows[1], (rows**2).sum(1)
        weights = 1 - min(dot, 0) / squares
        heads = kit.added(*(network.gradient(x, y, t) for t in ("b", "c")))
        shared = network.unflattened(weights @ rows)
        sgd.step(network, {**heads, **shared})
    kit.assert_same(kit.parameters(model), network.values)


def test_options_by_task_go_to_the_group_of_the_task(kit):
    model, data = kit.build(), kit.batches(2)
    network, sgd = kit.Network(model), kit.SGD()
    groups = [["a"], ["b", "c"]]
    chosen = {"a": 7.0, "b": 0.5, "c": 2.0}
    trainer = Alternating(model, groups=groups, aggregator=Constant(chosen))
    kit.train(kit.compiled(trainer), data)
    for x, y in data:
        sgd.step(network, network.gradient(x, y, "a"))
        rows = network.jacobian(x, y, ("b", "c"))
        heads = kit.added(*(network.gradient(x, y, t) for t in ("b", "c")))
        shared = network.unflattened(np.array([0.5, 2.0]) @ rows)
        sgd.step(network, {**heads, **shared})
    kit.assert_same(kit.parameters(model), network.values)


def test_unknown_order_is_refused(kit):
    with pytest.raises(ValueError, match="Received: order='random'"):
        Alternating(kit.build(), order="random")


def test_multi_optimizer_is_refused_with_the_way_out(kit):
    optimizer = keras.optimizers.MultiOptimizer(
        keras.optimizers.OptimizerMap(keras.optimizers.SGD())
    )
    with pytest.raises(ValueError, match="Use `Independent`"):
        kit.compiled(Alternating(kit.build()), optimizer)
    scaled = keras.optimizers.LossScaleOptimizer(optimizer)
    with pytest.raises(ValueError, match="Use `Independent`"):
        kit.compiled(Alternating(kit.build()), scaled)


def test_gradient_accumulation_is_refused(kit):
    optimizer = keras.optimizers.SGD(gradient_accumulation_steps=2)
    with pytest.raises(ValueError, match="gradient_accumulation_steps=2"):
        kit.compiled(Alternating(kit.build()), optimizer)
    scaled = keras.optimizers.LossScaleOptimizer(optimizer)
    with pytest.raises(ValueError, match="gradient_accumulation_steps=2"):
        kit.compiled(Alternating(kit.build()), scaled)
    kit.compiled(Alternating(kit.build(), groups=1), optimizer)


def test_configuration_names_the_groups(kit):
    trainer = Alternating(kit.build(), groups=2, order="shuffled", seed=5)
    copy = Alternating.from_config(trainer.get_config())
    assert copy.groups == trainer.groups
    assert copy.order == "shuffled"
    assert np.array_equal(copy.seed, 5)


@pytest.mark.parametrize("scheme", [Alternating, Independent])
def test_log_variances_of_other_tasks_do_not_coast(kit, scheme):
    trainer = scheme(kit.build(), weighting=Uncertainty(init=1.0))
    kit.compiled(trainer, keras.optimizers.Adam(0.1))
    first, (x, y) = kit.batches(2)
    trainer.train_on_batch(*first)
    before = np.array(trainer.weighting.log_variances)
    trainer.train_on_batch(x, {"b": y["b"]})
    moved = np.array(trainer.weighting.log_variances) != before
    assert moved.tolist() == [False, True, False]
