import types

import pytest

from keras_mtl.layers.task_features import check_alike

LAYER = types.SimpleNamespace(name="mine")


def test_the_common_shape():
    assert check_alike({"a": (None, 3), "b": [None, 3]}, LAYER) == (None, 3)


@pytest.mark.parametrize("shapes", [{}, [(1, 2)], {"a": (1, 2), "b": (1, 3)}])
def test_what_cannot_be_added(shapes):
    with pytest.raises(ValueError, match="Layer 'mine' needs"):
        check_alike(shapes, LAYER)
