import warnings

import keras
import numpy as np
import pytest
from keras import layers

from keras_mtl.callbacks import Roaming
from keras_mtl.graph import describe_partition, partition
from keras_mtl.trainers import Independent, Shared

TASKS = ("a", "b")
X = np.random.default_rng(0).normal(size=(20, 5, 5, 2)).astype("float32")
Y = {task: np.zeros((20, 1), "float32") for task in TASKS}


def network(filters=(10, 20), **options):
    x = h = keras.Input((5, 5, 2), name="image")
    for index, width in enumerate(filters):
        h = layers.Conv2D(width, 2, name=f"c{index}")(h)
    h = layers.GlobalAveragePooling2D(name="pool")(h)
    heads = {task: layers.Dense(1, name=task)(h) for task in TASKS}
    return partition(keras.Model(x, heads), **{"p": 0.5, **options})


def compiled(trainer=Shared, **options):
    trainer = trainer(network(**options))
    trainer.compile("adam", "mse")
    return trainer


def compiled_keras(model):
    model.compile("sgd", "mse")
    return model


def fit(trainer, callback, epochs=1, **options):
    """Batches of 2: 10 steps an epoch."""
    return trainer.fit(
        X,
        Y,
        batch_size=2,
        epochs=epochs,
        verbose=0,
        shuffle=False,
        callbacks=[callback],
        **options,
    )


def drive(model, callback, steps=10, epochs=10):
    """What `fit` tells a callback up to the step after `steps`."""
    callback.set_model(model)
    callback.set_params({"steps": 10, "epochs": epochs})
    callback.on_epoch_begin(0)
    for batch in range(steps + 1):
        callback.on_train_batch_begin(batch)


def masks(model):
    rows = describe_partition(model).layers
    return [row.layer for row in rows]


def states(model):
    return [
        np.concatenate([layer.mask.numpy(), layer.visited.numpy()])
        for layer in masks(model)
    ]


def assert_equal(found, expected):
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a, b)


def updates(model):
    return [layer.updates.numpy().tolist() for layer in masks(model)]


def test_swaps_of_an_epoch_and_what_is_logged():
    trainer = compiled()
    with pytest.warns(UserWarning, match="will not finish"):
        logs = fit(trainer, Roaming(every={"epochs": 0.2})).history
    # Not a fifth time behind the last step.
    assert updates(trainer.model) == [[4, 4], [4, 4]]
    for layer, used, visited in zip(
        masks(trainer.model), (5, 10), (9, 14), strict=True
    ):
        np.testing.assert_array_equal(layer.mask.numpy().sum(1), used)
        np.testing.assert_array_equal(layer.visited.numpy().sum(1), visited)
    assert logs["roaming_occupancy"] == [0.5]
    assert logs["roaming_completion"] == pytest.approx([0.6])
    users = [m.mask.numpy().sum(axis=0) for m in masks(trainer.model)]
    assert logs["roaming_unused"] == [sum((n == 0).sum() for n in users)]
    both = np.mean([(n == 2).mean() for n in users])
    assert logs["roaming_overlap"][0] == pytest.approx(both)


def test_layers_finish_together():
    model = compiled_keras(network())
    drive(model, Roaming(finish_by={"steps": 10}))
    assert updates(model) == [[5, 5], [10, 10]]
    assert all(m.visited.numpy().all() for m in masks(model))


def test_a_plan_may_end_early():
    model = compiled_keras(network())
    drive(model, Roaming(every={"steps": 1}, update_ratio=0.4), steps=20)
    assert updates(model) == [[2, 2], [4, 4]]


def test_several_swaps_in_one_execution():
    trainer = Shared(network())
    trainer.compile("adam", "mse", steps_per_execution=5)
    fit(trainer, Roaming(every={"steps": 1}), epochs=2)
    assert updates(trainer.model) == [[5, 5], [10, 10]]


@pytest.mark.parametrize("kind", ["random", "similarity"])
def test_the_same_seed_makes_the_same_swaps(kind):
    model = compiled_keras(network())
    start, found = model.get_weights(), []
    for seed in (0, 0, 1):
        model.set_weights(start)
        callback = Roaming(every={"steps": 3}, seed=seed, selection=kind)
        drive(model, callback)
        found.append(states(model))
    assert_equal(found[0], found[1])
    if kind == "random":
        assert any((a != b).any() for a, b in zip(*found[1:], strict=True))


def test_killed_and_resumed_in_the_middle(tmp_path):
    def callback():
        return Roaming(every={"epochs": 0.3}, update_ratio=0.6)

    path = tmp_path / "state.weights.h5"
    whole = compiled()
    whole.save_weights(path)
    fit(whole, callback(), epochs=2)
    first = compiled()
    first.load_weights(path)
    with pytest.warns(UserWarning, match="will not finish"):
        fit(first, callback())
    middle = updates(first.model)
    first.save_weights(path)
    second = compiled()
    second.load_weights(path)
    assert updates(second.model) == middle
    fit(second, callback(), epochs=2, initial_epoch=1)
    assert updates(second.model) == updates(whole.model)
    assert updates(second.model) != middle
    assert_equal(states(second.model), states(whole.model))


