import keras
import pytest
from keras import layers

from keras_mtl.graph import parts
from keras_mtl.graph.flat_graph import flat_graph


@pytest.fixture
def graph():
    x = keras.Input((4,), name="x")
    h = layers.Dense(4, name="h")(x)
    skip = layers.Add(name="skip")([h, x])
    outputs = {
        "a": layers.Dense(1, name="a")(h),
        "b": layers.Dense(1, name="b")(skip),
    }
    return flat_graph(keras.Model(x, outputs))


def test_frontier(graph):
    frontier = parts.find_frontier(graph)
    x, h = graph.inputs[0], graph.calls[0].outputs[0]
    assert frontier.tensors == (x, h)
    assert frontier.differentiable == (False, True)
    assert frontier.tasks == (frozenset("b"), frozenset("ab"))


def test_names_of_the_parts(graph):
    frontier = parts.find_frontier(graph)
    assert parts.build_trunk(graph, frontier).name == "trunk"
    head = parts.build_head("b", graph, frontier)
    assert head.name == "b_head"
    assert [x.name for x in head.inputs] == ["frontier_0", "frontier_1"]
    assert [x.shape for x in head.inputs] == [(None, 4), (None, 4)]
    assert parts.build_forward(["a"], graph).name == "forward_a"


def test_the_trunk_returns_a_list_and_a_head_a_tensor(graph):
    frontier = parts.find_frontier(graph)
    assert isinstance(parts.build_trunk(graph, frontier).output, list)
    head = parts.build_head("a", graph, frontier)
    assert isinstance(head.output, keras.KerasTensor)


def test_forward_is_a_plain_keras_model(graph, tmp_path):
    model = parts.build_forward(["a"], graph)
    assert type(model).__module__.startswith("keras.")
    model.save(tmp_path / "a.keras")
    assert list(keras.saving.load_model(tmp_path / "a.keras").output) == ["a"]
