import numpy as np
import pytest

from keras_mtl.aggregators import DualProj, GradVac, Mean, TrimmedMean
from keras_mtl.backend.combination import blocks_of, combine, gram_matrix

PATHS = ["a/kernel", "a/bias", "b/kernel"]


def stacks(seed=0):
    numbers = np.random.default_rng(seed)
    return [
        numbers.normal(size=(3, *shape)).astype("float32")
        for shape in [(2, 3), (4,)]
    ]


def rows(gradients):
    return np.concatenate([g.reshape(3, -1) for g in gradients], axis=1)


def test_gram_matrix_holds_the_inner_products_of_the_rows():
    stack = stacks()[0]
    flat = stack.reshape(3, -1).astype("float64")
    found = gram_matrix(stack, "float64")
    np.testing.assert_allclose(found, flat @ flat.T, rtol=1e-12)


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("whole", ([0, 0, 0], 1)),
        ("layer", ([0, 0, 1], 2)),
        ("matrix", ([0, 1, 2], 3)),
    ],
)
def test_blocks_follow_the_granularity(group, expected):
    assert blocks_of(GradVac(group=group), PATHS) == expected


def test_one_set_of_weights_combines_all_variables():
    gradients = stacks()
    found = combine(DualProj(), gradients, [0, 0], 1)
    expected = np.array(found.weights) @ rows(gradients)
    flat = np.concatenate([np.ravel(g) for g in found.gradients])
    np.testing.assert_allclose(flat, expected, rtol=1e-4, atol=1e-6)
    gram = rows(gradients) @ rows(gradients).T
    np.testing.assert_allclose(found.gram, gram, rtol=1e-5)


def test_the_gram_matrix_is_left_out_unless_it_is_wanted():
    gradients = stacks()
    mean = Mean()
    mean.build_state(3, [(2, 3), (4,)])
    assert combine(mean, gradients, [0, 0], 1).gram is None
    assert combine(mean, gradients, [0, 0], 1, measure=True).gram is not None


def test_elementwise_methods_have_no_weights():
    gradients = stacks()
    found = combine(TrimmedMean(), gradients, [0, 0], 1)
    assert found.weights is None
    for combined, stack in zip(found.gradients, gradients, strict=True):
        np.testing.assert_allclose(combined, np.median(stack, 0), rtol=1e-6)
