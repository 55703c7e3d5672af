import numpy as np

from keras_mtl.aggregators.tracked import TrackedGradients


class Halving(TrackedGradients):
    def rate(self, step):
        return 0.5 / step


def test_averages_move_at_each_task_s_own_rate():
    tracked = Halving()
    tracked.build_state(2, [(3,), ()])
    stack, scalars = np.ones((2, 3), "float32"), np.ones(2, "float32")
    present = np.array([True, False])
    np.testing.assert_allclose(
        tracked.transform(stack, 0, present), [[0.5] * 3, [0] * 3]
    )
    tracked.transform(scalars, 1, present)
    tracked.count(present, True)
    found = tracked.transform(stack, 0)
    np.testing.assert_allclose(found, [[0.625] * 3, [0.5] * 3])
    np.testing.assert_allclose(tracked.transform(scalars, 1), [0.625, 0.5])
