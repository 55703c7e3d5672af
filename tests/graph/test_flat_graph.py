import keras
from keras import layers

from keras_mtl.graph.flat_graph import flat_graph


def tasks_of(graph):
    return {
        call.node.operation.name: "".join(sorted(call.tasks))
        for call in graph.calls
    }


def nested(x):
    inner_x = keras.Input((4,), name="inner_x")
    h = layers.Dense(4, name="h")(inner_x)
    one, two = (layers.Dense(2, name=n)(h) for n in ("one", "two"))
    dead = layers.Dense(2, name="dead")(two)
    return keras.Model(inner_x, [one, two, dead], name="nested")(x)


def test_calls_carry_the_tasks_that_need_them():
    x = keras.Input((4,), name="x")
    h = layers.Dense(4, name="h")(x)
    c = layers.Dense(4, name="c")(h)
    b = layers.Dense(4, name="b")(c)
    layers.Dense(4, name="unused")(h)
    graph = flat_graph(keras.Model(x, {"a": h, "b": b, "c": c}))
    assert tasks_of(graph) == {"h": "abc", "c": "bc", "b": "b"}
    assert graph.structure is x
    assert graph.inputs == (x,)


def test_an_unopened_graph_keeps_the_tensors_of_the_model():
    x = keras.Input((4,), name="x")
    one, _, _ = nested(x)
    graph = flat_graph(
        keras.Model(x, {"a": one, "b": layers.ReLU(name="relu")(one)})
    )
    # One part of the nested model serves nobody: it is left out.
    assert tasks_of(graph) == {"h": "ab", "one": "ab", "relu": "b"}
    y = layers.Dense(2, name="y")(x)
    graph = flat_graph(keras.Model(x, {"a": y, "b": y}))
    assert graph.outputs == {"a": y, "b": y}


def test_an_opened_graph_is_a_copy():
    x = keras.Input((4,), name="x")
    stem = layers.Dense(4, name="stem")(x)
    one, two, _ = nested(stem)
    graph = flat_graph(keras.Model(x, {"a": one, "b": two}))
    assert tasks_of(graph) == {"stem": "ab", "h": "ab", "one": "a", "two": "b"}
    assert graph.calls[0].outputs[0] is not stem
    assert graph.outputs["a"] is not one
    assert keras.Model(x, graph.outputs).count_params() == 60


def test_conversions_are_calls_of_the_tasks_they_serve():
    # Keras numbers its automatic names through the whole process.
    keras.utils.clear_session()
    x = keras.Input((4,), name="x", dtype="float64")
    one, two, _ = nested(x)
    graph = flat_graph(keras.Model(x, {"a": one, "b": two}))
    assert tasks_of(graph) == {"cast": "ab", "h": "ab", "one": "a", "two": "b"}


def test_trainable_says_whether_a_call_can_learn():
    x = keras.Input((4,), name="x")
    frozen = layers.Dense(4, name="frozen", trainable=False)
    h = layers.Dense(4, name="h")(layers.ReLU(name="relu")(frozen(x)))
    graph = flat_graph(keras.Model(x, {"a": h, "b": h}))
    found = {c.node.operation.name: c.trainable for c in graph.calls}
    assert found == {"frozen": False, "relu": False, "h": True}
