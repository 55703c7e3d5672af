import pytest

from keras_mtl.report.plots.cosines import cosines


def test_the_matrix_is_symmetric_with_the_mean(telling, table):
    pictures = cosines(table(telling))
    assert len(pictures) == 3
    axes = pictures[0].figure.axes[0]
    matrix = axes.collections[0].get_array()
    assert matrix.shape == (2, 2)
    assert matrix[0, 1] == matrix[1, 0] == pytest.approx(0.2)
    assert matrix[0, 0] == 1
    assert [t.get_text() for t in axes.get_yticklabels()] == ["cup", "disc"]
