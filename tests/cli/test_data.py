import json

import numpy as np
import pytest
from PIL import Image

TASKS = {"grade": "{kind: classification, column: grade, classes: [a, b]}",
         "spots": "{kind: mask, file: mask}"}  # fmt: skip


@pytest.fixture
def config(tmp_path):
    """A folder of four images, one with a mask, and its configuration."""
    for number in range(4):
        pixels = np.full((8, 12, 3), 60 * number, np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    mask = np.zeros((8, 12), np.uint8)
    mask[:4, :6] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    (tmp_path / "table.csv").write_text(
        "image,grade,mask,part\n0.png,a,mask.png,train\n1.png,b,,train\n"
        "2.png,,,train\n3.png,a,,train\n"
    )
    tasks = "".join(f"    {name}: {block}\n" for name, block in TASKS.items())
    path = tmp_path / "config.yaml"
    path.write_text(
        "data:\n  name: image_folder\n  table: table.csv\n  split: part\n"
        f"  batch_size: 2\n  dir: {tmp_path}\n  tasks:\n{tasks}"
        "model: {name: lenet}\n"
    )
    return path


def test_check_counts_files_and_labels(run, config):
    result = run("data", "check", config, "--json")
    assert result.exit_code == 0, result.output
    train = json.loads(result.stdout)["splits"]["train"]
    assert train["samples"] == 4
    assert train["files"] == {"image": 4, "spots.0": 1}
    assert train["tasks"]["grade"]["labelled"] == 0.75
    assert train["tasks"]["grade"]["shares"] == {"a": 2 / 3, "b": 1 / 3}
    assert train["tasks"]["spots"]["labelled"] == 0.25
    assert train["tasks"]["spots"]["shares"] == {"yes": 0.25}


def test_check_prints_a_table(run, config):
    result = run("data", "check", config)
    assert result.exit_code == 0
    assert "a 66.7%, b 33.3%" in result.stdout
    assert "4 image, 1 spots.0" in result.stdout


def test_check_names_the_damaged_file(run, config):
    path = config.parent / "2.png"
    path.write_bytes(path.read_bytes()[:50])
    result = run("data", "check", config)
    assert result.exit_code == 3
    assert "2.png" in result.stderr
    assert "on_corrupt: skip" in result.stderr


def test_check_names_the_wrong_row(run, config):
    table = config.parent / "table.csv"
    table.write_text(table.read_text().replace("1.png,b", "1.png,c"))
    result = run("data", "check", config)
    assert result.exit_code == 3
    assert "table.csv, line 3" in result.stderr


def test_skipped_files_are_counted(run, config):
    path = config.parent / "2.png"
    data = path.read_bytes()
    path.write_bytes(data[:60] + bytes(len(data) - 60))
    setting = ["--set", "data.on_corrupt=skip"]
    result = run("data", "check", config, *setting)
    assert result.exit_code == 0, result.output
    assert "Left out of train: 1" in result.stdout


def test_preview_draws_every_label(run, config):
    out = config.parent / "sheets" / "sheet.png"
    result = run("data", "preview", config, "--out", out, "--count", 2)
    assert result.exit_code == 0, result.output
    pixels = np.asarray(Image.open(out).convert("RGB")).astype(int)
    # Columns: gap, input, gap, spots. The first row is image 0, all black.
    left = 6 + 192 + 6
    inside, outside = pixels[25, left + 20], pixels[130, left + 150]
    assert inside.max() > 100
    assert outside.max() < 10
    # The other row is image 3: grey, and dark where nothing is known.
    other = pixels[pixels.shape[0] // 2 + 25]
    assert abs(other[30] - 180).max() < 3
    assert abs(other[left + 20] - 45).max() < 3


def test_preview_needs_a_split_of_images(run, config):
    out = config.parent / "sheet.png"
    result = run("data", "preview", config, "--out", out, "--split", "test")
    assert result.exit_code == 2
    assert "no test split" in result.stderr
    (config.parent / "t.csv").write_text("x,y\n1,2\n2,3\n3,4\n4,5\n")
    config.write_text(
        "data:\n  name: csv\n  file: t.csv\n  batch_size: 1\n"
        f"  dir: {config.parent}\n"
        "  tasks: {y: {kind: regression}}\nmodel: {name: mlp}\n"
    )
    result = run("data", "preview", config, "--out", out)
    assert result.exit_code == 2
    assert "are no images" in result.stderr


TRAINED = """# A test.
data:
  name: image_folder
  table: table.csv
  split: part
  batch_size: 2
  tasks:
    grade: {kind: classification, classes: [a, b]}
model: {name: mlp, units: [4]}
fit: {epochs: 1}
"""


def test_training_names_the_damaged_file(run, config):
    path = config.parent / "2.png"
    path.write_bytes(path.read_bytes()[:50])
    config.write_text(TRAINED)
    setting = ["--set", f"data.dir={config.parent}"]
    result = run("fit", config, *setting, "--out", config.parent / "run")
    assert result.exit_code == 3
    assert f"{path} cannot be decoded" in result.stderr
