"""Small networks, their twins in NumPy, and float64."""

import types

import keras
import numpy as np
import pytest

TASKS = ("a", "b", "c")
RATE = 0.1


@pytest.fixture
def float64():
    """Everything in double precision, as long as the test runs."""
    policy, floatx = keras.config.dtype_policy(), keras.config.floatx()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    yield
    keras.config.set_floatx(floatx)
    keras.config.set_dtype_policy(policy)


def build(tasks=TASKS, **trunk):
    """A `tanh` layer of 5 units that all tasks share, 2 outputs a task."""
    options = {"activation": "tanh", "name": "trunk", **trunk}
    x = keras.Input((4,), name="features")
    h = keras.layers.Dense(5, **options)(x)
    heads = {task: keras.layers.Dense(2, name=task)(h) for task in tasks}
    return keras.Model(x, heads, name="network")


def batches(count=4, size=6, tasks=TASKS, seed=0):
    """Batches `(x, {task: y})`."""
    numbers = np.random.default_rng(seed)
    dtype = keras.config.floatx()

    def draw(width):
        return numbers.normal(size=(size, width)).astype(dtype)

    return [(draw(4), {task: draw(2) for task in tasks}) for _ in range(count)]


def compiled(trainer, optimizer=None, eager=True, **options):
    """The trainer with mean squared errors on every task."""
    options = {"loss": "mse", "run_eagerly": eager, **options}
    optimizer = optimizer or keras.optimizers.SGD(RATE)
    trainer.compile(optimizer, **options)
    return trainer


def train(trainer, data):
    """Trains on each batch once; returns the trainer."""
    for batch in data:
        trainer.train_on_batch(*batch)
    return trainer


def parameters(model):
    """Path to value of every trainable variable."""
    return {v.path: np.array(v.value) for v in model.trainable_variables}


def assert_same(found, expected, **tolerance):
    """Compares dicts of arrays, to 1e-10 unless told otherwise."""
    tolerance = tolerance or {"rtol": 1e-10, "atol": 1e-12}
    assert sorted(found) == sorted(expected)
    for key, value in expected.items():
        np.testing.assert_allclose(found[key], value, err_msg=key, **tolerance)


class Network:
    """The network of `build` in NumPy, with gradients derived by hand."""

    def __init__(self, model):
        self.values = parameters(model)

    def losses(self, x, y):
        return {task: np.mean((y[task] - self(x)[task]) ** 2) for task in y}

    def features(self, x):
        kernel, bias = self.values["trunk/kernel"], self.values["trunk/bias"]
        return np.tanh(x @ kernel + bias)

    def __call__(self, x):
        h = self.features(x)
        return {
            path.split("/")[0]: h @ self.values[path]
            + self.values[path.replace("kernel", "bias")]
            for path in self.values
            if path.endswith("kernel") and not path.startswith("trunk")
        }

    def frontier_gradient(self, x, y, task):
        error = self(x)[task] - y[task]
        return 2 * error @ self.values[f"{task}/kernel"].T / error.size

    def through_trunk(self, x, at_frontier):
        inner = at_frontier * (1 - self.features(x) ** 2)
        return {"trunk/kernel": x.T @ inner, "trunk/bias": inner.sum(0)}

    def gradient(self, x, y, task):
        """Path to gradient of one task's loss; other heads are left out."""
        error = self(x)[task] - y[task]
        outer = 2 * error / error.size
        return {
            **self.through_trunk(x, self.frontier_gradient(x, y, task)),
            f"{task}/kernel": self.features(x).T @ outer,
            f"{task}/bias": outer.sum(0),
        }

    def jacobian(self, x, y, tasks=TASKS):
        """Gradients of the shared parameters, one row a task."""
        rows = [self.gradient(x, y, task) for task in tasks]
        keys = ("trunk/kernel", "trunk/bias")
        return np.stack(
            [np.concatenate([row[key].ravel() for key in keys]) for row in rows]
        )

    def unflattened(self, row):
        kernel = row[:20].reshape(4, 5)
        return {"trunk/kernel": kernel, "trunk/bias": row[20:]}


class SGD:
    """Gradient descent, with Keras's momentum."""

    def __init__(self, rate=RATE, momentum=0.0):
        self.rate, self.momentum, self.slots = rate, momentum, {}

    def step(self, network, gradients):
        for path, gradient in gradients.items():
            old = self.slots.get(path, 0.0)
            self.slots[path] = self.momentum * old - self.rate * gradient
            network.values[path] = network.values[path] + self.slots[path]


class Adam:
    """Adam with the epsilon where Keras has it, and one step counter."""

    def __init__(self, rate=0.01, betas=(0.9, 0.999), epsilon=1e-7):
        self.rate, self.betas, self.epsilon = rate, betas, epsilon
        self.count, self.slots = 0, {}

    def correction(self):
        # Keras casts the powers' bases by way of float32, even in float64.
        first, second = (float(np.float32(beta)) for beta in self.betas)
        return np.sqrt(1 - second**self.count) / (1 - first**self.count)

    def step(self, network, gradients):
        self.count += 1
        first, second = self.betas
        correction = self.correction()
        for path, gradient in gradients.items():
            m, v = self.slots.get(path, (0.0, 0.0))
            m = first * m + (1 - first) * gradient
            v = second * v + (1 - second) * gradient**2
            self.slots[path] = (m, v)
            step = self.rate * correction * m / (np.sqrt(v) + self.epsilon)
            network.values[path] = network.values[path] - step


def added(*gradients):
    """The sum of gradients given as dicts."""
    total = {}
    for gradient in gradients:
        for path, value in gradient.items():
            total[path] = total.get(path, 0.0) + value
    return total


@pytest.fixture(scope="session")
def kit():
    """The functions and classes of this file."""
    return types.SimpleNamespace(**globals())
