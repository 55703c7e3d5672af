"""What `split` finds in models without nested ones."""

import warnings

import keras
import numpy as np
import pytest
from keras import layers, ops

import keras_mtl
from keras_mtl.graph import Split, split


def dense(name, units=3, **options):
    return layers.Dense(units, name=name, **options)


def two_heads(**options):
    x = keras.Input((4,), name="x")
    h = dense("trunk", activation="relu")(x)
    outputs = {"b": dense("head_b")(h), "a": dense("head_a")(h)}
    return keras.Model(x, outputs, **options)


def test_trunk_and_heads_of_the_simplest_model(checked_split, names):
    parts = checked_split(two_heads())
    assert isinstance(parts, Split)
    assert parts.tasks == ("a", "b")
    assert names(parts.shared_variables) == ["trunk/kernel", "trunk/bias"]
    assert list(parts.task_variables) == ["a", "b"]
    assert names(parts.task_variables["a"]) == ["head_a/kernel", "head_a/bias"]
    assert parts.differentiable == (True,)
    assert parts.frontier_tasks == (frozenset("ab"),)
    assert [x.name for x in parts.trunk.layers] == ["x", "trunk"]
    assert [x.name for x in parts.forward(["a"]).layers] == [
        "x",
        "trunk",
        "head_a",
    ]


def test_it_is_a_function_of_the_package():
    assert keras_mtl.split is split


def test_parts_share_the_variables_of_the_model():
    model = two_heads()
    parts = split(model)
    mine = {id(v) for v in model.variables}
    for part in (parts.trunk, *parts.heads.values(), parts.forward(["a"])):
        assert {id(v) for v in part.variables} <= mine


def test_reached_by_covers_variables_that_do_not_train():
    x = keras.Input((4,), name="x")
    norm = layers.BatchNormalization(name="norm")
    h = norm(dense("trunk")(x))
    model = keras.Model(x, {"a": dense("a")(h), "b": dense("b")(h)})
    loose = keras.Variable(np.zeros(2, "float32"))
    parts = split(model)
    assert parts.reached_by(norm.moving_mean) == {"a", "b"}
    assert parts.reached_by(model.get_layer("a").kernel) == {"a"}
    assert parts.reached_by(loose) == frozenset()


def test_variables_keep_the_order_of_the_model():
    model = two_heads()
    parts = split(model)
    assert parts.variables(["b", "a"]) == model.trainable_variables
    assert parts.variables(["b"]) == [
        v for v in model.trainable_variables if "head_a" not in v.path
    ]


def test_forward_is_cached_and_whole_for_all_tasks():
    parts = split(two_heads())
    assert parts.forward(["a"]) is parts.forward(("a", "a"))
    assert parts.forward(["b", "a"]) is parts.model


@pytest.mark.parametrize("tasks", [[], ["c"], ["a", "c"], "a", "ab"])
@pytest.mark.parametrize("method", ["forward", "variables"])
def test_unknown_tasks_are_refused(method, tasks):
    with pytest.raises(ValueError, match=r"among \['a', 'b'\]. Received: "):
        getattr(split(two_heads()), method)(tasks)


def test_skip_connections_give_several_frontier_tensors(checked_split):
    x = keras.Input((4,), name="x")
    h1 = dense("h1")(x)
    h2 = dense("h2")(h1)
    h3 = dense("h3")(ops.relu(h2))
    outputs = {
        "a": dense("a")(layers.Add()([h1, h3])),
        "b": dense("b")(layers.Concatenate()([h2, h3, x])),
    }
    parts = checked_split(keras.Model(x, outputs))
    assert parts.frontier[0] is x
    assert [
        t is h for t, h in zip(parts.frontier[1:], (h1, h2, h3), strict=True)
    ] == [True] * 3
    assert parts.differentiable == (False, True, True, True)
    assert parts.frontier_tasks == tuple(map(frozenset, ("b", "a", "b", "ab")))


def test_a_layer_used_twice_in_the_trunk_and_in_a_head(checked_split, names):
    x = keras.Input((3,), name="x")
    twice = dense("twice")
    h = twice(ops.tanh(twice(x)))
    outputs = {"a": dense("a")(h), "b": twice(dense("b")(h))}
    parts = checked_split(keras.Model(x, outputs))
    assert names(parts.shared_variables) == ["twice/kernel", "twice/bias"]
    assert names(parts.task_variables["b"]) == ["b/kernel", "b/bias"]
    assert len(parts.frontier) == 1


def test_a_layer_used_once_per_branch_is_shared(checked_split, names):
    x = keras.Input((4,), name="x")
    h = dense("trunk", 4)(x)
    tied = dense("tied", 4)
    outputs = {"a": tied(dense("a", 4)(h)), "b": tied(dense("b", 4)(h))}
    parts = checked_split(keras.Model(x, outputs))
    assert names(parts.shared_variables) == [
        "trunk/kernel",
        "trunk/bias",
        "tied/kernel",
        "tied/bias",
    ]
    assert len(parts.frontier) == 1


