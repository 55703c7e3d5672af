import numpy as np
import pytest

from keras_mtl.datasets import TaskSpec, from_arrays, load
from keras_mtl.datasets.summary import evenly, summary
from keras_mtl.errors import DataError


def test_arrays_are_counted_in_full():
    data = from_arrays(
        "toy",
        tasks=(
            TaskSpec("kind", "classification", 3, ("a", "b", "c")),
            TaskSpec("sick", "binary", 1),
            TaskSpec("load", "regression", 1),
        ),
        train=(
            np.ones((8, 2)),
            {
                "kind": [0, 0, 0, 0, 1, 1, np.nan, np.nan],
                "sick": [1, 0, 0, 0, 0, 0, 0, 1],
                "load": np.arange(8.0),
            },
        ),
        batch_size=3,
    )
    tasks = summary(data)["splits"]["train"]["tasks"]
    assert tasks["kind"]["labelled"] == 0.75
    assert tasks["kind"]["shares"] == {"a": 4 / 6, "b": 2 / 6, "c": 0}
    assert tasks["sick"]["shares"] == {"yes": 0.25}
    assert tasks["load"]["range"] == [0, 3.5, 7]


def test_maps_are_counted_by_pixel(nyuv2_tree):
    root, parts = nyuv2_tree
    data = load(
        "nyuv2", dir=str(root), validation=0, augmentation=["scale", "flip"]
    )
    found = summary(data, sample=None)
    split = found["splits"]["train"]
    assert split["files"]["image"] == split["read"] == 12
    stored = parts["train"]
    segmentation = split["tasks"]["segmentation"]
    known = stored["label"][stored["label"] >= 0]
    assert segmentation["pixels"] == known.size / stored["label"].size
    assert segmentation["shares"]["sofa"] == pytest.approx((known == 8).mean())
    depth = stored["depth"][stored["depth"] > 0]
    expected = [depth.min(), depth.mean(), depth.max()]
    assert split["tasks"]["depth"]["range"] == pytest.approx(expected)
    assert split["tasks"]["normals"]["labelled"] == 1
    assert "validation" not in found["splits"]


def test_a_sample_is_spread_evenly(nyuv2_tree):
    assert evenly(10, 4).tolist() == [0, 3, 6, 9]
    assert evenly(3, 4).tolist() == [0, 1, 2]
    data = load("nyuv2", dir=str(nyuv2_tree[0]), validation=0)
    assert summary(data, 4)["splits"]["train"]["read"] == 4


def test_a_file_that_cannot_be_decoded_is_named(nyuv2_images):
    root, _ = nyuv2_images
    path = root / "train" / "depth" / "9.png"
    path.write_bytes(path.read_bytes()[:-20])
    data = load("nyuv2", dir=str(root), validation=0, batch_size=2)
    with pytest.raises(DataError, match=r"depth/9\.png cannot be decoded"):
        summary(data)
