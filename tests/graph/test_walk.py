"""The file that reads Keras's internals, and the versions it was read with."""

import re
from pathlib import Path

import keras
import pytest
from keras import layers

import keras_mtl.graph
from keras_mtl.graph import walk

CHECKED = ("3.15",)
INTERNALS = re.compile(
    r"_keras_history|_nodes_by_depth|_inbound_nodes|_run_through_graph|"
    r"keras\.src|_call_context_args|node\.arguments|\._functional\b"
)


def small():
    x = keras.Input((3,), name="x")
    h = layers.Dense(2, name="h")(x)
    return keras.Model(x, {"a": layers.Dense(1, name="a")(h), "b": h})


def test_the_version_of_keras_was_checked():
    if keras.__version__.rsplit(".", 1)[0] not in CHECKED:
        pytest.skip(
            f"keras {keras.__version__} is newer than those checked: "
            f"{CHECKED}. If all of tests/graph passes, add it here."
        )


def test_no_other_file_reads_the_internals():
    folder = Path(keras_mtl.graph.__file__).parent
    for path in folder.glob("*.py"):
        if path.name != "walk.py":
            assert not INTERNALS.findall(path.read_text(encoding="utf-8"))


def test_nodes_run_in_order():
    names = [node.operation.name for node in walk.nodes(small())]
    assert names == ["h", "a"]


def test_functional_graphs_are_told_from_other_operations():
    model = small()
    assert walk.as_functional(model) is model
    inner = walk.as_functional(keras.Sequential([keras.Input((3,)), model]))
    assert inner is not None
    assert walk.as_functional(layers.Dense(1)) is None
    assert walk.as_functional(keras.Sequential([layers.Dense(1)])) is None


def test_a_copied_node_calls_the_same_layer_on_other_tensors():
    model = small()
    node = walk.nodes(model)[0]
    x = keras.Input((3,), name="other")
    env = {id(model.inputs[0]): x}
    copy = walk.copy_node(node, env, {"training": False})
    assert copy.operation is node.operation
    assert walk.node_inputs(copy) == [x]
    made = env[id(node.outputs[0])]
    assert made.shape == (None, 2)
    keras.Model(x, made)


def test_context_is_for_those_who_take_it():
    x = keras.Input((3,), name="x")
    y = layers.Dropout(0.5)(layers.ReLU()(x), training=True)
    model = keras.Model(x, y)
    env = {id(x): keras.Input((3,), name="z")}
    kwargs = [
        walk.copy_node(node, env, {"training": False}).arguments.kwargs
        for node in walk.nodes(model)
    ]
    assert [k.get("training") for k in kwargs] == [False, False]


def test_names_are_unique_for_a_while():
    x = keras.Input((3,), name="x")
    first, second = (layers.Dense(3, name="same") for _ in range(2))
    y = second(first(x))
    nodes = [y._keras_history.operation._inbound_nodes[0]]
    nodes.append(first._inbound_nodes[0])
    with pytest.raises(ValueError, match="is used 2 times"):
        keras.Model(x, y)
    with walk.unique_names(nodes, x):
        assert first.name != second.name
        keras.Model(x, y)
    assert first.name == second.name == "same"


def test_names_come_back_after_an_error():
    x = keras.Input((3,), name="x")
    layer = layers.Dense(1, name="x")
    layer(x)
    with (
        pytest.raises(RuntimeError),
        walk.unique_names(layer._inbound_nodes, x),
    ):
        raise RuntimeError
    assert layer.name == "x"


def test_inputs_like_a_tensor():
    x = keras.Input((None, 3), dtype="int32", name="x", optional=True)
    like = walk.input_like(x, "like")
    assert (like.shape, like.dtype, like.name) == (x.shape, "int32", "like")
    assert walk.input_like(layers.Flatten()(like), "y").dtype == "int32"


class Chooser(keras.layers.Layer):
    """Reads one of its variables, as it is told."""

    def build(self, input_shape):
        self.each = [self.add_weight((), name=n) for n in ("first", "second")]

    def call(self, x, index):
        return x * self.each[index]

    def call_variables(self, x, index):
        return [self.each[index]]


def test_a_call_may_read_some_variables_of_its_operation():
    x = keras.Input((3,))
    layer = Chooser()
    model = keras.Model(x, [layer(x, index=0), layer(x, index=1)])
    found = [
        [v.name for v in walk.node_variables(n)] for n in walk.nodes(model)
    ]
    assert sorted(found) == [["first"], ["second"]]