def test_variables_shared_by_some_tasks_only(checked_split, names):
    x = keras.Input((4,), name="x")
    h = dense("all")(x)
    some = dense("some", use_bias=False)(h)
    outputs = {"a": dense("a")(some), "b": dense("b")(some), "c": dense("c")(h)}
    model = keras.Model(x, outputs)
    parts = checked_split(model)
    assert names(parts.shared_variables) == [
        "all/kernel",
        "all/bias",
        "some/kernel",
    ]
    assert parts.reached_by(model.get_layer("some").kernel) == {"a", "b"}
    assert parts.frontier_tasks == (frozenset("c"), frozenset("ab"))
    assert "some" not in [x.name for x in parts.forward(["c"]).layers]


def test_a_task_input_read_by_trunk_and_heads(checked_split):
    image = keras.Input((4,), name="image")
    task = keras.Input((), dtype="int32", name="task")
    gate = layers.Embedding(2, 4, name="gate")(task)
    h = dense("trunk", 4)(image) * gate
    gates = layers.Embedding(2, 4, name="gate_b")(task)
    outputs = {"a": dense("a")(h), "b": dense("b")(h * gates)}
    model = keras.Model({"image": image, "task": task}, outputs)
    x = {"image": np.ones((2, 4), "float32"), "task": np.array([0, 1])}
    parts = checked_split(model, x)
    assert parts.frontier[0] is task
    assert parts.differentiable == (False, True)
    assert parts.frontier_tasks == (frozenset("b"), frozenset("ab"))


@pytest.mark.parametrize("kind", [list, tuple, dict])
def test_several_inputs(checked_split, kind):
    left, right = (keras.Input((2,), name=n) for n in ("left", "right"))
    mix = dense("mix")(layers.Concatenate()([left, right]))
    outputs = {"a": dense("a")(mix), "b": dense("b")(mix + dense("r")(right))}
    flat, data = (left, right), (np.ones((2, 2), "float32"),) * 2
    if kind is dict:
        inputs = {"left": left, "right": right}
        x = dict(zip(inputs, data, strict=True))
    else:
        inputs, x = kind(flat), kind(data)
    parts = checked_split(keras.Model(inputs, outputs), x)
    assert len(parts.frontier) == 2
    assert isinstance(parts.forward(["a"]).input, kind)


def test_an_input_that_only_one_task_reads(checked_split):
    left, right = (keras.Input((2,), name=n) for n in ("left", "right"))
    h = dense("h")(left)
    outputs = {"a": dense("a")(h), "b": dense("b")(h + dense("r")(right))}
    model = keras.Model([left, right], outputs)
    parts = checked_split(model, [np.ones((2, 2), "float32")] * 2)
    assert [x.name for x in parts.forward(["a"]).inputs] == ["left", "right"]


def test_a_single_task_has_no_shared_variables(checked_split):
    x = keras.Input((4,), name="x")
    model = keras.Model(x, {"only": dense("head")(dense("body")(x))})
    parts = checked_split(model)
    assert parts.shared_variables == ()
    assert list(parts.task_variables["only"]) == model.trainable_variables
    assert parts.frontier == (x,)
    assert parts.differentiable == (False,)


def test_an_output_may_be_the_frontier_of_another_head(checked_split, names):
    x = keras.Input((4,), name="x")
    a = dense("a")(x)
    parts = checked_split(keras.Model(x, {"a": a, "b": dense("b")(a)}))
    assert parts.frontier == (a,)
    assert parts.task_variables["a"] == ()
    assert names(parts.shared_variables) == ["a/kernel", "a/bias"]


def test_an_output_may_be_a_trunk_tensor_read_by_the_trunk(checked_split):
    x = keras.Input((4,), name="x")
    a = dense("a")(x)
    h = dense("h")(a)
    outputs = {"a": a, "b": dense("b")(h), "c": dense("c")(h)}
    parts = checked_split(keras.Model(x, outputs))
    assert parts.frontier_tasks == (frozenset("a"), frozenset("bc"))


def test_two_outputs_may_be_the_same_tensor(checked_split):
    x = keras.Input((4,), name="x")
    y = dense("y")(x)
    parts = checked_split(keras.Model(x, {"a": y, "b": y}))
    assert parts.frontier == (y,)
    assert parts.task_variables == {"a": (), "b": ()}


def test_an_output_may_be_an_input(checked_split):
    x = keras.Input((4,), name="x")
    h = dense("h")(x)
    outputs = {"a": x, "b": dense("b")(h), "c": dense("c")(h)}
    parts = checked_split(keras.Model(x, outputs))
    assert parts.frontier_tasks == (frozenset("a"), frozenset("bc"))


