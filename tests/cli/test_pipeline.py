"""From a release to findings in photographs, through the command line."""

import csv
import json

import numpy as np
import pytest
import yaml
from PIL import Image

LAYOUT = """
about = "a release"
[[train]]
image = "train/{id}.png"
glaucoma = {table = "labels.csv", id = "id", column = "g", yes = [1], no = [0]}
disc = {file = "masks/{id}.png", yes = [1, 2], no = [0]}
cup = {file = "masks/{id}.png", yes = [2], no = [0, 1]}
[[test]]
image = "test/{id}.png"
glaucoma = {table = "labels.csv", id = "id", column = "g", yes = [1], no = [0]}
disc = {file = "masks/{id}.png", yes = [1, 2], no = [0]}
cup = {file = "masks/{id}.png", yes = [2], no = [0, 1]}
"""
CONFIG = {
    "data": {
        "name": "refuge",
        "layout": "own.toml",
        "dir": "release",
        "size": [16, 16],
        "batch_size": 2,
        "validation": 0,
    },
    "model": {"name": "unet", "widths": [2, 3]},
    "pipeline": "glaucoma",
    "fit": {"epochs": 1, "evaluate": "last"},
}


@pytest.fixture
def release(folder):
    (folder / "own.toml").write_text(LAYOUT)
    (folder / "own.yaml").write_text(yaml.safe_dump(CONFIG))
    home = folder / "release"
    for part in ("train", "test", "masks"):
        (home / part).mkdir(parents=True)
    lines = ["id,g"]
    for index in range(6):
        name, height = f"e{index}", 2 + 2 * (index % 2)
        mask = np.zeros((32, 32), np.uint8)
        mask[8:24, 8:24] = 1
        mask[12 : 12 + 2 * height, 10:20] = 2
        Image.fromarray(mask).save(home / "masks" / f"{name}.png")
        pixels = np.stack([100 * mask] * 3, -1)
        part = "train" if index < 4 else "test"
        Image.fromarray(pixels).save(home / part / f"{name}.png")
        lines.append(f"{name},{index % 2}")
    (home / "labels.csv").write_text("\n".join(lines))
    return home


@pytest.mark.slow
def test_fit_compare_and_predict(run, folder, release):
    done = run("fit", "own.yaml", "--out", "run", "--quiet")
    assert done.exit_code == 0, done.output
    tested = json.loads((folder / "run/metrics.json").read_text())["test"]
    assert "refined_dice" in tested["disc"]
    assert tested["cup"]["vcdr_undefined"] in (0, 1, 2)
    manifest = json.loads((folder / "run/manifest.json").read_text())
    found = manifest["metric_definitions"]["glaucoma"]["fused_auroc"]
    assert found["class"] == "keras_mtl.pipelines.glaucoma:Glaucoma"
    assert manifest["pipeline"]["vcdr_classifier"]["coefficient"] > 0

    wanted = ["--metric", "refined_dice", "--metric", "vcdr_undefined"]
    table = run("compare", "run", *wanted, "--format", "csv")
    assert table.exit_code == 0, table.output
    assert "refined_dice" in table.stdout

    done = run("predict", "run", "release/test", "--html", "--out", "out")
    assert done.exit_code == 0, done.output
    with (folder / "out/predictions.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["image"] for row in rows] == ["e4.png", "e5.png"]
    assert all(0 < float(row["glaucoma"]) < 1 for row in rows)
    assert (folder / "out/index.html").is_file()


def test_what_a_pipeline_cannot_do_is_an_error_of_the_configuration(
    run, folder, release
):
    wrong = {**CONFIG, "pipeline": "vessels"}
    (folder / "own.yaml").write_text(yaml.safe_dump(wrong))
    done = run("fit", "own.yaml", "--out", "run")
    assert done.exit_code == 2
    assert "own.yaml" in done.output
    assert "needs one of the tasks ['artery_vein', 'vessels']" in done.output


def test_a_page_needs_a_pipeline(run, folder):
    refused = run("predict", "run", "a.png", "--raw", "--html")
    assert refused.exit_code == 2
    assert "Give --raw or --html, not both" in refused.output


def test_a_folder_without_images(run, folder):
    (folder / "empty").mkdir()
    done = run("predict", "run", "empty")
    assert done.exit_code == 3
    assert "'empty' holds no image and no array" in done.output
