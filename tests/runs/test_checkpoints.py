import json
import os
import shutil
from pathlib import Path

import pytest

from keras_mtl.errors import DataError
from keras_mtl.runs import Checkpoint, Checkpoints


class Fake:
    """Saves one number, as a trainer saves weights."""

    def __init__(self, value=0):
        self.value = value

    def save_weights(self, path):
        Path(path).write_text(str(self.value))

    def load_weights(self, path):
        self.value = int(Path(path).read_text())


@pytest.fixture
def checkpoints(tmp_path):
    return Checkpoints(tmp_path / "checkpoints")


def saved(checkpoints, *values, **options):
    for value in values:
        place = Checkpoint(epoch=value, step=10 * value, best=value / 10)
        checkpoints.save(Fake(value), place, **options)


def test_the_newest_comes_back_with_its_place(checkpoints):
    saved(checkpoints, 1, 2, 3)
    trainer = Fake()
    place = checkpoints.load_last(trainer)
    assert trainer.value == 3
    assert (place.epoch, place.step, place.best) == (3, 30, 0.3)


def test_nothing_saved_is_none(checkpoints):
    assert checkpoints.load_last(Fake()) is None
    assert checkpoints.best() is None


def test_two_are_kept(checkpoints):
    saved(checkpoints, 1, 2, 3)
    names = {path.name for path in checkpoints.folder.iterdir()}
    assert names == {
        "last.json",
        "last.weights.h5",
        "previous.json",
        "previous.weights.h5",
    }


@pytest.mark.parametrize("name", ["last.weights.h5", "last.json"])
def test_damaged_newest_falls_back_and_says_so(checkpoints, capsys, name):
    saved(checkpoints, 1, 2)
    (checkpoints.folder / name).write_text("torn")
    trainer = Fake()
    assert checkpoints.load_last(trainer).epoch == 1
    assert trainer.value == 1
    assert "is damaged; using the one before it" in capsys.readouterr().err


@pytest.mark.parametrize("damage", ["flipped bit", "truncation", "emptiness"])
def test_slight_damage_is_noticed(checkpoints, capsys, damage):
    saved(checkpoints, 1_000_001, 1_000_002)
    path = checkpoints.folder / "last.weights.h5"
    content = path.read_bytes()
    changed = bytes([content[0] ^ 1]) + content[1:]
    path.write_bytes(
        {
            "flipped bit": changed,
            "truncation": content[:-1],
            "emptiness": b"",
        }[damage]
    )
    trainer = Fake()
    assert checkpoints.load_last(trainer).epoch == 1_000_001
    assert trainer.value == 1_000_001
    assert f"{path} is damaged; using the one before" in capsys.readouterr().err


def test_the_good_one_survives_the_next_save(checkpoints):
    saved(checkpoints, 1, 2)
    (checkpoints.folder / "last.weights.h5").write_text("torn")
    again = Checkpoints(checkpoints.folder)
    again.load_last(Fake())
    saved(again, 3)
    (checkpoints.folder / "last.weights.h5").write_text("torn again")
    assert again.load_last(Fake()).epoch == 1


def test_both_damaged_is_an_error_that_names_them(checkpoints):
    saved(checkpoints, 1, 2)
    for name in ("last", "previous"):
        (checkpoints.folder / f"{name}.weights.h5").write_text("torn")
    with pytest.raises(DataError, match=r"last.weights.h5.*previous.weights"):
        checkpoints.load_last(Fake())


class Killed(BaseException):
    pass


def killed_at(monkeypatch, number, function):
    """Runs a function that dies at its n-th change of the disk."""
    left = [number]

    def counted(original):
        def change(*args, **kwargs):
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            return original(*args, **kwargs)

        return change

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", counted(Path.replace))
        patch.setattr(os, "link", counted(os.link))
        try:
            function()
        except Killed:
            return True
    return False


@pytest.mark.parametrize("best", [False, True])
def test_killed_at_any_moment_a_whole_checkpoint_is_left(
    checkpoints, monkeypatch, best, tmp_path
):
    saved(checkpoints, 1, 2, best=best)
    shutil.copytree(checkpoints.folder, tmp_path / "before")
    number = 0
    while killed_at(
        monkeypatch, number, lambda: saved(checkpoints, 3, best=best)
    ):
        survivor, trainer = Checkpoints(checkpoints.folder), Fake()
        place = survivor.load_last(trainer)
        assert place.epoch in (2, 3)
        assert trainer.value == place.epoch
        if best:
            assert survivor.load_best(trainer).epoch == trainer.value
            assert trainer.value in (2, 3)
        saved(survivor, 4, best=best)
        assert survivor.load_last(Fake()).epoch == 4
        shutil.rmtree(checkpoints.folder)
        shutil.copytree(tmp_path / "before", checkpoints.folder)
        number += 1
    assert number >= (6 if best else 4)


def test_damaged_best_is_an_error(checkpoints):
    saved(checkpoints, 1, best=True)
    (checkpoints.folder / "best.weights.h5").unlink()
    (checkpoints.folder / "best.weights.h5").write_text("torn")
    assert checkpoints.best() is None
    with pytest.raises(DataError, match="The best checkpoint"):
        checkpoints.load_best(Fake())


def test_a_failed_save_leaves_the_old_ones_and_no_rest(checkpoints):
    saved(checkpoints, 1)

    class Full(Fake):
        def save_weights(self, path):
            Path(path).write_text("half")
            raise RuntimeError("unable to flush file")

    with pytest.raises(DataError, match="unable to flush"):
        checkpoints.save(Full(), Checkpoint(epoch=2))
    assert checkpoints.load_last(Fake()).epoch == 1
    assert len(list(checkpoints.folder.iterdir())) == 2


def test_weights_of_another_network_say_so(checkpoints):
    saved(checkpoints, 1)

    class Other(Fake):
        def load_weights(self, path):
            raise ValueError("shapes differ.")

    with pytest.raises(DataError, match="does not fit this trainer: shapes"):
        checkpoints.load_last(Other())


def test_what_a_killed_process_left_is_removed(checkpoints):
    saved(checkpoints, 1)
    (checkpoints.folder / ".tmp-1-new.weights.h5").write_text("half")
    checkpoints.clean()
    assert len(list(checkpoints.folder.iterdir())) == 2


def test_numbers_that_json_lacks_are_null(checkpoints):
    place = Checkpoint(epoch=1, logs={"loss": float("nan")})
    checkpoints.save(Fake(), place)
    entry = json.loads((checkpoints.folder / "last.json").read_text())
    assert entry["logs"] == {"loss": None}
