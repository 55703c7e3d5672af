import numpy as np
import pytest

from keras_mtl.layers import ExpertMixture


@pytest.mark.parametrize("shape", [(5,), (2, 3, 4)])
def test_a_weighted_sum_of_each_sample(shape):
    generator = np.random.default_rng(0)
    weights = generator.random((4, 3), "float32")
    experts = [generator.random((4, *shape), "float32") for _ in range(3)]
    found = ExpertMixture()([weights, *experts])
    for sample in range(4):
        expected = sum(
            weights[sample, i] * experts[i][sample] for i in range(3)
        )
        np.testing.assert_allclose(found[sample], expected, rtol=1e-5)


def test_weights_without_an_expert():
    with pytest.raises(ValueError, match="one expert for each weight"):
        ExpertMixture()([np.ones((1, 3)), np.ones((1, 2)), np.ones((1, 2))])
