import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.aggregators import GradVac, pcgrad_weights


def reference(jacobian, targets, beta):
    """The algorithm of the paper, on the gradients themselves."""
    total = np.zeros(jacobian.shape[1])
    norm = np.linalg.norm
    for task in range(len(jacobian)):
        gradient = jacobian[task].copy()
        for other in range(len(jacobian)):
            if other == task:
                continue
            cosine = gradient @ jacobian[other]
            cosine /= norm(gradient) * norm(jacobian[other])
            wanted = targets[task, other]
            if cosine < wanted:
                amount = wanted * np.sqrt(1 - cosine**2)
                amount -= cosine * np.sqrt(1 - wanted**2)
                amount *= norm(gradient) / norm(jacobian[other])
                amount /= np.sqrt(1 - wanted**2)
                gradient = gradient + amount * jacobian[other]
            targets[task, other] = (1 - beta) * wanted + beta * cosine
        total += gradient
    return total


@pytest.mark.parametrize("num_tasks", [3, 10])
def test_it_is_the_published_algorithm(num_tasks):
    aggregator = GradVac(beta=0.3, order="given", dtype="float64")
    aggregator.build_state(num_tasks, [])
    step = tf.function(aggregator.task_weights)
    targets = np.zeros((num_tasks, num_tasks))
    rng = np.random.default_rng(0)
    for _ in range(4):
        jacobian = rng.normal(size=(num_tasks, 20)) + 0.3
        expected = reference(jacobian, targets, 0.3)
        found = step(jacobian @ jacobian.T).numpy() @ jacobian
        np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-9)
        np.testing.assert_allclose(aggregator.targets[0], targets, atol=1e-9)


def test_the_first_step_is_pcgrad():
    jacobian = np.random.default_rng(1).normal(size=(4, 5))
    gram = jacobian @ jacobian.T
    aggregator = GradVac(order="given", dtype="float64")
    np.testing.assert_allclose(
        aggregator.task_weights(gram), pcgrad_weights(gram), rtol=1e-9
    )


def test_each_block_has_targets_of_its_own():
    rng = np.random.default_rng(2)
    stacks = [rng.normal(size=(3, 4)) for _ in range(2)]
    grams = np.stack([stack @ stack.T for stack in stacks])
    options = {"order": "given", "dtype": "float64"}
    whole = GradVac(group="matrix", **options)
    whole.build_state(3, [], 2)
    assert whole.granularity == "matrix"
    parts = [GradVac(**options) for _ in stacks]
    for _ in range(3):
        found = whole.block_weights(grams)
        for row, part, gram in zip(found, parts, grams, strict=True):
            np.testing.assert_allclose(row, part.task_weights(gram))


@pytest.mark.parametrize(
    "options", [{"beta": 1.5}, {"group": "model"}, {"order": "any"}]
)
def test_bad_options_are_refused(options):
    with pytest.raises(ValueError, match=f"`{next(iter(options))}` must be"):
        GradVac(**options)
