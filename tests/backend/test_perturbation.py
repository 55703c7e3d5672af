"""Noise: bounded, uniform, fresh for every draw, the same from the seed."""

import itertools

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_mtl.backend.perturbation import (
    Perturbation,
    bound_after,
    noise_key,
    perturbed,
)


def variables(dtype="float32"):
    return (
        keras.Variable(np.full((40, 50), 0.25, dtype)),
        keras.Variable(np.zeros((), dtype)),
        keras.Variable(np.ones((7,), dtype)),
    )


def noise(mapping):
    return np.concatenate(
        [np.ravel(value - variable.numpy()) for variable, value in mapping]
    )


def test_every_coordinate_gets_uniform_noise():
    given = variables()
    found = noise(perturbed(given, 0.2, noise_key(0, 1, 0)))
    assert found.size == 2008
    assert np.abs(found).max() <= 0.2 + 1e-7
    counts, _ = np.histogram(found, bins=4, range=(-0.2, 0.2))
    assert counts.min() > 400
    assert np.unique(found).size > 1900


def test_the_variables_stay_as_they_are():
    given = variables()
    before = [v.numpy() for v in given]
    perturbed(given, 0.2, noise_key(0, 1, 0))
    for variable, value in zip(given, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)


@settings(max_examples=20)
@given(
    st.tuples(st.integers(0, 2**40), st.integers(0, 2**40), st.integers(0, 99)),
    st.tuples(st.integers(0, 2**40), st.integers(0, 2**40), st.integers(0, 99)),
)
def test_draws_are_equal_if_and_only_if_their_numbers_are(one, other):
    v = keras.Variable(np.zeros(50, "float32"))
    first, second = (perturbed([v], 1.0, noise_key(*n)) for n in (one, other))
    again = perturbed([v], 1.0, noise_key(*one))
    np.testing.assert_array_equal(first[0][1], again[0][1])
    assert np.array_equal(first[0][1], second[0][1]) == (one == other)


def test_draws_of_a_phase_are_fresh_and_follow_the_step():
    step = keras.Variable(1, dtype="int64")
    phases = [
        Perturbation(variables(), 0.1, step, index=index, num_samples=3)
        for index in range(2)
    ]
    seen = [noise(m) for phase in phases for m in phase.draws()]
    step.assign(2)
    seen += [noise(m) for phase in phases for m in phase.draws()]
    assert len(seen) == 12
    for one, other in itertools.combinations(seen, 2):
        assert not np.allclose(one, other)


def test_double_precision_is_kept():
    found = noise(perturbed(variables("float64"), 0.1, noise_key(0, 1, 0)))
    assert found.dtype == np.float64
    assert np.abs(found).max() <= 0.1
    assert not np.array_equal(found, found.astype("float32"))


@pytest.mark.parametrize(("step", "expected"), [(2, 7.0), (3, 0.5)])
def test_a_bound_holds_once_the_warmup_is_over(step, expected):
    found = bound_after(2, keras.Variable(step, dtype="int64"), 0.5, 7.0)
    assert float(found) == expected


def test_there_is_no_noise_during_the_warmup():
    step = keras.Variable(3, dtype="int64")
    phase = Perturbation(variables(), 0.1, step, warmup=3)
    assert not noise(phase.draws()[0]).any()
    step.assign(4)
    assert noise(phase.draws()[0]).any()
