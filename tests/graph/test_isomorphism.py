import keras
import pytest

import keras_mtl
from keras_mtl.graph.flat_graph import flat_graph
from keras_mtl.graph.isomorphism import is_one_to_one, isomorphism, unnamed


def network(*heads, width=3):
    """Tasks `t0`, `t1`, ... on one trunk; a head is a function of it."""
    x = keras.Input((4,), name="features")
    h = keras.layers.Dense(width, name="trunk")(x)
    outputs = {f"t{i}": head(h, f"t{i}") for i, head in enumerate(heads)}
    return flat_graph(keras.Model(x, outputs))


def head(activation="relu", units=2, policy=None, names="{}_{}"):
    def make(x, task):
        name = names.format(task, "hidden")
        x = keras.layers.Dense(
            3, activation=activation, name=name, dtype=policy
        )(x)
        x = keras.layers.BatchNormalization(name=f"{task}_norm")(x)
        x = keras.layers.Dropout(0.5, name=f"{task}_drop")(x)
        return keras.layers.Dense(units, name=task)(x)

    return make


def paths(pairs):
    return {(one.path, other.path) for one, other in pairs}


def test_like_heads_are_matched_variable_by_variable():
    found = paths(isomorphism(network(head(), head()), ["t0"], ["t1"]))
    same = {p for p in found if p[0] == p[1]}
    assert same == {("trunk/kernel",) * 2, ("trunk/bias",) * 2}
    renamed = {(a.replace("t0", "t1"), b) for a, b in found - same}
    # Two dense layers, a normalisation with its statistics, a random state.
    assert len(renamed) == 2 + 4 + 2 + 1
    assert sum(a == b for a, b in renamed) == 8


@pytest.mark.parametrize(
    "other",
    [
        head("tanh"),
        head(units=1),
        head(policy="mixed_bfloat16"),
        lambda x, task: keras.layers.Dense(2, name=task)(x),
        lambda x, task: head()(x, task) * 2.0,
        lambda x, task: head()(keras.layers.Dense(3)(x), task),
    ],
    ids=["activation", "units", "policy", "layers", "factor", "depth"],
)
def test_heads_that_compute_something_else_are_not_alike(other):
    assert isomorphism(network(head(), other), ["t0"], ["t1"]) is None


def test_a_layer_named_like_its_option_is_not_taken_for_another():
    graph = network(
        lambda x, task: keras.layers.Dense(2, "tanh", name="tanh")(x),
        lambda x, task: keras.layers.Dense(2, "relu", name="relu")(x),
    )
    assert isomorphism(graph, ["t0"], ["t1"]) is None


def test_factors_in_the_graph_must_be_equal():
    def scaled(factor):
        return lambda x, task: keras.layers.Dense(2, name=task)(x) * factor

    graph = network(scaled(2.0), scaled(2.0), scaled(3.0))
    assert isomorphism(graph, ["t0"], ["t1"]) is not None
    assert isomorphism(graph, ["t0"], ["t2"]) is None


def test_groups_are_matched_task_by_task():
    graph = network(head(units=1), head(), head(units=1), head())
    assert isomorphism(graph, ["t0", "t1"], ["t2", "t3"]) is not None
    assert isomorphism(graph, ["t0", "t1"], ["t3", "t2"]) is None


def test_tasks_that_read_each_other_are_not_alike():
    x = keras.Input((4,), name="features")
    first = keras.layers.Dense(2, name="a")
    second = keras.layers.Dense(2, name="b")
    h = keras.layers.Dense(4, name="trunk")(x)
    # The hidden layer of each is the output layer of the other.
    third = keras.layers.Dense(4, name="c")
    a = first(third(h))
    b = second(keras.layers.Dense(4, name="d")(h))
    graph = flat_graph(keras.Model(x, {"a": a, "b": b, "c": second(h)}))
    assert isomorphism(graph, ["a", "b"], ["b", "a"]) is not None
    assert isomorphism(graph, ["a"], ["c"]) is None


def test_networks_of_their_own_are_alike():
    trainer = keras_mtl.trainers.SingleTask(
        keras_mtl.models.mlp({"a": 2, "b": 2, "c": 3}, input_shape=(4,))
    )
    graph = trainer.split.graph
    assert isomorphism(graph, ["a"], ["b"]) is not None
    assert isomorphism(graph, ["a"], ["c"]) is None


def test_variables_are_matched_one_to_one():
    a, b, c = (keras.Variable([0.0, 0.0]) for _ in range(3))
    d = keras.Variable([0.0])
    assert is_one_to_one([(a, b), (b, a), (c, c), (a, b)])
    assert not is_one_to_one([(a, b), (a, c)])
    assert not is_one_to_one([(a, b), (c, b)])
    assert not is_one_to_one([(a, d)])


def test_names_are_numbered_where_they_name_layers():
    config = {"name": "x", "activation": "x", "input_layers": [["x", 0, 0]]}
    assert unnamed(config) == {
        "name": ("name", 0),
        "activation": "x",
        "input_layers": [[("name", 0), 0, 0]],
    }
    policy = {"class_name": "DTypePolicy", "config": {"name": "float32"}}
    assert unnamed(policy) == policy
