"""Shows the rate of Theorem 1: independent updates converge as O(1 / T).

    python benchmarks/convergence.py --steps 2000

Tasks are strongly convex quadratics of the same weights, with noisy targets,
and the step size is `2 / (mu (gamma + t))`. The slope of `E[F(w_T)] - F*` on
log-log axes comes from many NumPy runs; one run of the trainers with the noise
of the first of them shows that they take the same steps.

Reference: Pascal, Optimization Strategies in Multi-Task Learning: Averaged or
Independent Losses?
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from keras_mtl import trainers

Array = np.ndarray[Any, np.dtype[np.float64]]
NUM_TASKS, DIMENSION, ROWS = 3, 4, 32


@dataclass(frozen=True)
class Problem:
    """`F(w) = sum_k mean((maps[k] w - targets[k])^2)`.

    Args:
        maps: Shape `(num_tasks, rows, dimension)`.
        targets: Shape `(num_tasks, rows)`; each step sees them with noise.
    """

    maps: Array
    targets: Array

    @property
    def hessians(self) -> Array:
        """One per task, shape `(num_tasks, dimension, dimension)`."""
        return 2 / ROWS * np.einsum("kri,krj->kij", self.maps, self.maps)

    @property
    def optimum(self) -> Array:
        """Where `F` is smallest, shape `(dimension,)`."""
        linear = 2 / ROWS * np.einsum("kri,kr->i", self.maps, self.targets)
        return np.linalg.solve(self.hessians.sum(0), linear)

    def excess(self, w: Array) -> Array:
        """`F(w) - F*` for weights of shape `(..., dimension)`."""
        away = w - self.optimum
        return (
            np.einsum("...i,ij,...j->...", away, self.hessians.sum(0), away) / 2
        )

    def constants(self) -> tuple[float, float]:
        """`mu` and `gamma` of the step size."""
        curvatures = np.linalg.eigvalsh(self.hessians)
        mu = float(curvatures.min())
        return mu, max(2 * float(curvatures.max()) * NUM_TASKS / mu - 1, 1.0)


@keras.saving.register_keras_serializable(package="benchmarks")
class InverseTime(keras.optimizers.schedules.LearningRateSchedule):
    """The schedule `2 / (mu (gamma + t))`, with `t` counted in batches."""

    def __init__(self, mu: float, gamma: float, per_batch: int) -> None:
        self.mu, self.gamma, self.per_batch = mu, gamma, per_batch

    def __call__(self, step: Any) -> Any:
        """Learning rate at an optimizer's step."""
        t = ops.cast(ops.floor_divide(step, self.per_batch), "float64")
        return 2 / (self.mu * (self.gamma + t))

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return dict(vars(self))


def problem() -> Problem:
    random = np.random.default_rng(0)
    maps = random.normal(size=(NUM_TASKS, ROWS, DIMENSION))
    return Problem(maps, random.normal(size=(NUM_TASKS, ROWS)))


def noise(steps: int, runs: int) -> Array:
    """Added to the targets, shape `(steps, runs, num_tasks, rows)`."""
    random = np.random.default_rng(1)
    return random.normal(size=(steps, runs, NUM_TASKS, ROWS))


def numpy_runs(quadratics: Problem, noises: Array, joint: bool) -> Array:
    """Weights after every step, shape `(steps, runs, dimension)`."""
    mu, gamma = quadratics.constants()
    w = np.zeros((noises.shape[1], DIMENSION))
    path = []
    for t, noisy in enumerate(quadratics.targets + noises):
        start = w
        for k, rows in enumerate(quadratics.maps):
            at = start if joint else w
            residual = at @ rows.T - noisy[:, k]
            w = w - 2 / (mu * (gamma + t)) * 2 / ROWS * residual @ rows
        path.append(w)
    return np.stack(path)


def trainer_run(quadratics: Problem, noises: Array, scheme: str) -> Array:
    """Weights after the last step of a trainer, shape `(dimension,)`."""
    keras.config.set_dtype_policy("float64")
    model = linear_model(quadratics)
    trainer = getattr(trainers, scheme)(model)
    tasks = trainer.tasks
    # `Alternating` counts a step of its one optimizer for every task.
    per_batch = NUM_TASKS if scheme == "Alternating" else 1
    schedule = InverseTime(*quadratics.constants(), per_batch)
    trainer.compile(
        optimizer=keras.optimizers.SGD(schedule),
        loss=dict.fromkeys(tasks, "mean_squared_error"),
    )
    noisy = quadratics.targets + noises[:, 0]
    labels = {task: noisy[:, k] for k, task in enumerate(tasks)}
    ones = np.ones((len(noisy), 1))
    data = tf.data.Dataset.from_tensor_slices((ones, labels)).batch(1)
    trainer.fit(data, epochs=1, verbose=0, shuffle=False)
    return np.asarray(model.get_layer("shared").kernel)[0]


def linear_model(quadratics: Problem) -> Any:
    """Shared weights, and a constant linear map per task."""
    one = keras.Input((1,), name="one")
    dense = keras.layers.Dense
    shared = dense(
        DIMENSION, use_bias=False, kernel_initializer="zeros", name="shared"
    )(one)
    outputs = {}
    for k, rows in enumerate(quadratics.maps):
        head = dense(ROWS, use_bias=False, trainable=False, name=f"task_{k}")
        outputs[f"task_{k}"] = head(shared)
        head.set_weights([rows.T])
    return keras.Model(one, outputs)


def slope(excess: Array) -> float:
    """Of `log E[F(w_T)] - F*` over `log T`, on the last nine tenths."""
    steps = np.arange(1, len(excess) + 1)
    chosen = np.unique(
        np.geomspace(len(steps) / 10, len(steps), 50).astype(int)
    )
    logs = np.log(steps[chosen - 1]), np.log(excess[chosen - 1])
    return float(np.polyfit(*logs, deg=1)[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=200)
    options = parser.parse_args()
    quadratics, noises = problem(), noise(options.steps, options.runs)
    print(f"{'':12} {'slope':>8} {'E[F]-F* first':>14} {'last':>10} deviation")
    for scheme in ("Shared", "Alternating", "Independent"):
        path = numpy_runs(quadratics, noises, joint=scheme == "Shared")
        excess = quadratics.excess(path).mean(1)
        reached = trainer_run(quadratics, noises, scheme)
        deviation = np.abs(reached - path[-1, 0]).max()
        print(
            f"{scheme:12} {slope(excess):8.3f} {excess[0]:14.3g} "
            f"{excess[-1]:10.3g} {deviation:9.1e}"
        )


if __name__ == "__main__":
    main()
