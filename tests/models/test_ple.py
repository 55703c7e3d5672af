import numpy as np
import pytest

from keras_mtl.graph import split
from keras_mtl.models import cgc, ple

TASKS = {"a": 2, "b": 1}


def test_outputs_are_those_of_the_equations(dense, softmax):
    model = ple(TASKS, (5,), 2, 2, 3, units=(4,))

    def experts(owner, level, x, count):
        return [
            np.maximum(
                dense(model, f"{owner}_level{level}_expert{i}_dense1", x), 0
            )
            for i in range(1, count + 1)
        ]

    def mixed(owner, level, x, found):
        gate = softmax(dense(model, f"{owner}_level{level}_gate", x))
        return np.einsum("be,ebc->bc", gate, np.stack(found))

    x = np.random.default_rng(0).normal(size=(7, 5)).astype("float32")
    read = dict.fromkeys(("a", "b", "shared"), x)
    for level in (1, 2):
        made = {
            owner: experts(owner, level, read[owner], count)
            for owner, count in (("a", 2), ("b", 2), ("shared", 3))
        }
        sources = {task: made[task] + made["shared"] for task in "ab"}
        if level == 1:
            sources["shared"] = made["a"] + made["b"] + made["shared"]
        read = {
            owner: mixed(owner, level, read[owner], found)
            for owner, found in sources.items()
        }
    for task, output in model(x).items():
        expected = dense(model, f"{task}_logits", read[task])
        np.testing.assert_allclose(output, expected, rtol=1e-4, atol=1e-5)


def test_the_last_experts_of_a_task_are_its_own():
    parts = split(ple(TASKS, (5,), 2, units=(4,)))
    own = [v.path for v in parts.task_variables["a"]]
    assert "a_level2_expert1_dense1/kernel" in own
    assert not any(path.startswith("a_level1_expert") for path in own)
    forward = parts.forward(["a"])
    assert not any("b_level2" in layer.name for layer in forward.layers)


def test_no_task_may_have_the_name_of_the_shared_experts():
    with pytest.raises(ValueError, match="may be named 'shared'"):
        ple({"shared": 1}, (5,))


@pytest.mark.parametrize(
    "option", ["num_levels", "num_experts", "num_shared_experts"]
)
def test_numbers_out_of_range(option):
    with pytest.raises(ValueError, match=f"`{option}` must be"):
        ple(TASKS, (5,), **{option: 0})


def test_one_level_is_customized_gate_control():
    one, other = ple(TASKS, (5,), 1, 2, 3), cgc(TASKS, (5,), 2, 3)
    names = [[layer.name for layer in m.layers] for m in (one, other)]
    assert names[0] == names[1]
    assert other.name == "cgc"
