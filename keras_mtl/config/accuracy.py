"""The metric that a configuration calls `accuracy`."""

from __future__ import annotations


def accuracy() -> str:
    """The accuracy that fits the task's loss.

    Class ids for `sparse_categorical_crossentropy`, one-hot labels for
    `categorical_crossentropy`; logits are thresholded at 0 for
    `binary_crossentropy`.

    Returns:
        The name under which the trainer chooses it.
    """
    return "accuracy"