def test_a_layer_with_several_outputs(checked_split):
    x = keras.Input((4,), name="x")
    left, right = ops.split(dense("h", 4)(x), 2, axis=-1)
    parts = checked_split(
        keras.Model(x, {"a": dense("a")(left), "b": dense("b")(right)})
    )
    assert parts.frontier == (left, right)
    assert parts.frontier_tasks == (frozenset("a"), frozenset("b"))


def test_a_fixed_transform_of_the_input_is_not_differentiable(checked_split):
    x = keras.Input((4,), name="x")
    scaled = layers.Rescaling(2.0)(x)
    h = dense("h")(scaled)
    outputs = {"a": dense("a")(h), "b": dense("b")(h + dense("s")(scaled))}
    parts = checked_split(keras.Model(x, outputs))
    assert parts.frontier == (scaled, h)
    assert parts.differentiable == (False, True)


def test_an_integer_tensor_of_the_trunk_is_not_differentiable(checked_split):
    x = keras.Input((4,), name="x")
    h = dense("h")(x)
    index = ops.argmax(h, axis=-1)
    outputs = {
        t: dense(t)(h) + layers.Embedding(3, 3, name=f"e{t}")(index)
        for t in "ab"
    }
    parts = checked_split(keras.Model(x, outputs))
    assert parts.differentiable == (True, False)


def test_a_variable_among_the_arguments_is_reached():
    x = keras.Input((4,), name="x")
    scale = keras.Variable(np.ones(3, "float32"), name="scale")
    h = dense("h")(x) * scale
    model = keras.Model(x, {"a": dense("a")(h), "b": dense("b")(h)})
    assert split(model).reached_by(scale) == {"a", "b"}


def test_saving_after_a_split_is_unchanged(tmp_path):
    model = two_heads()
    before = model.get_config()
    x = np.ones((2, 4), "float32")
    expected = model(x)
    for _ in range(2):
        parts = split(model)
        assert parts.heads, parts.trunk
        assert parts.forward(["a"]) is not None
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    for task, output in loaded(x).items():
        np.testing.assert_array_equal(output, expected[task])
    assert model.get_config() == before


def test_names_of_tasks_that_no_layer_may_have(checked_split):
    x = keras.Input((4,), name="x")
    h = dense("h")(x)
    checked_split(keras.Model(x, {"a/b": dense("a")(h), "c d": dense("b")(h)}))


def test_a_layer_may_be_named_as_our_inputs(checked_split):
    x = keras.Input((4,), name="x")
    h = dense("h")(x)
    a, b = dense("frontier_0")(h), dense("trunk")(h)
    checked_split(keras.Model(x, {"a": a, "b": b}))


def test_a_dict_input_whose_names_differ_warns_no_further(checked_split):
    x = keras.Input((4,), name="x")
    h = dense("h")(x)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = keras.Model({"key": x}, {t: dense(t)(h) for t in "ab"})
    checked_split(model, {"key": np.ones((2, 4), "float32")})


def test_a_loaded_and_a_cloned_model(checked_split, tmp_path):
    model = keras.Model(x := keras.Input((4,), name="y"), two_heads()(x))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    for other in (loaded, keras.models.clone_model(model)):
        parts = checked_split(other)
        assert [len(v) for v in parts.task_variables.values()] == [2, 2]


def test_an_optional_input(checked_split):
    x, extra = (
        keras.Input((4,), name=n, optional=n == "extra") for n in ("x", "extra")
    )
    h = dense("h")(x)

    class OrZero(layers.Layer):
        def call(self, x, extra):
            return x if extra is None else x + extra

        def compute_output_shape(self, x_shape, extra_shape):
            return x_shape

    y = OrZero()(dense("y", 4)(x), extra)
    outputs = {"a": dense("a")(h), "b": dense("b")(h + dense("c")(y))}
    model = keras.Model([x, extra], outputs)
    data = np.ones((2, 4), "float32")
    checked_split(model, [data, data])
    checked_split(model, [data, None])


def test_penalties_of_the_parts_add_up_to_those_of_the_model(checked_split):
    x = keras.Input((4,), name="x")
    h = dense("h", kernel_regularizer="l2", activity_regularizer="l1")(x)
    outputs = {t: dense(t, kernel_regularizer="l2")(h) for t in "ab"}
    parts = checked_split(keras.Model(x, outputs))
    data = np.ones((2, 4), "float32")
    parts.model(data)
    expected = sum(map(float, parts.model.losses))
    features = parts.trunk(data)
    found = sum(map(float, parts.trunk.losses))
    for head in parts.heads.values():
        head(features)
        found += sum(map(float, head.losses))
    np.testing.assert_allclose(found, expected, rtol=1e-6)
