import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.aggregators import (
    DBMTL,
    GREAT,
    MGDA,
    ExcessMTL,
    GradDrop,
    MoCo,
    TrimmedMean,
)
from keras_mtl.backend.combination import combine
from keras_mtl.config import registry

SHAPES = [(2, 3), (4,)]
OPTIONS = {
    "constant": {"weights": [1.0, 0.5, 2.0]},
    "cr_mogm": {"aggregator": MGDA()},
    "krum": {"num_byzantine": 0, "num_selected": 2},
}
STATEFUL = (MoCo, DBMTL, ExcessMTL, GREAT)


def stacks(seed):
    numbers = np.random.default_rng(seed)
    return [
        numbers.normal(size=(3, *shape)).astype("float32") for shape in SHAPES
    ]


def built(kind, **options):
    aggregator = kind(**options)
    aggregator.build_state(3, SHAPES)
    return aggregator


def state(aggregator):
    # The risks of ExcessMTL only live within a step.
    return [
        np.array(v.value)
        for v in aggregator.variables
        if v.name not in ("risks", "seed_generator_state")
    ]


def step(aggregator, gradients, scale=None, present=None):
    """A step on gradients that were scaled; the result is unscaled again."""
    factor = 1.0 if scale is None else scale
    found = combine(
        aggregator,
        [gradient * np.float32(factor) for gradient in gradients],
        [0, 0],
        1,
        present=present,
        scale=scale,
    )
    return [np.array(gradient) / factor for gradient in found.gradients]


@pytest.mark.parametrize("kind", STATEFUL)
def test_state_does_not_depend_on_a_changing_loss_scale(kind):
    plain, scaled = built(kind), built(kind)
    for index, scale in enumerate([2.0**15, 2.0**14, 2.0**16, 2.0**3]):
        expected = step(plain, stacks(index))
        found = step(scaled, stacks(index), scale)
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-6)
    for a, b in zip(state(scaled), state(plain), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)


@pytest.mark.parametrize("scale", [None, 2.0**15])
@pytest.mark.parametrize("value", [np.inf, np.nan])
@pytest.mark.parametrize("kind", [MoCo, DBMTL, ExcessMTL])
def test_an_overflow_in_one_variable_leaves_the_whole_state(kind, value, scale):
    aggregator = built(kind)
    step(aggregator, stacks(0), scale)
    before = state(aggregator)
    broken = stacks(1)
    broken[1][2, 0] = value
    found = step(aggregator, broken, scale)
    assert not any(np.isfinite(gradient).all() for gradient in found)
    for a, b in zip(state(aggregator), before, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("kind", [MoCo, DBMTL, ExcessMTL])
def test_what_an_absent_task_holds_is_no_overflow(kind):
    aggregator = built(kind)
    gradients = stacks(0)
    gradients[0][1] = np.nan
    present = np.array([True, False, True])
    before = state(aggregator)
    step(aggregator, gradients, 2.0**10, present)
    moved = [
        not np.array_equal(a, b)
        for a, b in zip(state(aggregator), before, strict=True)
    ]
    assert any(moved)
    assert all(np.isfinite(value).all() for value in state(aggregator))


@pytest.mark.parametrize("kind", [TrimmedMean, GradDrop])
def test_elementwise_methods_give_half_precision_back(kind):
    aggregator = built(kind)
    gradients = [stack.astype("float16") for stack in stacks(0)]
    found = combine(aggregator, gradients, [0, 0], 1, scale=2.0**4)
    names = {np.array(g).dtype.name for g in found.gradients}
    assert names == {"float16"}


@pytest.fixture
def half():
    """Everything made in the test computes in float16."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    yield
    keras.config.set_dtype_policy(before)


def traced(aggregator):
    """A step on gradients of any precision."""

    @tf.function(autograph=False)
    def run(gradients, scale=None):
        halves = [(gradient / 2, gradient / 2) for gradient in gradients]
        return combine(
            aggregator,
            gradients,
            [0, 0],
            1,
            losses=tf.ones(3),
            halves=halves if aggregator.independent else None,
            scale=scale,
            measure=True,
        )

    return run


@pytest.mark.parametrize("name", registry.names("aggregators"))
def test_every_method_in_half_precision(name, half):
    kind = registry.resolve("aggregators", name)
    aggregator = built(kind, **OPTIONS.get(name, {}))
    run, first = traced(aggregator), [np.array(v) for v in aggregator.variables]
    found = []
    for scale in (2.0**4, 2.0**9):
        for variable, value in zip(aggregator.variables, first, strict=True):
            variable.assign(value)
        gradients = [(s * scale).astype("float16") for s in stacks(0)]
        result = run(gradients, tf.constant(scale))
        assert result.gram.dtype == "float32"
        assert {g.dtype.name for g in result.gradients} == {"float16"}
        found.append([np.array(g, "float32") / scale for g in result.gradients])
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-2, atol=5e-3)
    before = state(aggregator)
    gradients[1][2, 0] = np.inf
    result = run(gradients, tf.constant(scale))
    assert not all(np.isfinite(g).all() for g in result.gradients)
    for one, other in zip(state(aggregator), before, strict=True):
        np.testing.assert_array_equal(one, other)
    result = run([tf.cast(s, "bfloat16") for s in stacks(0)])
    assert result.gram.dtype == "float32"
    assert {g.dtype.name for g in result.gradients} == {"bfloat16"}
    for gradient in result.gradients:
        assert np.isfinite(tf.cast(gradient, "float32")).all()
