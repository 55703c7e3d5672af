from types import SimpleNamespace

import keras
import numpy as np
import pytest

from keras_mtl.errors import ConfigError
from keras_mtl.pipelines import Network, Vessels
from keras_mtl.pipelines.vessels import field_of_view

NAMES = {"maps": {"artery_vein": ["artery", "vein"], "vessels": ["vessels"]}}


def network():
    """Channel 0 is an artery, 1 a vein, either a vessel: any size."""
    image = keras.Input((32, 32, 3), name="image")
    both = keras.layers.Conv2D(2, 1, use_bias=True, name="artery_vein")
    vessels = keras.layers.Conv2D(1, 1, use_bias=True, name="vessels")
    outputs = {"artery_vein": both(image), "vessels": vessels(image)}
    both.set_weights([np.eye(3)[None, None, :, :2], np.full(2, -0.5)])
    weights = np.array([1, 1, 0.0])[None, None, :, None]
    vessels.set_weights([weights, np.full(1, -0.5)])
    return keras.Model(image, outputs)


class Split:
    def __init__(self, seen):
        generator = np.random.default_rng(0)
        self.images = generator.integers(0, 2, (2, 40, 72, 3)).astype("float32")
        self.labels = self.images[..., :2].copy()
        self.labels[0, :10] = 1 - self.labels[0, :10]  # wrong
        self.seen = seen

    def plain(self, batch_size):
        assert batch_size == 1
        return self

    def dataset(self):
        for image, label in zip(self.images, self.labels, strict=True):
            weight = np.ones((1, 40, 72), "float32")
            weight[:, :5] = float(self.seen)
            labels = {
                "artery_vein": label[None],
                "vessels": label.max(-1, keepdims=True)[None],
            }
            yield image[None], labels, {"artery_vein": weight}


@pytest.mark.parametrize("seen", [True, False])
def test_scores_over_whole_images(seen):
    split = Split(seen)
    found = Vessels(tile=64, overlap=8).measure(network(), split, NAMES)
    first = 0 if seen else 5
    truth, said = split.labels[:, first:], split.images[:, first:, :, :2]
    for index, name in enumerate(("artery", "vein")):
        hits = (truth[..., index] * said[..., index]).sum()
        both = truth[..., index].sum() + said[..., index].sum()
        score = found["artery_vein"][f"whole_f1_{name}"]
        assert score == pytest.approx(2 * hits / both)
    union = (truth.max(-1) == said.max(-1)).mean()
    accuracy = found["artery_vein"]["whole_accuracy_union"]
    assert accuracy == pytest.approx(union)
    assert set(found["vessels"]) == {
        "whole_f1_vessels",
        "whole_accuracy_vessels",
    }


def test_the_names_of_the_maps_come_from_the_data():
    specs = {
        "artery_vein": SimpleNamespace(class_names=("artery", "vein")),
        "vessels": SimpleNamespace(class_names=None),
        "another": None,
    }
    assert Vessels().fit(SimpleNamespace(tasks=specs)) == NAMES


def test_tiles_larger_than_what_it_was_trained_on():
    shapes = []
    made = Network.of(network())
    resized = made.at

    def at(size):
        shapes.append(size)
        return resized(size)

    made.at = at
    image = np.zeros((70, 100, 3), np.float32)
    found = Vessels(tile=64, overlap=8).apply(made, image)
    assert found["vessels"].shape == (70, 100, 1)
    assert shapes == [(48, 64)]
    np.testing.assert_allclose(found["artery_vein"], -0.5, rtol=1e-5)


def test_what_is_around_the_field_of_view_is_left_out():
    image = np.full((40, 50, 3), 0.02)
    image[8:32, 10:40] = 0.5
    image[20:24, 20:24] = 0.0  # a dark spot inside
    image[0:2, 0:2] = 0.9  # a mark at the edge
    expected = np.zeros((40, 50), bool)
    expected[8:32, 10:40] = True
    np.testing.assert_array_equal(field_of_view(image), expected)
    assert field_of_view(np.full((4, 4, 3), 0.3)).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tile": 100}, r"multiple of 32. Received: tile=100"),
        ({"tile": 64, "overlap": 64}, r"Received: overlap=64"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ConfigError, match=message):
        Vessels(**options)
