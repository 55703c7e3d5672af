import keras
import numpy as np
import pytest
from keras import layers

from keras_mtl.graph import describe_partition, partition, split
from keras_mtl.layers import RoamingMask, TaskBatchNormalization

X = np.random.default_rng(0).normal(size=(5, 8, 8, 3)).astype("float32")


def network(norm=True, noise=0.1):
    """A residual block for three tasks, one more convolution for two."""
    x = keras.Input((8, 8, 3), name="image")
    h = layers.GaussianNoise(noise, name="noise")(x)
    h = layers.Conv2D(6, 3, padding="same", name="c1")(h)
    h = layers.BatchNormalization(name="n1")(h) if norm else h
    h = shortcut = layers.ReLU(name="r1")(h)
    h = layers.Conv2D(6, 3, padding="same", name="c2")(h)
    h = layers.BatchNormalization(name="n2")(h) if norm else h
    h = layers.ReLU(name="r2")(layers.Add(name="add")([shortcut, h]))
    two = layers.Conv2D(7, 3, activation="relu", name="c3")(h)
    pool = layers.GlobalAveragePooling2D(name="pool")
    tasks = {"a": pool(two), "c": pool(two), "b": layers.Flatten()(h)}
    heads = {t: layers.Dense(2, name=t)(x) for t, x in tasks.items()}
    return keras.Model(x, heads, name="network")


def values(structure):
    return keras.tree.map_structure(keras.ops.convert_to_numpy, structure)


def masked(model, task):
    """Output of `network` for a task, mask by mask, with NumPy masks."""
    get = model.get_layer
    rows = {r.convolution.name: r for r in describe_partition(model).layers}

    def mask(name, x):
        row = rows[name]
        return x * row.layer.mask.numpy()[row.tasks.index(task)]

    h = shortcut = keras.ops.relu(mask("c1", get("c1")(X)))
    h = mask("c2", get("c2")(h))
    h = keras.ops.relu(shortcut + h)
    if task == "b":
        return get("b")(keras.ops.reshape(h, (len(X), -1)))
    h = mask("c3", get("c3")(h))
    return get(task)(keras.ops.mean(h, (1, 2)))


@pytest.mark.parametrize("passes", ["sequential", "batched"])
def test_every_task_sees_its_own_filters(passes):
    model = partition(network(norm=False), 0.5, passes=passes, seed=1)
    outputs = model(X)
    assert list(outputs) == ["a", "c", "b"]
    for task in outputs:
        expected = values(masked(model, task))
        np.testing.assert_allclose(outputs[task], expected, atol=1e-5)


@pytest.mark.parametrize("norm", ["batch", "task_batch"])
@pytest.mark.parametrize("training", [False, True])
def test_with_p_1_nothing_changes_by_a_single_bit(norm, training):
    plain = network(noise=0.0)
    expected = values(plain(X, training=training))
    model = partition(plain, 1.0, norm=norm)
    for task, found in values(model(X, training=training)).items():
        np.testing.assert_array_equal(found, expected[task])


def test_what_is_masked_and_what_is_not():
    model = partition(network(), {"c1": 0.5, "c3": 0.1})
    report = describe_partition(model)
    assert (report.kind, report.passes) == ("roaming", "sequential")
    rows = [
        (r.convolution.name, r.normalization and r.normalization.name)
        for r in report.layers
    ]
    assert rows == [("c1", "n1"), ("c3", None)]
    first, second = report.layers
    assert (first.tasks, first.filters) == (("a", "b", "c"), 6)
    assert (first.filters_per_task, second.filters_per_task) == (3, 4)
    assert second.tasks == ("a", "c")
    assert "c3           c3" in str(report)
    names = [layer.name for layer in model.layers]
    assert names.count("noise") == 1
    assert not any("mask" in name for name in names if name[0] != "c")


def test_shares_by_depth():
    depths = []

    def ratio(depth):
        depths.append(depth)
        return 1 - depth / 2

    report = describe_partition(partition(network(), ratio))
    assert depths == [0.0, 0.5, 1.0]
    assert [r.filters_per_task for r in report.layers] == [6, 5, 4]


@pytest.mark.parametrize(
    ("p", "filters"),
    [([1, 0.5], [6, 5, 4]), ((1, 0.5, 0.5), [6, 3, 4]), ([0.5], [3, 3, 4])],
)
def test_shares_between_values_at_even_depths(p, filters):
    report = describe_partition(partition(network(), p))
    assert [r.filters_per_task for r in report.layers] == filters


