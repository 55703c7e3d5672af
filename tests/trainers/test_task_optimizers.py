import keras
import numpy as np
import pytest

from keras_mtl.trainers.task_optimizers import (
    TaskOptimizers,
    copy_of,
    trained_variables,
)


def variables():
    return [keras.Variable(np.ones(2), name=name) for name in ("w", "v")]


def built():
    members = {"a": keras.optimizers.Adam(0.1), "b": keras.optimizers.SGD(0.2)}
    whole = TaskOptimizers(members)
    w, v = variables()
    whole.build_members({"a": [w, v], "b": [w]})
    return whole


def test_the_learning_rate_is_that_of_all_members():
    whole = built()
    assert float(whole.learning_rate) == pytest.approx(0.1)
    whole.learning_rate = 0.05
    rates = [float(m.learning_rate) for m in whole.members.values()]
    assert rates == pytest.approx([0.05, 0.05])


def test_members_have_slots_for_their_variables_only():
    whole = built()
    names = {
        name: [v.path for v in trained_variables(member)]
        for name, member in whole.members.items()
    }
    assert names == {"a": ["w", "v"], "b": ["w"]}
    scaled = keras.optimizers.LossScaleOptimizer(whole.members["b"])
    assert trained_variables(scaled) == trained_variables(whole.members["b"])


def test_variables_are_its_own_and_those_of_all_members():
    whole = built()
    found = {id(v) for v in whole.variables}
    for member in whole.members.values():
        assert {id(v) for v in member.variables} <= found
    assert id(whole.iterations) in found


def test_it_counts_batches_and_does_not_step():
    whole = built()
    whole.count_step()
    whole.count_step()
    assert int(whole.iterations) == 2
    with pytest.raises(RuntimeError, match=r"one of \['a', 'b'\]"):
        whole.apply([])


def test_configuration_round_trip():
    whole = built()
    again = TaskOptimizers.from_config(whole.get_config())
    assert again.get_config() == whole.get_config()
    assert isinstance(again.members["b"], keras.optimizers.SGD)
    found = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(whole)
    )
    assert found.get_config() == whole.get_config()


def test_a_copy_has_the_options_and_no_state():
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 5, 0.5)
    first = keras.optimizers.Adam(schedule, beta_1=0.5, clipnorm=2.0)
    first.build(variables())
    copy = copy_of(first)
    assert not copy.built
    assert copy.get_config() == first.get_config()


def test_averages_of_the_last_member_are_written():
    members = {
        name: keras.optimizers.SGD(0.1, use_ema=True) for name in ("a", "b")
    }
    whole = TaskOptimizers(members)
    w, _ = variables()
    whole.build_members({"a": [w], "b": [w]})
    for value, member in zip((3.0, 7.0), members.values(), strict=True):
        member._model_variables_moving_average[0].assign([value, value])
    whole.finalize_variable_values([w])
    np.testing.assert_array_equal(w.numpy(), [7.0, 7.0])
