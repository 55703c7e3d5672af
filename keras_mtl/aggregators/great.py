"""GREAT: gradients are scaled until nobody can tell their task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from keras_mtl.aggregators.base import Aggregator, Reads
from keras_mtl.aggregators.solvers import all_present
from keras_mtl.typing import Shape, Tensor

# Limits of the factors, which an adversary would otherwise drive to zero.
SMALLEST, LARGEST = 0.1, 10.0


def great_slopes(
    samples: Tensor,
    factors: Tensor,
    classifier: Tensor,
    present: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Slopes of the loss of guessing the task of a gradient.

    The guess is a linear softmax of the scaled gradient, divided by its root
    mean square over all tasks; the loss is the mean cross-entropy.

    Args:
        samples: Float tensor, shape `(num_tasks, num_samples, size)`.
        factors: Float tensor, shape `(num_tasks, size)`: factors of the
            gradients.
        classifier: Float tensor, shape `(size, num_tasks)`.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.

    Returns:
        Slopes of the shapes of `classifier` and of `factors`; zero where a
        task is absent.

    Reference:
        [Sinha et al., 2018](https://arxiv.org/abs/1806.08028)
    """
    num_tasks, _, size = samples.shape
    mask = all_present(present, num_tasks)
    some = ops.cast(mask, samples.dtype)
    samples = ops.where(mask[:, None, None], samples, 0.0)
    number = ops.cast(ops.shape(samples)[1], samples.dtype) * ops.sum(some)
    square = ops.sum(ops.square(samples))
    mean = ops.sqrt(ops.divide_no_nan(square, number * size))
    unit = ops.divide_no_nan(samples, mean)
    scaled = unit * factors[:, None, :]
    logits = ops.matmul(scaled, classifier)
    logits = ops.where(mask, logits, -1e9)
    eye = ops.eye(num_tasks, dtype=samples.dtype)
    # By hand, as Keras warns of a softmax over a single task.
    guess = ops.exp(logits - ops.max(logits, axis=-1, keepdims=True))
    guess = guess / ops.sum(guess, axis=-1, keepdims=True)
    wrong = guess - eye[:, None, :]
    wrong = ops.divide_no_nan(wrong * some[:, None, None], number)
    of_classifier = ops.sum(
        ops.matmul(ops.transpose(scaled, (0, 2, 1)), wrong), axis=0
    )
    back = ops.matmul(wrong, ops.transpose(classifier))
    return of_classifier, ops.sum(back * unit, axis=1)


@keras.saving.register_keras_serializable(package="keras_mtl")
class GREAT(Aggregator):
    """Equalises the gradients of the tasks against an adversary, and sums.

    A classifier learns to tell the task from the gradient, and a factor per
    task and element learns to mislead it. Meant for gradients at the
    representation (`gradients="representation"`), where every sample counts;
    at the weights a variable's gradient is one sample. The published
    classifier is a small network trained with the model's optimizer; here it
    is linear, with steps of its own. Its native scale is that of a sum.

    Args:
        learning_rate: Of the classifier, positive, in units of gradients
            divided by their root mean square.
        reversal: Learning rate of the factors relative to it, at least 0.
        **kwargs: Arguments of `Aggregator`.

    Raises:
        ValueError: If an option is out of range.
    """

    reads: ClassVar[Reads] = "stack"
    paper: ClassVar[str] = (
        "Sinha et al., 2018, https://arxiv.org/abs/1806.08028"
    )
    guarantees: ClassVar[frozenset[str]] = frozenset(
        {"scale-equivariant", "permutation-equivariant", "deterministic"}
    )

    def __init__(
        self, learning_rate: float = 0.1, reversal: float = 1.0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if learning_rate <= 0.0 or reversal < 0.0:
            raise ValueError(
                "`learning_rate` must be positive and `reversal` at least 0. "
                f"Received: learning_rate={learning_rate!r}, reversal="
                f"{reversal!r}."
            )
        self.learning_rate = learning_rate
        self.reversal = reversal

    def build_state(
        self, num_tasks: int, shapes: Sequence[Shape], num_blocks: int = 1
    ) -> None:
        """Makes the classifiers and the factors."""
        sizes = [_size(shape) for shape in shapes]
        self.classifiers = [
            self.add_weight(
                (size, num_tasks),
                "zeros",
                trainable=False,
                name=f"classifier_{index}",
            )
            for index, size in enumerate(sizes)
        ]
        self.factors = [
            self.add_weight(
                (num_tasks, size),
                "ones",
                trainable=False,
                name=f"factors_{index}",
            )
            for index, size in enumerate(sizes)
        ]
        super().build_state(num_tasks, shapes, num_blocks)

    def native_sum(self, num_present: Tensor) -> Tensor:
        """`T`: the length of a sum, as the factors start at 1."""
        return num_present

    def combine(
        self, stack: Tensor, index: int = 0, present: Tensor | None = None
    ) -> Tensor:
        """Scales and sums, then lets the two sides learn."""
        num_tasks = stack.shape[0]
        mask = all_present(present, num_tasks)
        factors = ops.convert_to_tensor(self.factors[index])
        size = factors.shape[-1]
        samples = ops.reshape(stack, (num_tasks, -1, size))
        samples = ops.where(mask[:, None, None], samples, 0.0)
        scaled = samples * ops.cast(factors, samples.dtype)[:, None, :]
        self._learn(ops.cast(samples, factors.dtype), factors, index, mask)
        return ops.reshape(ops.sum(scaled, axis=0), ops.shape(stack)[1:])

    def _learn(
        self, samples: Tensor, factors: Tensor, index: int, mask: Tensor
    ) -> None:
        classifier = ops.convert_to_tensor(self.classifiers[index])
        slopes = great_slopes(samples, factors, classifier, mask)
        finite = ops.all(ops.isfinite(samples))
        usable = ops.logical_and(mask, finite)
        moved = classifier - self.learning_rate * slopes[0]
        self.classifiers[index].assign(ops.where(usable, moved, classifier))
        climbed = factors + self.learning_rate * self.reversal * slopes[1]
        climbed = ops.clip(climbed, SMALLEST, LARGEST)
        self.factors[index].assign(ops.where(usable[:, None], climbed, factors))

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            **super().get_config(),
            "learning_rate": self.learning_rate,
            "reversal": self.reversal,
        }


def _size(shape: Shape) -> int:
    """Elements of one sample: a first axis of unknown length is the batch."""
    size = 1
    for length in shape[1:] if shape and shape[0] is None else shape:
        size *= int(length or 1)
    return size
