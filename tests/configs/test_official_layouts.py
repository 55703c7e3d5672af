"""The presets of data that is not at hand, on small trees of its layout."""

import numpy as np
import pytest
from PIL import Image

from keras_mtl.config import build, load

PARTS = (0, 0, 1, 2)


def write_celeba(root):
    (root / "img_align_celeba").mkdir(parents=True)
    generator = np.random.default_rng(0)
    names = [f"{number:06}.jpg" for number in range(1, len(PARTS) + 1)]
    for name in names:
        pixels = generator.integers(0, 256, (218, 178, 3), np.uint8)
        Image.fromarray(pixels).save(root / "img_align_celeba" / name)
    values = 2 * generator.integers(0, 2, (len(PARTS), 40)) - 1
    rows = zip(names, values, strict=True)
    lines = [
        str(len(names)),
        " ".join(f"Attribute_{index}" for index in range(40)),
        *(f"{name} {' '.join(map(str, row))}" for name, row in rows),
    ]
    (root / "list_attr_celeba.txt").write_text("\n".join(lines))
    parts = zip(names, PARTS, strict=True)
    (root / "list_eval_partition.txt").write_text(
        "\n".join(f"{name} {part}" for name, part in parts)
    )


def write_arrays(root, label, num_classes):
    """Three samples a part, in the layout of MTAN."""
    generator = np.random.default_rng(0)
    shape = (3, 32, 32)
    normals = generator.normal(size=(*shape, 3))
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    arrays = {
        "image": generator.random((*shape, 3)),
        label: generator.integers(-1, num_classes, shape),
        "depth": generator.random((*shape, 1)),
        "normal": normals,
    }
    for part in ("train", "val"):
        for kind, values in arrays.items():
            (root / part / kind).mkdir(parents=True)
            for number, value in enumerate(values):
                path = root / part / kind / f"{number}.npy"
                np.save(path, value.astype("float32"))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("data")
    write_celeba(root / "CelebA")
    write_arrays(root / "Cityscapes", "label_7", 7)
    write_arrays(root / "NYUv2-MTAN", "label", 13)
    return root


SEGNET = ("model.widths=[4, 4]", "model.depths=[1, 1]")
CASES = {
    "celeba_groups": (8, ("data.size=[32, 32]",)),
    "celeba_attributes": (40, ("data.size=[16, 16]",)),
    "cityscapes_depth": (8, SEGNET),
    "cityscapes_masks": (7, ("model.widths=[4, 4]",)),
    "nyuv2_classes": (15, SEGNET),
    "nyuv2_scenes": (3, ("model.widths=[4, 4]",)),
}
# One of each data set takes a step as well.
STEPS = ("celeba_groups", "cityscapes_depth", "nyuv2_scenes")


@pytest.mark.parametrize("name", CASES)
def test_the_presets_of_the_tables(name, data, monkeypatch):
    monkeypatch.setenv("KERAS_MTL_DATA", str(data))
    count, overrides = CASES[name]
    experiment = build(load(name, ["data.batch_size=2", *overrides]))
    assert len(experiment.data.tasks) == len(experiment.trainer.tasks) == count
    metrics = experiment.trainer.task_metrics
    assert all(metrics[task] for task in experiment.data.tasks)
    if name not in STEPS:
        return
    batches = experiment.data.train.dataset()
    history = experiment.trainer.fit(batches, verbose=0).history
    assert np.isfinite(history["loss"]).all()
