import numpy as np

from keras_mtl.weightings import IMTLL, Uncertainty


def test_one_number_per_task_from_its_first_value():
    for kind in (IMTLL, Uncertainty):
        weighting = kind(init={"b": 2.0})
        weighting.build_state(["a", "b"])
        assert len(weighting.trainable_variables) == 2
        np.testing.assert_allclose(weighting.logs, [0.0, 2.0])
        np.testing.assert_allclose(weighting.total(), 2.0)
        present = np.array([True, False])
        np.testing.assert_allclose(weighting.total(present), 0.0)