def test_masks_of_layers_are_drawn_apart_and_from_the_seed():
    def masks(seed):
        rows = describe_partition(partition(network(), 0.5, seed=seed)).layers
        return [row.layer.mask.numpy() for row in rows]

    first, again, other = masks(3), masks(3), masks(4)
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, b)
    assert (first[0] != first[1]).any()
    assert any((a != b).any() for a, b in zip(first, other, strict=True))


def test_normalisations_behind_masks_are_kept_task_by_task():
    plain = network()
    plain.get_layer("n2").gamma.assign(np.arange(6.0))
    plain.get_layer("n2").moving_mean.assign(np.arange(6.0))
    model = partition(plain, 0.5)
    norm = model.get_layer("n2")
    assert isinstance(norm, TaskBatchNormalization)
    np.testing.assert_array_equal(norm.gamma.numpy(), np.arange(6.0))
    np.testing.assert_array_equal(
        norm.moving_mean.numpy(), [np.arange(6.0)] * 3
    )
    kept = partition(plain, 0.5, norm="batch")
    assert kept.get_layer("n2") is plain.get_layer("n2")


def test_group_normalisation_instead():
    plain = network()
    plain.get_layer("n1").beta.assign(np.arange(6.0))
    model = partition(plain, 0.5, norm="group")
    norm = model.get_layer("n1")
    assert isinstance(norm, layers.GroupNormalization)
    assert norm.groups == 6
    np.testing.assert_array_equal(norm.beta.numpy(), np.arange(6.0))


def test_masks_past_the_activation_are_the_same():
    plain = network()
    before = partition(plain, 0.5, norm="batch")
    after = partition(plain, 0.5, norm="batch", where="after_activation")
    for task, expected in values(before(X)).items():
        np.testing.assert_array_equal(after(X)[task], expected)
    order = [layer.name for layer in after.layers]
    assert order.index("r1") < order.index("c1_mask")
    # Behind the addition, the identity path would be masked as well.
    assert order.index("c2_mask") < order.index("add")


def test_parts_of_the_model():
    parts = split(partition(network(), 0.5))
    assert len(parts.shared_variables) == 10
    assert [len(v) for v in parts.task_variables.values()] == [2, 2, 2]
    assert not any(parts.differentiable)
    alone = parts.forward(("b",))
    assert "c3" not in [layer.name for layer in alone.layers]
    np.testing.assert_array_equal(alone(X)["b"], parts.model(X)["b"])


def test_gates_belong_to_their_task_alone():
    parts = split(partition(network(), kind="se"))
    assert [len(v) for v in parts.task_variables.values()] == [14, 10, 14]
    report = describe_partition(parts.model)
    assert report.kind == "se"
    assert all(len(row.tasks) == 1 for row in report.layers)


@pytest.mark.parametrize(
    ("kind", "passes", "norm"),
    [
        ("roaming", "sequential", "task_batch"),
        ("roaming", "batched", "group"),
        ("routing", "batched", "task_batch"),
        ("se", "sequential", "batch"),
    ],
)
def test_saved_and_loaded(tmp_path, kind, passes, norm):
    model = partition(network(), 0.4, kind=kind, passes=passes, norm=norm)
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    for task, expected in values(model(X)).items():
        np.testing.assert_array_equal(loaded(X)[task], expected)
    assert str(describe_partition(loaded)) == str(describe_partition(model))


def test_an_activation_and_a_normalisation_that_others_read_too():
    x = keras.Input((8, 8, 3), name="image")
    y = layers.Conv2D(4, 1, name="c")(x)
    n = layers.BatchNormalization(name="n")(y)
    pool = layers.GlobalAveragePooling2D()
    heads = {
        "a": layers.Dense(1)(pool(layers.Add()([n, y]))),
        "b": layers.Dense(1)(pool(n)),
    }
    (row,) = describe_partition(partition(keras.Model(x, heads))).layers
    assert (row.convolution.name, row.normalization) == ("c", None)


