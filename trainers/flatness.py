"""How flat the minimum is that each task shares with the others."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from keras_mtl.trainers.batches import input_names, make_batch
from keras_mtl.trainers.encoders import find_encoders
from keras_mtl.trainers.trainer import Trainer

Curves = dict[str, dict[float, float]]


def flatness(
    trainer: Trainer,
    batches: Iterable[Any],
    bounds: Sequence[float],
    num_samples: int = 5,
    seed: int = 0,
) -> Curves:
    """Losses under uniform noise on the other tasks' encoders.

    A minimum is flat for a task if its loss hardly grows with the bound. The
    same draws serve all bounds and batches, so that curves are smooth and
    runs can be compared. Nothing is trained or changed.

    Args:
        trainer: A compiled trainer of a cooperative network: `Cooperative`,
            or one of the ordinary schemes to compare it with.
        batches: Elements `(x, y)` or `(x, y, sample_weight)` as for
            `evaluate`; gone through once.
        bounds: Sizes of the noise, 0 or more, in units of the weights. 0 is
            the loss without noise.
        num_samples: Draws of noise that the losses are averaged over.
        seed: Seed of the noise, apart from that of the training.

    Returns:
        Task to bound to mean loss over all labelled elements and draws; NaN
        for a task without labels.

    Raises:
        ValueError: If the trainer is not compiled, its model has no separate
            encoders, there is no batch, or a number is out of its range.
    """
    _check(trainer, bounds, num_samples)
    functions = _functions(trainer, seed)
    totals = {task: np.zeros((len(bounds), 2)) for task in trainer.tasks}
    for element in batches:
        for task, loss in functions.items():
            for row, bound in enumerate(bounds):
                totals[task][row] += _summed(loss, element, bound, num_samples)
    if not any(total[:, 1].any() for total in totals.values()):
        raise ValueError(
            "`batches` must hold at least one batch with labels. Received: "
            f"batches={batches!r}. A stream can be gone through once only: "
            "make a new one."
        )
    return {
        task: {
            float(bound): float(value / count) if count else math.nan
            for bound, (value, count) in zip(bounds, total, strict=True)
        }
        for task, total in totals.items()
    }


def _functions(trainer: Trainer, seed: int) -> dict[str, Any]:
    """Task to its compiled loss under noise."""
    # Late, so that a backend is chosen on first use.
    from keras_mtl.backend.noisy_loss import noisy_loss

    encoders = find_encoders(trainer.split)
    names = input_names(trainer.model)
    return {
        task: noisy_loss(
            trainer.split.forward((task,)),
            task,
            trainer.task_losses[task],
            encoders.others(task),
            lambda data: make_batch(data, trainer.tasks, names),
            seed,
        )
        for task in trainer.tasks
    }


def _summed(
    loss: Any, element: Any, bound: float, num_samples: int
) -> np.ndarray[Any, Any]:
    """Sum of the losses of all draws and elements, and their number."""
    total = np.zeros(2)
    # Without noise all draws are the same.
    for draw in range(num_samples if bound > 0 else 1):
        value, count = loss(
            element, tf.constant(bound, tf.float64), tf.constant(draw)
        )
        total += float(count) * np.array([float(value), 1.0])
    return total


def _check(trainer: Trainer, bounds: Sequence[float], num_samples: int) -> None:
    if not trainer.compiled:
        raise ValueError(
            "`flatness` needs a compiled trainer, whose losses it measures. "
            "Call `trainer.compile(...)` first."
        )
    if not len(bounds) or not all(0 <= bound < math.inf for bound in bounds):
        raise ValueError(
            "`bounds` must be one or more finite numbers, 0 or more. "
            f"Received: bounds={bounds!r}."
        )
    if num_samples < 1:
        raise ValueError(
            "`num_samples` must be an integer, 1 or more. Received: "
            f"num_samples={num_samples!r}."
        )
