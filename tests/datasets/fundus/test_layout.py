import pytest

from keras_mtl.datasets.fundus.layout import layout_names, read_layout
from keras_mtl.errors import ConfigError

GOOD = """
[[train]]
image = "a/{id}.png"
disc = {file = "m/{id}.png", yes = [255], no = [0]}
"""


@pytest.mark.parametrize("name", layout_names())
def test_every_layout_is_valid_and_explains_itself(name):
    layout = read_layout(name)
    assert layout.name == name
    assert layout.about != name
    assert {rule.kind for rule in layout.rules.values()} <= {
        "binary",
        "mask",
        "heatmap",
    }


def test_the_disc_and_the_cup_of_refuge_share_their_files():
    layout = read_layout("refuge")
    assert layout.tasks == ("glaucoma", "disc", "cup", "fovea")
    assert layout.share("disc", "cup")
    assert not layout.share("disc", "fovea")
    assert not read_layout("drishti_gs").share("disc", "cup")


def test_a_layout_of_ones_own(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(GOOD)
    layout = read_layout(str(path))
    assert (layout.name, layout.tasks) == ("own", ("disc",))
    first = layout.digest
    path.write_text(GOOD + "# more\n")
    assert read_layout(str(path)).digest != first


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[train", "cannot be read"),
        ("about = 'x'", r"must have `about`, and \[\[train\]\]"),
        (GOOD + GOOD.replace("train", "all"), "or .* alone"),
        (GOOD.replace("a/{id}", "a/id"), "`image`, a path with {id}"),
        (GOOD.replace("m/{id}", "m/id"), "`file`, a path with {id}"),
        (GOOD.replace("no = [0]", "no = [255]"), "each once"),
        (GOOD.replace("no = [0]", "no = [256]"), "in 0..255"),
        (GOOD.replace("yes = [255], ", ""), "the keys of one of"),
        (GOOD + GOOD.replace("[255]", "[1]"), "the same tasks"),
        (GOOD.replace("disc", "# disc"), "a task or more"),
        (
            GOOD.replace("yes = [255], no = [0]", "outline = 'xz'"),
            "one of xy, yx",
        ),
        (
            GOOD.replace(
                'file = "m/{id}.png"', 'table = "t.csv", id = "a", rows = "#"'
            ).replace("yes", 'column = "b", yes'),
            "`rows` to have {id}",
        ),
        (
            GOOD.replace(
                "yes = [255], no = [0]", "colours = {disc = ['pink']}"
            ),
            "Received: 'pink'",
        ),
    ],
)
def test_wrong_layouts_are_refused(tmp_path, text, expected):
    path = tmp_path / "own.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=expected):
        read_layout(str(path))


def test_a_missing_layout_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        read_layout(str(tmp_path / "none.toml"))
    with pytest.raises(ConfigError, match="one of drishti_gs"):
        read_layout("drishti")
