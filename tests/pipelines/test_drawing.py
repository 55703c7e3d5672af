import numpy as np

from keras_mtl.pipelines import Reading, Region, drawn
from keras_mtl.pipelines.drawing import outline
from keras_mtl.pipelines.enlarging import enlarged, enlarged_mask


def test_an_outline_lies_inside_of_its_mask():
    mask = np.zeros((20, 20), bool)
    mask[2:12, 3:18] = True
    mask[0, 19] = True
    found = outline(mask, 2)
    assert found[mask].any()
    assert not found[~mask].any()
    assert not found[4:10, 5:16].any()
    assert found[2:4, 3:18].all()
    assert not outline(np.zeros((4, 4), bool), 1).any()


def test_regions_and_points_are_drawn():
    photograph = np.full((100, 140, 3), 100, np.uint8)
    disc = np.zeros((100, 140), bool)
    disc[20:60, 20:60] = True
    vein = np.zeros((100, 140), bool)
    vein[80:90] = True
    reading = Reading(
        {},
        {
            "disc": Region(disc, (0, 200, 0)),
            "vein": Region(vein, (0, 0, 200), "fill"),
        },
        {"fovea": (40.0, 100.0)},
    )
    found = np.asarray(drawn(photograph, reading))
    assert found[20, 30].tolist() == [0, 200, 0]
    assert found[40, 40].tolist() == [100] * 3
    assert found[85, 70].tolist() == [35, 35, 165]
    assert found[40, 100].tolist() == [255] * 3
    assert photograph.max() == 100


def test_a_mask_at_the_size_of_a_photograph():
    logits = np.full((8, 8), -2.0, np.float32)
    logits[2:6, 2:6] = 2.0
    logits[0, 0] = 2.0
    mask = np.zeros((8, 8), bool)
    mask[2:6, 2:6] = True
    found = enlarged_mask(logits, mask, (80, 40))
    assert found[20:60, 10:30].mean() > 0.97
    assert not found[:16].any()
    assert not found[64:].any()
    assert not enlarged_mask(logits, np.zeros((8, 8), bool), (80, 40)).any()
    np.testing.assert_array_equal(enlarged(logits, (8, 8)), logits)
