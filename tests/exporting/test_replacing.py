import pytest

from keras_mtl.errors import DataError
from keras_mtl.exporting.replacing import replacing


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_whole(tmp_path):
    path = tmp_path / "new" / "a.txt"
    with replacing(path) as temporary:
        temporary.write_text("half")
        assert temporary.suffix == ".txt"
        assert not path.exists()
        temporary.write_text("whole")
    assert path.read_text() == "whole"
    assert names(path.parent) == ["a.txt"]


def test_a_folder_takes_the_place_of_another(tmp_path):
    path = tmp_path / "a"
    (path / "deep").mkdir(parents=True)
    with replacing(path) as temporary:
        temporary.mkdir()
        (temporary / "one").write_text("1")
        assert names(path) == ["deep"]
    assert names(path) == ["one"]
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("folder", [False, True])
def test_an_exception_leaves_what_was_there(tmp_path, folder):
    path = tmp_path / "a"
    path.write_text("old")

    def write():
        with replacing(path) as temporary:
            if folder:
                temporary.mkdir()
                temporary /= "part"
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a"]


def test_the_system_s_errors_are_told(tmp_path):
    def write():
        with replacing(tmp_path / "a"):
            raise OSError(28, "No space left on device")

    with pytest.raises(DataError, match=r"No space left.*Free space"):
        write()
    assert not names(tmp_path)