def test_a_convolution_called_twice_has_one_mask():
    x, y = keras.Input((8, 8, 3), name="x"), keras.Input((8, 8, 3), name="y")
    convolution = layers.Conv2D(4, 1, name="c")
    pool = layers.GlobalAveragePooling2D()
    heads = {
        "a": layers.Dense(1, name="a")(pool(convolution(x))),
        "b": layers.Dense(1, name="b")(pool(convolution(y))),
    }
    model = partition(keras.Model({"x": x, "y": y}, heads), 0.5)
    masks = [x for x in model.layers if isinstance(x, RoamingMask)]
    assert len(masks) == 1
    assert masks[0].num_tasks == 2
    h = convolution(X) * masks[0].mask.numpy()[1]
    expected = model.get_layer("b")(keras.ops.mean(h, (1, 2)))
    found = model({"x": np.zeros_like(X), "y": X})["b"]
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["MobileNetV2", "ResNet50"])
def test_published_backbones_as_nested_models(name):
    body = getattr(keras.applications, name)(
        input_shape=(32, 32, 3), weights=None, include_top=False
    )
    x = keras.Input((32, 32, 3), name="image")
    h = layers.GlobalAveragePooling2D(name="pool")(body(x))
    heads = {t: layers.Dense(1, name=t)(h) for t in "ab"}
    plain = keras.Model(x, heads)
    model = partition(plain, 1.0)
    image = np.random.default_rng(0).random((2, 32, 32, 3), "float32")
    expected = values(plain(image))
    for task, found in values(model(image)).items():
        np.testing.assert_allclose(found, expected[task], atol=1e-6)
    report = describe_partition(model)
    convolutions = [
        layer for layer in body.layers if "Conv" in type(layer).__name__
    ]
    assert len(report.layers) == len(convolutions)
    assert all(row.normalization is not None for row in report.layers)


def test_nothing_to_mask():
    x = keras.Input((4,), name="x")
    h = layers.Dense(3)(x)
    plain = keras.Model(x, {t: layers.Dense(1)(h) for t in "ab"})
    with pytest.raises(ValueError, match=r"nothing to partition.*\['Dense'\]"):
        partition(plain)
    one = split(network()).forward(("a",))
    with pytest.raises(ValueError, match="no shared layer"):
        partition(one)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"p": 1.2}, r"`p` must be a number in \[0, 1\]. Received: p=1.2"),
        ({"p": {"c1": -1}}, r"p\['c1'\]=-1"),
        ({"p": lambda depth: 2}, r"p\(0\)=2"),
        ({"p": [0.5, 2]}, r"p\[1\]=2"),
        ({"p": []}, "at least one share"),
        ({"p": {"c11": 0.5}}, r"'c11'. Expected.*Did you mean 'c1'\?"),
        ({"p": {}}, "at least one convolution"),
        ({"kind": "rooming"}, "`kind` must be one of"),
        ({"norm": "layer"}, "`norm` must be one of"),
        ({"where": "before"}, "`where` must be one of"),
        ({"passes": "both"}, "`passes` must be one of"),
        ({"kind": "se", "passes": "batched"}, "needs passes='sequential'"),
    ],
)
def test_bad_choices(options, message):
    with pytest.raises(ValueError, match=message):
        partition(network(), **options)


def test_models_that_cannot_be_partitioned():
    with pytest.raises(ValueError, match="partitioned already"):
        partition(partition(network()))
    with pytest.raises(ValueError, match="is not partitioned"):
        describe_partition(network())

    class Own(keras.Model):
        pass

    with pytest.raises(ValueError, match="not a Functional model"):
        partition(Own())
    x = keras.Input((8, 8, 3), batch_size=2, name="x")
    h = layers.GlobalAveragePooling2D()(layers.Conv2D(3, 1)(x))
    fixed = keras.Model(x, {t: layers.Dense(1)(h) for t in "ab"})
    with pytest.raises(ValueError, match=r"inputs \['x'\] of a fixed batch"):
        partition(fixed, passes="batched")
    assert partition(fixed)(X[:2])["a"].shape == (2, 1)


def test_nested_models_with_layers_of_one_name():
    def body(name):
        x = keras.Input((8, 8, 3))
        y = layers.Conv2D(3, 1, padding="same", name="c")(x)
        return keras.Model(x, y, name=name)

    x = keras.Input((8, 8, 3), name="x")
    h = layers.GlobalAveragePooling2D()(body("left")(body("right")(x)))
    plain = keras.Model(x, {t: layers.Dense(1)(h) for t in "ab"})
    with pytest.raises(ValueError, match="stand side by side"):
        partition(plain)
    plain.get_layer("left").get_layer("c").name = "d"
    assert len(describe_partition(partition(plain)).layers) == 2
