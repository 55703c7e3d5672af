from types import SimpleNamespace

import keras
import numpy as np
import pytest

from keras_mtl.errors import ConfigError
from keras_mtl.pipelines import ExclusiveMasks, Network


def spec(kind="mask", num_outputs=1):
    return SimpleNamespace(kind=kind, num_outputs=num_outputs)


TASKS = {"sky": spec(), "car": spec(num_outputs=2), "depth": spec("depth")}
STATE = {"masks": [["car", "car_0"], ["car", "car_1"], ["sky", "sky"]]}


def network():
    """The channels are the logits."""
    image = keras.Input((4, 6, 3), name="image")
    outputs = {
        "car": keras.layers.Identity()(image[..., :2]),
        "sky": keras.layers.Identity()(image[..., 2:]),
        "depth": keras.layers.Identity()(image[..., :1]),
    }
    return keras.Model(image, outputs)


class Split:
    def __init__(self, known=True):
        generator = np.random.default_rng(0)
        self.logits = generator.normal(size=(3, 4, 6, 3)).astype("float32")
        self.labels = generator.integers(-1, 3, (3, 4, 6))  # -1: background
        self.known = generator.random((3, 4, 6)) < (0.7 if known else 0)

    def dataset(self):
        maps = (self.labels[..., None] == np.arange(3)).astype("float32")
        labels = {"car": maps[..., :2], "sky": maps[..., 2:]}
        weight = self.known.astype("float32")
        for part in (slice(0, 2), slice(2, 3)):
            chosen = {task: label[part] for task, label in labels.items()}
            yield self.logits[part], chosen, {"car": weight[part]}


def test_a_pixel_belongs_to_the_highest_mask_or_to_none():
    split = Split()
    found = ExclusiveMasks().measure(network(), split, STATE)
    right = total = 0
    for image, row, column in zip(*np.nonzero(split.known), strict=True):
        logits = split.logits[image, row, column].tolist()
        best = max(range(3), key=lambda index: logits[index])
        said = best if logits[best] > 0 else -1
        right += said == split.labels[image, row, column]
        total += 1
    expected = {"together": {"published_pixel_accuracy": right / total}}
    assert found == expected


def test_nothing_labelled_is_no_score():
    found = ExclusiveMasks().measure(network(), Split(known=False), STATE)
    assert np.isnan(found["together"]["published_pixel_accuracy"])


def test_masks_come_from_the_data():
    assert ExclusiveMasks().fit(SimpleNamespace(tasks=TASKS)) == STATE


def test_a_reading_has_a_region_and_a_share_for_each():
    logits = Split().logits[0]
    found = ExclusiveMasks().read(Network.of(network()), logits, (4, 6), STATE)
    regions = np.stack([found.regions[name].mask for _, name in STATE["masks"]])
    assert regions.sum(axis=0).max() == 1
    np.testing.assert_array_equal(regions.any(axis=0), logits.max(axis=-1) > 0)
    assert found.values["sky_share"] == pytest.approx(regions[2].mean())
    assert len({region.colour for region in found.regions.values()}) == 3
    larger = ExclusiveMasks().read(
        Network.of(network()), logits, (8, 12), STATE
    )
    assert larger.regions["sky"].mask.shape == (8, 12)


@pytest.mark.parametrize(
    ("tasks", "message"),
    [
        ({"sky": spec(), "depth": spec("depth")}, "two masks or more"),
        ({"together": spec(num_outputs=2)}, "no task may have that name"),
    ],
)
def test_data_that_does_not_fit_is_refused(tasks, message):
    with pytest.raises(ConfigError, match=message):
        ExclusiveMasks().check(tasks)
