import csv

import numpy as np
import pytest
from PIL import Image

from keras_mtl.cli.photographs import Finder, finder, write_findings
from keras_mtl.errors import ConfigError, DataError
from keras_mtl.pipelines import Glaucoma, Network, Vessels

STATE = {"vcdr_classifier": {"coefficient": 8.0, "intercept": -4.0}}
SIDE = 16


def card(pipeline, size=(SIDE, SIDE), state=None):
    return {
        "scaling": {"mean": 0.0, "std": 1.0},
        "pipeline": {"block": pipeline, "state": state, "size": size},
    }


def bright(images):
    """The disc is where a photograph is bright, the cup where it is white."""
    red = images[..., :1]
    return {
        "disc": 10 * (red - 0.4),
        "cup": 10 * (red - 0.9),
        "fovea": images[..., 2:],
        "glaucoma": np.zeros((len(images), 1)),
    }


def photograph(path, side=128, disc=True, **options):
    pixels = np.zeros((side, side, 3), np.uint8)
    part = side // 8
    if disc:
        pixels[2 * part : 6 * part, 2 * part : 6 * part, 0] = 160
        pixels[3 * part : 5 * part, 3 * part : 5 * part, 0] = 255
        pixels[part, 6 * part, 2] = 255
    Image.fromarray(pixels).save(path, **options)


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image)


def rows(path):
    with (path / "predictions.csv").open() as file:
        return list(csv.DictReader(file))


@pytest.fixture
def eyes():
    network = Network(bright, (SIDE, SIDE, 3))
    return Finder(Glaucoma(), network, card({}, state=STATE))


def test_masks_a_drawing_and_a_row_for_each_photograph(eyes, tmp_path, capsys):
    photograph(tmp_path / "a.png")
    photograph(tmp_path / "b.png", disc=False)
    Image.new("L", (20, 20)).save(tmp_path / "c.png")
    (tmp_path / "d.jpg").write_bytes(b"no image")
    names = ["a.png", "b.png", "c.png", "d.jpg"]
    out = tmp_path / "out"
    targets = {tmp_path / name: out / name[0] for name in names}
    with pytest.raises(DataError, match=r"2 of 4 photographs could not") as e:
        write_findings(eyes, targets, out, html=True)
    assert "c.png is grey (mode L)" in str(e.value)
    first, second, third, fourth = rows(out)
    assert float(first["vcdr"]) == 0.5
    assert float(first["glaucoma"]) == pytest.approx(0.5)
    assert (first["width"], first["height"]) == ("128", "128")
    assert first["remarks"] == ""
    found = pixels(out / first["disc_file"])
    assert found.shape == (128, 128)
    whole = np.zeros((128, 128), bool)
    whole[32:96, 32:96] = True
    assert (found == whole).mean() > 0.98
    assert pixels(out / first["overlay_file"]).shape == (128, 128, 3)
    # No disc: undefined, not 0, and the score is the network's alone.
    assert second["vcdr"] == ""
    assert second["glaucoma_vcdr"] == ""
    assert float(second["glaucoma"]) == 0.5
    assert second["remarks"].startswith("no optic disc was found; no fovea")
    assert "is grey" in third["error"]
    assert "d.jpg" in fourth["error"]
    assert capsys.readouterr().out.split()[-1] == str(out / "index.html")
    text = (out / "index.html").read_text()
    assert text.count("<article") == 4
    assert text.count("data:image/jpeg;base64,") == 2


def test_the_fovea_in_pixels_of_the_photograph(eyes, tmp_path):
    path = tmp_path / "a.png"
    pixels = np.zeros((64, 160, 3), np.uint8)
    pixels[16:20, 100:110, 2] = 255
    Image.fromarray(pixels).save(path)
    _, reading = eyes.find(path)
    assert reading.values["fovea_x"] == pytest.approx(104.5, abs=1)
    assert reading.values["fovea_y"] == pytest.approx(17.5, abs=1)


@pytest.mark.parametrize("size", [None, (32, 64)])
def test_vessels_of_a_photograph_in_tiles(size, tmp_path):
    def vessels(images):
        return {"vessels": images[..., :1] - 0.5, "glaucoma": images[:, 0, 0]}

    pixels = np.full((64, 128, 3), 60, np.uint8)
    pixels[20:40] = 255
    pixels[:4] = 0  # not in the field of view
    path = tmp_path / "a.png"
    Image.fromarray(pixels).save(path)
    known = card({}, size, {"maps": {"vessels": ["vessels"]}})
    found = Finder(Vessels(), Network(vessels, (32, 32, 3)), known)
    _, reading = found.find(path)
    assert reading.regions["vessels"].mask.shape == (64, 128)
    share = reading.values["vessels_share"]
    assert share == pytest.approx(20 / 64, abs=0.02)


def test_the_pipeline_of_a_card():
    network = Network(bright, (SIDE, SIDE, 3))
    assert finder(network, {"scaling": None}) is None
    block = {"name": "glaucoma", "published": True}
    found = finder(network, card(block))
    assert found.pipeline.published
    with pytest.raises(ConfigError, match=r"Did you mean 'glaucoma'"):
        finder(network, card({"name": "glaucom"}))


def test_inputs_that_are_not_recorded(eyes, tmp_path):
    photograph(tmp_path / "a.png")
    eyes.card["scaling"] = None
    with pytest.raises(ConfigError, match=r"does not record how"):
        eyes.find(tmp_path / "a.png")
