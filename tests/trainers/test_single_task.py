import keras
import numpy as np
import pytest

from keras_mtl.trainers import SingleTask

pytestmark = pytest.mark.usefixtures("float64")


def test_it_equals_training_each_network_alone(kit):
    model, data = kit.build(kernel_regularizer="l2"), kit.batches(3)
    alone = {}
    for task in kit.TASKS:
        network = keras.models.clone_model(
            keras.Model(model.inputs, model.output[task])
        )
        network.set_weights(
            keras.Model(model.inputs, model.output[task]).get_weights()
        )
        network.compile(keras.optimizers.Adam(0.01), "mse", run_eagerly=True)
        for x, y in data:
            network.fit(x, y[task], batch_size=6, shuffle=False, verbose=0)
        alone[task] = network.predict(data[0][0], verbose=0)
    trainer = SingleTask(model)
    kit.train(kit.compiled(trainer, keras.optimizers.Adam(0.01)), data)
    found = trainer.predict(data[0][0], verbose=0)
    kit.assert_same(found, alone)


def test_networks_start_from_the_weights_of_the_model(kit):
    model, ((x, _),) = kit.build(), kit.batches(1)
    trainer = SingleTask(model)
    kit.assert_same(trainer.model(x), model(x), rtol=0, atol=0)
    assert trainer.groups == (("a",), ("b",), ("c",))
    assert not trainer.split.shared_variables
    assert trainer.model.count_params() == 3 * (4 * 5 + 5) + 3 * (5 * 2 + 2)


def test_the_model_itself_stays_untouched(kit):
    model = kit.build()
    before = kit.parameters(model)
    kit.train(kit.compiled(SingleTask(model)), kit.batches(1))
    kit.assert_same(kit.parameters(model), before, rtol=0, atol=0)


def test_a_model_that_shares_nothing_is_taken_as_it_is(kit):
    x = keras.Input((4,), name="features")
    outputs = {t: keras.layers.Dense(2, name=t)(x) for t in "ab"}
    model = keras.Model(x, outputs)
    assert SingleTask(model, separate=False).model is model


def test_shared_variables_are_refused_where_no_copies_are_made(kit):
    with pytest.raises(ValueError, match=r"Shared: \['trunk/kernel'"):
        SingleTask(kit.build(), separate=False)


def test_configuration_rebuilds_separate_networks(kit):
    trainer = SingleTask(kit.build(), seed=7)
    copy = SingleTask.from_config(trainer.get_config())
    assert copy.seed == 7
    assert [v.shape for v in copy.model.variables] == [
        v.shape for v in trainer.model.variables
    ]


def test_networks_with_several_inputs_and_batch_normalization(kit):
    left = keras.Input((4,), name="left")
    right = keras.Input((4,), name="right")
    both = keras.layers.Concatenate()([left, right])
    hidden = keras.layers.BatchNormalization(name="norm")(both)
    outputs = {t: keras.layers.Dense(2, name=t)(hidden) for t in "ab"}
    model = keras.Model({"left": left, "right": right}, outputs)
    numbers = np.random.default_rng(0)
    x = {name: numbers.normal(size=(6, 4)) for name in ("left", "right")}
    y = {task: numbers.normal(size=(6, 2)) for task in "ab"}
    trainer = kit.compiled(SingleTask(model))
    history = trainer.fit(x, y, batch_size=3, epochs=2, verbose=0).history
    assert history["loss"][1] < history["loss"][0]
    assert len(trainer.model.non_trainable_variables) == 4
