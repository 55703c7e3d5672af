"""What a configuration becomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

    from keras_mtl.config.schema import RunConfig
    from keras_mtl.config.transfer import Transfer
    from keras_mtl.datasets import MultiTaskData
    from keras_mtl.pipelines import Pipeline


@dataclass(frozen=True)
class Experiment:
    """Data, network and compiled trainer of one run.

    Args:
        config: The configuration they were built from.
        data: The data set.
        model: The network, a plain Keras model with one output a task.
        trainer: The compiled trainer that wraps it.
        callbacks: Further callbacks to train with.
        transfer: What the network took over from a trained one.
        pipeline: What is done with its outputs.
    """

    config: RunConfig
    data: MultiTaskData
    model: keras.Model
    trainer: Any
    callbacks: tuple[Any, ...] = ()
    transfer: Transfer | None = None
    pipeline: Pipeline | None = None
