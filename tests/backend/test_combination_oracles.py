"""The combination of gradients against calling the method on a Jacobian."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_mtl.aggregators import Mean, PCGrad, Sum
from keras_mtl.aggregators.base import Aggregator
from keras_mtl.backend.combination import blocks_of, combine, gram_matrix

PATHS = ("one/kernel", "one/bias", "two/kernel")
WHOLE = ([0, 0, 0], 1)


def stacks(num_tasks=3, seed=0):
    numbers = np.random.default_rng(seed)
    shapes = [(4, 2), (2,), (2, 3)]
    return [
        numbers.normal(size=(num_tasks, *s)).astype("float32") for s in shapes
    ]


def flat(found):
    return np.concatenate([s.reshape(s.shape[0], -1) for s in found], axis=1)


def joined(gradients):
    return np.concatenate([np.ravel(g) for g in gradients])


class Blockwise(PCGrad):
    """PCGrad in blocks."""

    grain = "layer"

    @property
    def granularity(self):
        return self.grain


class Largest(Aggregator):
    """The largest element of every place."""

    reads = "stack"

    def combine(self, stack, index=0, present=None):
        return np.max(stack, axis=0)


class Halved(PCGrad):
    """Changes the gradients first."""

    transforms = True

    def transform(self, stack, index, present=None):
        return stack / (index + 1.0)


def test_gram_matrix_of_one_variable():
    stack = stacks()[0]
    rows = stack.reshape(3, -1)
    np.testing.assert_allclose(
        gram_matrix(stack, "float32"), rows @ rows.T, rtol=1e-5
    )


@pytest.mark.parametrize(
    ("grain", "blocks", "count"),
    [
        ("whole", [0, 0, 0], 1),
        ("layer", [0, 0, 1], 2),
        ("matrix", [0, 1, 2], 3),
    ],
)
def test_blocks_by_granularity(grain, blocks, count):
    aggregator = Blockwise("given")
    aggregator.grain = grain
    assert blocks_of(aggregator, PATHS) == (blocks, count)


@given(st.integers(2, 4), st.integers(0, 50))
def test_the_whole_is_what_calling_the_method_gives(num_tasks, seed):
    found = stacks(num_tasks, seed)
    for aggregator in (PCGrad("given"), Sum(), Mean()):
        aggregator.build_state(num_tasks, [])
        result = combine(aggregator, found, *WHOLE)
        expected = aggregator(flat(found))
        np.testing.assert_allclose(
            joined(result.gradients), expected, rtol=1e-4, atol=1e-5
        )


def test_blocks_are_combined_one_by_one():
    found, aggregator = stacks(), Blockwise("given")
    result = combine(aggregator, found, *blocks_of(aggregator, PATHS))
    plain = PCGrad("given")
    expected = [plain(flat(found[:2])), plain(flat(found[2:]))]
    np.testing.assert_allclose(
        joined(result.gradients), np.concatenate(expected), rtol=1e-4, atol=1e-5
    )
    rows = flat(found)
    np.testing.assert_allclose(result.gram, rows @ rows.T, rtol=1e-4, atol=1e-5)


def test_elementwise_methods_get_one_variable_at_a_time():
    found = stacks()
    result = combine(Largest(), found, *WHOLE)
    assert result.weights is None
    assert result.gram is None
    for gradient, stack in zip(result.gradients, found, strict=True):
        np.testing.assert_array_equal(gradient, stack.max(0))
    measured = combine(Largest(), found, *WHOLE, measure=True)
    assert measured.gram is not None


def test_gradients_can_be_changed_before_the_gram_matrix():
    found = stacks()
    changed = [stack / (i + 1.0) for i, stack in enumerate(found)]
    result = combine(Halved("given"), found, *WHOLE)
    expected = combine(PCGrad("given"), changed, *WHOLE)
    np.testing.assert_allclose(
        joined(result.gradients), joined(expected.gradients), rtol=1e-5
    )


def test_methods_see_true_magnitudes_and_results_stay_scaled():
    found, scale = stacks(), np.float32(1024.0)
    plain = combine(PCGrad("given"), found, *WHOLE)
    larger = [stack * scale for stack in found]
    scaled = combine(PCGrad("given"), larger, *WHOLE, scale=scale)
    np.testing.assert_allclose(scaled.gram, plain.gram, rtol=1e-5)
    np.testing.assert_allclose(scaled.weights, plain.weights, rtol=1e-5)
    np.testing.assert_allclose(
        joined(scaled.gradients), scale * joined(plain.gradients), rtol=1e-4
    )


@pytest.mark.parametrize("bad", [np.inf, np.nan])
def test_an_overflow_reaches_the_result(bad):
    found = stacks()
    found[1][0, 0] = bad
    result = combine(PCGrad("given"), found, *WHOLE)
    assert not np.isfinite(joined(result.gradients)).any()


def test_absent_tasks_do_not_take_part():
    found = stacks()
    for stack in found:
        stack[1] = 0
    present = np.array([True, False, True])
    result = combine(PCGrad("given"), found, *WHOLE, present=present)
    others = [stack[[0, 2]] for stack in found]
    expected = combine(PCGrad("given"), others, *WHOLE)
    assert float(result.weights[1]) == 0
    np.testing.assert_allclose(
        joined(result.gradients), joined(expected.gradients), rtol=1e-5
    )
