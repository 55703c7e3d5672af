"""All kinds of pictures over one study."""

import importlib.util
import xml.etree.ElementTree as ET

import pytest

from keras_mtl.errors import ConfigError
from keras_mtl.report.plots import KINDS, pictures
from keras_mtl.report.plots.radar import radar


@pytest.fixture
def drawn(telling, table):
    return pictures(table(telling))


def test_everything_is_drawn_that_the_data_allow(drawn):
    names = [picture.name for picture in drawn]
    assert len(set(names)) == len(names)
    for start in (
        "radar",
        "rates-cup.dice",
        "grid-callbacks.0.every.steps-callbacks.0.update-ratio",
        "loss-of-cup-validation",
        "total-loss-validation",
        "weight-of-disc",
        "cosine-shared",
        "distance-covered",
        "flatness-cup",
    ):
        assert any(name.startswith(start) for name in names), start
    assert "weight-of-cup" not in names  # it never moves
    assert "profile" not in names  # of two tasks only


def test_drawings_are_well_formed_and_take_the_colour_of_the_page(drawn):
    for picture in drawn:
        drawing = picture.svg()
        root = ET.fromstring(drawing)
        assert root.tag.endswith("svg")
        assert "currentColor" in drawing
        assert "<metadata>" not in drawing
        # A letter without a colour is black, whatever the page is.
        parents = {child: one for one in root.iter() for child in one}
        letters = [e for e in root.iter() if e.tag.endswith("}text")]
        assert letters
        assert all(
            "fill: " in e.get("style", parents[e].get("style", ""))
            for e in letters
        )
        ids = [e.get("id") for e in root.iter() if e.get("id")]
        assert all(name.startswith(f"{picture.name}-") for name in ids)
        used = {
            e.get("{http://www.w3.org/1999/xlink}href", "") for e in root.iter()
        }
        assert all(
            not link or link[1:] in ids or link.startswith("data:image/png")
            for link in used
        )


def test_drawings_are_the_same_every_time(telling, table):
    found = table(telling)
    first, again = radar(found)[0], radar(found)[0]
    assert first.svg() == again.svg()


def test_a_picture_of_dots(drawn):
    assert drawn[0].png().startswith(b"\x89PNG")


def test_runs_without_histories_are_no_crash(runs, table):
    runs.study(seeds=[0])
    found = table(runs.path)
    names = [p.name for kind in KINDS for p in kind(found)]
    assert names == ["profile"]
    (runs.path / "shared-0" / "history.csv").write_text("epoch,step\nx,1\n")
    assert len(pictures(found)) == 1


def test_matplotlib_is_asked_for_by_its_extra(monkeypatch, runs, table):
    runs.study(seeds=[0])
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"keras-mtl\[report\]"):
        pictures(table(runs.path))
