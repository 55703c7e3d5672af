"""Nothing grows with the length of a run but its curves."""

import gc
import itertools
import os
import sys

import keras
import pytest

from keras_mtl import datasets
from keras_mtl.models import mlp
from keras_mtl.runs import RunFolder, train
from keras_mtl.trainers import Shared

EPOCHS = 50
STEPS = 40
SETTLED = 20  # epochs after which allocators have what they need


class Watch(keras.callbacks.Callback):
    """Counts descriptors, memory, and files and bytes of the run."""

    def __init__(self, path):
        super().__init__()
        self.path = path
        self.descriptors, self.memory = [], []
        self.files, self.sizes = [], []

    def on_epoch_begin(self, epoch, logs=None):
        gc.collect()
        self.descriptors.append(len(os.listdir("/proc/self/fd")))
        with open("/proc/self/statm") as file:
            self.memory.append(int(file.read().split()[1]))
        files = [path for path in self.path.rglob("*") if path.is_file()]
        self.files.append(sorted(path.name for path in files))
        logs = [p for p in files if "tfevents" in p.name]
        self.sizes.append(sum(path.stat().st_size for path in logs))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_files_descriptors_and_memory_stay_as_they_are(tmp_path):
    keras.utils.set_random_seed(0)
    data = datasets.load(
        "multi_digits", batch_size=8, train_size=8 * STEPS, validation=0.05
    )
    units = {task: spec.num_outputs for task, spec in data.tasks.items()}
    trainer = Shared(mlp(units, data.input_shape, units=(8,)))
    losses = {task: spec.default_loss() for task, spec in data.tasks.items()}
    trainer.compile(keras.optimizers.Adam(1e-3), loss=losses)
    run = RunFolder.create(tmp_path / "run", "seed: 0\n", {"seed": 0}, ["fit"])
    watch, traces, step = Watch(run.path), [], trainer.train_step
    # Python runs it when it is traced, and not for every batch.
    trainer.train_step = lambda batch: traces.append(batch) or step(batch)
    options = {"epochs": EPOCHS, "evaluate": "last", "quiet": True}
    train(trainer, data, run, callbacks=[watch], **options)
    assert int(trainer.step) == EPOCHS * STEPS
    assert len(traces) == 1
    assert max(watch.descriptors[2:]) == min(watch.descriptors[2:])
    assert watch.memory[-1] <= 1.01 * max(watch.memory[1:SETTLED])
    # Last, previous and best checkpoint, and one file for each curve.
    assert watch.files[-1] == watch.files[2]
    assert 2 <= len(list(run.path.rglob("*tfevents*"))) <= 3
    pairs = itertools.pairwise(watch.sizes[2:])
    growth = [after - before for before, after in pairs]
    assert max(growth) < 4096
    assert len(run.history) == EPOCHS
