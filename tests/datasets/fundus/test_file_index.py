import pytest

from keras_mtl.datasets.fundus.file_index import FileIndex, compiled
from keras_mtl.errors import DataError


@pytest.fixture
def root(tmp_path):
    for name in (
        "a/10.jpg",
        "a/2.JPG",
        "a/a/3.png",
        "b/2/2_disc.png",
        "b/2/10_disc.png",
        ".hidden/1.jpg",
        "__MACOSX/a/9.jpg",
        "t.xlsx",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("a/{id}.jpg", ["2", "10"]),
        ("**/a/**/{id}.{jpg,png}", ["2", "10", "3"]),
        ("**/{id}/{id}_*.png", ["2"]),
        ("c/{id}.jpg", []),
    ],
)
def test_samples(root, pattern, expected):
    index = FileIndex(root)
    found = index.samples(pattern)
    assert list(found) == expected
    assert all(path.startswith(str(root)) for path in found.values())


def test_two_files_of_one_name_are_named(root):
    (root / "a/a/2.png").touch()
    with pytest.raises(DataError, match=r"2\.JPG.* are both the file of '2'"):
        FileIndex(root).samples("**/a/**/{id}.{jpg,png}")


def test_one_file(root):
    index = FileIndex(root)
    assert index.one("**/*.xlsx", "labels") == root / "t.xlsx"
    with pytest.raises(DataError, match=r"one file \*\.csv .* with labels"):
        index.one("*.csv", "labels")
    with pytest.raises(DataError, match=r"There are: a/2\.JPG, a/10\.jpg"):
        index.one("a/*.jpg", "labels")


def test_a_circle_of_links_ends(root):
    (root / "a/loop").symlink_to(root)
    assert len(FileIndex(root).names) == 6


def test_patterns_are_no_regular_expressions():
    assert compiled("a.b/{id}").fullmatch("a.b/x")
    assert not compiled("a.b/{id}").fullmatch("acb/x")
