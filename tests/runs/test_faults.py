"""Full and read-only disks, and data that vanish, in the middle of a run."""

import errno
import os
import shutil

import keras
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from keras_mtl.cli.app import app
from keras_mtl.datasets import load
from keras_mtl.errors import DataError
from keras_mtl.models import mlp
from keras_mtl.runs import Checkpoints, RunFolder, atomic, train
from keras_mtl.trainers import Shared


class Disk:
    """Counts the writes that reach the disk, and lets the n-th one fail."""

    def __init__(self, monkeypatch, code=errno.ENOSPC):
        self.left = None
        self.writes = 0
        self.code = code
        sync = atomic.sync

        def counted(path):
            self.writes += 1
            if self.left is not None:
                self.left -= 1
                if self.left < 0:
                    raise OSError(code, os.strerror(code))
            sync(path)

        monkeypatch.setattr("keras_mtl.runs.atomic.sync", counted)
        monkeypatch.setattr("keras_mtl.runs.checkpoints.sync", counted)


def weights(tiny, run):
    trainer = tiny.trainer()
    trainer.load_weights(run.last_weights)
    return tiny.state(trainer)


@pytest.mark.slow
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_whichever_write_fails_the_run_ends_clearly_and_goes_on(
    tiny, monkeypatch, code
):
    options = {"epochs": 3, "quiet": True}
    disk = Disk(monkeypatch, code)
    whole, trainer = tiny.run("whole"), tiny.trainer()
    disk.writes = 0
    train(trainer, tiny.data, whole, **options)
    total = disk.writes
    assert total > 20
    # A few of them; they take turns in what they write.
    some = (0, 5, total // 3, total - 5)
    for number in some if code == errno.ENOSPC else (total // 2 + 1,):
        run = tiny.run(f"run{number}")
        disk.left = number
        with pytest.raises(DataError, match=os.strerror(code)) as caught:
            train(tiny.trainer(), tiny.data, run, **options)
        assert "is intact" in str(caught.value)
        disk.left = None
        again = RunFolder.open(run.path)
        train(tiny.trainer(), tiny.data, again, resume=True, **options)
        assert not list(run.path.rglob(".tmp-*"))
        for a, b in zip(
            weights(tiny, again), weights(tiny, whole), strict=True
        ):
            np.testing.assert_array_equal(a, b)


def test_full_disk_under_the_curves_ends_clearly(tiny, monkeypatch):
    from keras_mtl.callbacks import event_log

    class Full:
        def __init__(self, file):
            self.file = file

        def write(self, data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    run = tiny.run()
    with monkeypatch.context() as patch:
        patch.setattr(event_log, "RecordWriter", Full)
        with pytest.raises(DataError, match="No space left on device"):
            train(tiny.trainer(), tiny.data, run, epochs=1, quiet=True)
    assert RunFolder.open(run.path).manifest["status"] == "failed"


def test_a_folder_that_cannot_be_made_is_exit_code_3(tmp_path):
    (tmp_path / "file").write_text("")
    out = str(tmp_path / "file" / "run")
    small = ["--set", "data.train_size=64", "--set", "model={name: mlp}"]
    result = CliRunner().invoke(app, ["fit", "--out", out, *small])
    assert result.exit_code == 3, result.output
    assert "Could not write" in result.output


@pytest.fixture
def image_data(tmp_path):
    """Loads images that can be taken away, 8 for training."""

    def make(suffix):
        folder = tmp_path / "images"
        folder.mkdir()
        lines = ["image,sex,age"]
        generator = np.random.default_rng(0)
        for index in range(12):
            pixels = generator.integers(0, 256, (4, 4, 3), np.uint8)
            Image.fromarray(pixels).save(folder / f"{index}.{suffix}")
            lines.append(f"{index}.{suffix},{index % 2},{index}")
        (folder / "table.csv").write_text("\n".join(lines))
        data = load(
            "image_folder",
            dir=str(folder),
            table="table.csv",
            tasks={"sex": {"kind": "binary"}, "age": {"kind": "regression"}},
            batch_size=2,
            validation=2,
            test=2,
        )
        return folder, data

    return make


class TakeAway(keras.callbacks.Callback):
    """Renames a folder after the first epoch."""

    def __init__(self, folder):
        super().__init__()
        self.folder = folder

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            self.folder.rename(self.folder.with_name("taken"))


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_data_that_vanish_end_clearly_and_the_run_goes_on(
    tiny, image_data, suffix
):
    folder, data = image_data(suffix)

    def trainer():
        keras.utils.set_random_seed(0)
        units = {task: spec.num_outputs for task, spec in data.tasks.items()}
        made = Shared(mlp(units, data.input_shape, units=(4,)))
        losses = {t: spec.default_loss() for t, spec in data.tasks.items()}
        made.compile(keras.optimizers.Adam(0.01), loss=losses)
        return made

    run = tiny.run()
    # The stream reads ahead, and must not have read the second epoch.
    options = {"epochs": 20, "quiet": True}
    with pytest.raises(DataError, match=r"\.(png|tif)") as caught:
        train(trainer(), data, run, callbacks=[TakeAway(folder)], **options)
    assert str(folder) in str(caught.value)
    assert RunFolder.open(run.path).manifest["status"] == "failed"
    place = Checkpoints(run.checkpoints).load_last(trainer())
    assert 1 <= place.epoch < 20
    shutil.move(folder.with_name("taken"), folder)
    metrics = train(trainer(), data, run, resume=True, **options)
    assert metrics["last"]["epoch"] == 20
