import pytest

from keras_mtl.datasets.files.folder_bounds import FolderBounds


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "data" / "images").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret.png").touch()
    return tmp_path / "data"


@pytest.mark.parametrize(
    "name", ["a.png", "images/a.png", "images/../a.png", "missing/a.png"]
)
def test_what_is_below_is_held(folder, name):
    assert FolderBounds(folder).holds(folder / name)


@pytest.mark.parametrize(
    "name",
    [
        "../elsewhere/secret.png",
        "images/../../elsewhere/secret.png",
        "images/../..",
        "..",
        "/etc/passwd",
        "\0/a.png",
    ],
)
def test_what_leaves_the_folder_is_not(folder, name):
    # An absolute name replaces the folder, as it does for the loaders.
    assert not FolderBounds(folder).holds(folder / name)


def test_links_are_followed(folder):
    outside = folder.parent / "elsewhere"
    (folder / "a.png").symlink_to(outside / "secret.png")
    (folder / "linked").symlink_to(outside)
    (folder / "b.png").symlink_to(folder / "images" / "b.png")
    bounds = FolderBounds(folder)
    assert not bounds.holds(folder / "a.png")
    assert not bounds.holds(folder / "linked" / "secret.png")
    assert bounds.holds(folder / "b.png")


def test_the_folder_may_be_a_link_itself(folder):
    (folder.parent / "link").symlink_to(folder)
    bounds = FolderBounds(folder.parent / "link")
    assert bounds.holds(folder.parent / "link" / "images" / "a.png")
    assert bounds.holds(folder / "a.png")
