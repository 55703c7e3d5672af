import numpy as np

from keras_mtl import trainers
from keras_mtl.graph import split
from keras_mtl.models import dselect_k


def test_gates_belong_to_their_tasks_and_experts_to_all():
    model = dselect_k({"a": 2, "b": 1}, (2, 3), 4, units=(3,))
    parts = split(model)
    assert {v.path.split("_")[0] for v in parts.shared_variables} == {
        f"expert{i}" for i in (1, 2, 3, 4)
    }
    paths = [v.path for v in parts.task_variables["a"]]
    assert "a_gate/numbers" in paths


def test_the_entropy_of_the_gates_is_trained():
    model = dselect_k({"a": 1, "b": 1}, (3,), 4, entropy_weight=0.5, units=(3,))
    trainer = trainers.Shared(model)
    trainer.compile("sgd", loss="mse")
    x = np.ones((4, 3), "float32")
    y = {task: np.zeros((4, 1)) for task in "ab"}
    logs = trainer.evaluate(x, y, return_dict=True, verbose=0)
    gates = [model.get_layer(f"{task}_gate") for task in "ab"]
    for gate in gates:
        gate(x)
    entropy = sum(float(gate.losses[0]) for gate in gates)
    tasks = logs["a_loss"] + logs["b_loss"]
    np.testing.assert_allclose(logs["loss"], tasks + entropy, rtol=1e-4)
    before = [gate.numbers.numpy() for gate in gates]
    trainer.fit(x, y, verbose=0)
    for gate, numbers in zip(gates, before, strict=True):
        assert np.abs(gate.numbers.numpy() - numbers).max() > 0
