import numpy as np

from keras_mtl.aggregators import MoCo, MoDo, SDMGrad


def test_weights_start_equal_and_are_saved():
    for kind in (MoCo, MoDo, SDMGrad):
        aggregator = kind()
        aggregator.build_state(4, [(2,)])
        np.testing.assert_allclose(aggregator.convex, np.full(4, 0.25))
        assert any(v is aggregator.convex for v in aggregator.variables)
