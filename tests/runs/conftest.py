"""A data set and a trainer small enough to be trained in every test."""

import types

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.models import mlp
from keras_mtl.runs import RunFolder
from keras_mtl.trainers import Shared

TASKS = ("left", "right")


class TinySplit:
    """Batches of noise, in an order that depends on the epoch."""

    def __init__(self, num_batches, seed):
        self.num_batches = num_batches
        random = np.random.default_rng(seed)
        self.x = random.normal(size=(4 * num_batches, 3)).astype("float32")
        self.y = {
            task: (self.x @ random.normal(size=(3, 1))).astype("float32")
            for task in TASKS
        }

    def dataset(self, epoch=None):
        order = np.arange(len(self.x))
        if epoch is not None:
            order = np.random.default_rng(epoch).permutation(order)
        y = {task: values[order] for task, values in self.y.items()}
        return tf.data.Dataset.from_tensor_slices((self.x[order], y)).batch(4)


class TinyData:
    """The part of a data set that training uses; three epochs at most."""

    name = "tiny"
    fingerprint = "0123456789abcdef"

    def __init__(self):
        self.train = TinySplit(5, seed=1)
        self.validation = TinySplit(2, seed=2)
        self.test = TinySplit(2, seed=3)

    def train_stream(self, start_epoch=0, start_batch=0):
        stream = self.train.dataset(start_epoch).skip(start_batch)
        for epoch in range(start_epoch + 1, 4):
            stream = stream.concatenate(self.train.dataset(epoch))
        return stream.repeat()


def tiny_trainer(scheme=Shared, optimizer=None, **options):
    keras.utils.set_random_seed(7)
    model = mlp(
        dict.fromkeys(TASKS, 1), input_shape=(3,), units=(4,), dropout=0.3
    )
    trainer = scheme(model, **options)
    trainer.compile(
        optimizer or keras.optimizers.Adam(0.01),
        loss="mse",
        metrics={task: ["mean_absolute_error"] for task in TASKS},
    )
    return trainer


@pytest.fixture
def tiny(tmp_path):
    """What a test of training needs: data, trainers, runs, weights."""

    def new_run(name="run", **options):
        resolved = {"name": name, "seed": 0, "fit": {"epochs": 3}}
        path = tmp_path / name
        return RunFolder.create(path, "seed: 0\n", resolved, ["fit"], **options)

    def state(trainer):
        variables = trainer.variables + [
            v for o in trainer.optimizers.values() for v in o.variables
        ]
        return [keras.ops.convert_to_numpy(v) for v in variables]

    return types.SimpleNamespace(
        data=TinyData(), trainer=tiny_trainer, run=new_run, state=state
    )
