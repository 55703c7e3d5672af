import csv
import json
import shutil

import numpy as np
import pytest
from PIL import Image


def test_one_file_per_input_and_task(run, folder, finished, image):
    result = run("predict", finished, image)
    assert result.exit_code == 0, result.output
    assert result.stdout.split() == [
        "predictions/digits.left.json",
        "predictions/digits.right.json",
    ]
    left = json.loads((folder / "predictions/digits.left.json").read_text())
    assert left["task"] == "left"
    (row,) = left["predictions"]
    probabilities = row["probabilities"]
    assert sum(probabilities.values()) == pytest.approx(1)
    assert max(probabilities, key=probabilities.get) == row["label"]


def test_the_formats_agree(run, folder, finished, image):
    pixels = np.asarray(Image.open(image))[..., None]
    np.save("bytes.npy", pixels)
    np.save("floats.npy", np.stack([pixels / 255, pixels / 255]))
    Image.open(image).convert("RGBA").save("colour.png")
    names = ["bytes", "floats", "colour"]
    files = ["bytes.npy", "floats.npy", "colour.png"]
    done = run("predict", finished, image, *files, "--out", "out")
    assert done.exit_code == 0, done.output

    def values(name):
        found = json.loads((folder / f"out/{name}.right.json").read_text())
        return [
            list(row["probabilities"].values()) for row in found["predictions"]
        ]

    (expected,) = values("digits")
    for name in names:
        for row in values(name):
            np.testing.assert_allclose(row, expected, rtol=1e-4)
    assert len(values("floats")) == 2


def test_csv(run, folder, finished, image):
    done = run("predict", finished, image, "--format", "csv")
    assert done.exit_code == 0, done.output
    with (folder / "predictions/digits.left.csv").open() as file:
        (row,) = csv.DictReader(file)
    assert row["sample"] == "0"
    assert float(row[f"p({row['label']})"]) > 0.1


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.png", b"not an image", "cannot read 'a.png'"),
        ("a.npy", b"", "cannot read 'a.npy'"),
        ("a.npy", np.zeros((28, 28, 1), "uint8"), r"shape (28, 28, 1), but"),
        ("a.npy", np.zeros((0, 24, 24, 1)), "shape (0, 24, 24, 1), but"),
        ("a.npy", np.full((24, 24, 1), np.nan), "not finite"),
        ("a.npy", np.array([{}], object), "allow_pickle=False"),
        ("a.npy", np.array(["x"]), "must hold numbers"),
        ("missing.png", None, "No such file"),
    ],
)
def test_inputs_that_do_not_fit_are_code_3(
    run, folder, finished, name, content, message
):
    if isinstance(content, bytes):
        (folder / name).write_bytes(content)
    elif content is not None:
        np.save(name, content, allow_pickle=content.dtype == object)
    result = run("predict", finished, name)
    assert result.exit_code == 3
    assert message in result.output
    assert not (folder / "predictions").exists()


def test_nothing_is_resized(run, folder, finished):
    Image.new("L", (28, 28)).save("large.png")
    result = run("predict", finished, "large.png")
    assert result.exit_code == 3
    assert "trained on (24, 24, 1)" in result.output


def test_inputs_of_the_same_name_are_refused(run, folder, finished):
    result = run("predict", finished, "a/x.png", "b/x.png")
    assert result.exit_code == 2
    assert "two inputs are called 'x'" in result.output


def test_a_model_that_is_missing_or_damaged(run, folder, finished, image):
    shutil.copytree(finished, folder / "run")
    model = folder / "run/model.keras"
    model.write_bytes(model.read_bytes()[:1000])
    assert "cannot be loaded" in run("predict", "run", image).output
    model.unlink()
    result = run("predict", "run", image)
    assert result.exit_code == 3
    assert "the run has not finished" in result.output
    manifest = json.loads((folder / "run/manifest.json").read_text())
    del manifest["model_card"]
    (folder / "run/manifest.json").write_text(json.dumps(manifest))
    result = run("predict", "run", image)
    assert result.exit_code == 3
    assert "does not record its tasks" in result.output