def test_an_epoch_stays_that_of_the_first_fit():
    trainer = compiled()
    options = {"every": {"epochs": 0.4}, "update_ratio": 0.2}
    fit(trainer, Roaming(**options))
    plans = [m.plan.numpy().tolist()[1:] for m in masks(trainer.model)]
    assert plans == [[0, 10]] * 2
    # What is left of an epoch that was interrupted is shorter.
    fit(trainer, Roaming(**options), steps_per_epoch=3)
    assert [m.plan.numpy().tolist()[1:] for m in masks(trainer.model)] == plans


def test_a_plan_begins_where_training_stands():
    trainer = compiled()
    trainer.fit(X, Y, batch_size=2, verbose=0)
    fit(trainer, Roaming(every={"steps": 4}, update_ratio=0.2))
    assert updates(trainer.model) == [[1, 1], [2, 2]]


def test_any_keras_model_may_roam():
    model = compiled_keras(network())
    fit(model, Roaming(finish_by={"steps": 9}))
    assert updates(model) == [[5, 5], [10, 10]]


def test_a_schedule_that_cannot_finish():
    message = (
        r"a swap every 0.5 epochs makes the 10 swaps of 'c1_mask' "
        r"\(update_ratio=1 of 20 - 10 filters\) in 50 steps, the last before "
        r"one more step, but the run has 5 epochs of 10 steps = 50"
    )
    with pytest.warns(UserWarning, match=message):
        drive(compiled_keras(network()), Roaming(every={"epochs": 0.5}), 1, 5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drive(compiled_keras(network()), Roaming(every={"epochs": 0.5}), 1, 6)


def test_what_is_validated_has_trained_with_its_filters():
    trainer, seen = compiled(), []
    check = keras.callbacks.LambdaCallback(
        on_train_batch_begin=lambda batch, logs: seen.append(
            states(trainer.model)
        )
    )
    trainer.fit(
        X,
        Y,
        batch_size=2,
        verbose=0,
        epochs=2,
        callbacks=[Roaming(every={"steps": 5}, update_ratio=0.2), check],
    )
    assert len(seen) == 20
    assert_equal(states(trainer.model), seen[-1])
    assert_equal(seen[9], seen[5])
    assert (seen[10][1] != seen[9][1]).any()


def test_similarity_follows_the_kernels():
    model = compiled_keras(network(filters=(6,)))
    (row,) = describe_partition(model).layers
    layer = row.layer
    used = layer.mask.numpy()[0] > 0.5
    kernel = np.random.default_rng(1).normal(size=row.convolution.kernel.shape)
    twin = np.flatnonzero(used)[:2]
    kernel[..., twin[1]] = kernel[..., twin[0]]
    row.convolution.kernel.assign(kernel)
    callback = Roaming(
        every={"steps": 1}, selection="similarity", keep_coverage=False
    )
    drive(model, callback, steps=1)
    after = layer.mask.numpy()[0] > 0.5
    assert (used & ~after)[twin].sum() == 1


def test_slots_of_swapped_filters_are_cleared():
    trainer = compiled(Independent, filters=(6,))
    trainer.fit(X, Y, batch_size=2, verbose=0)
    (row,) = describe_partition(trainer.model).layers
    before = row.layer.mask.numpy() > 0.5
    slots = {}
    for task in TASKS:
        optimizer = trainer.optimizers[task]
        places = [
            variable is row.convolution.bias
            for variable in optimizer._trainable_variables
        ]
        index = places.index(True)
        slot = optimizer._velocities[index]
        slot.assign(np.ones(6))
        slots[task] = slot
    callback = Roaming(every={"steps": 1}, reset_slots=True)
    drive(trainer, callback, steps=1)
    swapped = before != (row.layer.mask.numpy() > 0.5)
    assert (swapped.sum(axis=1) == 2).all()
    for task, changed in zip(row.tasks, swapped, strict=True):
        np.testing.assert_array_equal(slots[task].numpy() == 0, changed)


def test_clearing_slots_needs_optimizers_by_task():
    with pytest.raises(ValueError, match="one optimizer for all tasks"):
        fit(compiled(), Roaming(every={"steps": 1}, reset_slots=True))


@pytest.mark.parametrize("kind", ["routing", "se"])
def test_models_that_do_not_roam(kind):
    with pytest.raises(ValueError, match="needs masks that may change"):
        fit(compiled(kind=kind), Roaming(every={"steps": 1}))


def test_an_epoch_of_unknown_length():
    import tensorflow as tf

    dataset = tf.data.Dataset.from_generator(
        lambda: iter([(X, Y)]),
        output_signature=tf.nest.map_structure(
            lambda x: tf.TensorSpec(x.shape, x.dtype), (X, Y)
        ),
    )
    with pytest.raises(ValueError, match="Pass `steps_per_epoch`"):
        compiled().fit(
            dataset, verbose=0, callbacks=[Roaming(every={"epochs": 1})]
        )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "Expected one schedule"),
        ({"update_ratio": 2}, "`update_ratio` must be a number in"),
        ({"selection": "best"}, "`selection` must be"),
    ],
)
def test_bad_options(options, message):
    every = {} if not options else {"every": {"steps": 1}}
    with pytest.raises(ValueError, match=message):
        Roaming(**every, **options)
