import functools
import json

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_mtl.datasets import TaskSpec, load
from keras_mtl.datasets.augmentation.chain import Chain, make_steps
from keras_mtl.errors import ConfigError

HEIGHT, WIDTH = 9, 13
TASKS = {
    "ids": TaskSpec("ids", "segmentation", 5),
    "maps": TaskSpec("maps", "mask", 2),
    "far": TaskSpec("far", "depth", 1),
    "near": TaskSpec("near", "depth", 1),
    "up": TaskSpec("up", "normals", 3),
    "heat": TaskSpec("heat", "heatmap", 1),
    "label": TaskSpec("label", "classification", 3),
}
draws = st.integers(0, 999).map(lambda number: number / 1000)


def element(seed, batch=1):
    """A batch of every kind, with missing pixels."""
    generator = np.random.default_rng(seed)
    shape = (batch, HEIGHT, WIDTH)
    normals = generator.normal(size=(*shape, 3))
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    labels = {
        "ids": generator.integers(0, 5, shape).astype("int32"),
        "maps": generator.integers(0, 2, (*shape, 2)).astype("float32"),
        "far": generator.uniform(1, 9, (*shape, 1)).astype("float32"),
        "near": generator.uniform(1, 9, (*shape, 1)).astype("float32"),
        "up": normals.astype("float32"),
        "heat": generator.random((*shape, 1)).astype("float32"),
        "label": generator.integers(0, 3, batch).astype("int32"),
    }
    weights = {
        task: (generator.random(shape) < 0.8).astype("float32")
        for task in labels
    }
    weights["label"] = np.ones(batch, "float32")
    images = generator.random((*shape, 3)).astype("float32")
    return images, labels, weights


@functools.cache
def compiled(blocks):
    """The augmentations as a graph, traced once."""
    return tf.function(Chain(make_steps(json.loads(blocks)), TASKS, ["near"]))


def apply(blocks, parts, numbers):
    """The element after augmentations with given random numbers."""
    images, labels, weights = parts
    rows = np.tile(np.float32(numbers), (len(images), 1))
    result = compiled(json.dumps(blocks))(
        tf.constant(images),
        tf.nest.map_structure(tf.constant, labels),
        tf.nest.map_structure(tf.constant, weights),
        tf.constant(rows),
    )
    return tf.nest.map_structure(lambda value: value.numpy(), result)


FLIP = {"name": "flip", "horizontal": 1.0, "vertical": 0.0}


def test_a_flip_mirrors_everything_and_negates_x():
    parts = element(0)
    images, labels, weights = apply([FLIP], parts, [0.5, 0.5])
    np.testing.assert_array_equal(images, parts[0][:, :, ::-1])
    for task in ("ids", "maps", "far", "near", "heat"):
        np.testing.assert_array_equal(
            labels[task], parts[1][task][:, :, ::-1], err_msg=task
        )
        np.testing.assert_array_equal(weights[task], parts[2][task][:, :, ::-1])
    mirrored = parts[1]["up"][:, :, ::-1] * [-1, 1, 1]
    np.testing.assert_allclose(labels["up"], mirrored, atol=1e-6)
    assert labels["label"] == parts[1]["label"]
    assert labels["ids"].dtype == np.int32


def test_upside_down_negates_y():
    flip = {"name": "flip", "horizontal": 0.0, "vertical": 1.0}
    parts = element(1)
    _, labels, _ = apply([flip], parts, [0.5, 0.5])
    mirrored = parts[1]["up"][:, ::-1] * [1, -1, 1]
    np.testing.assert_allclose(labels["up"], mirrored, atol=1e-6)


@pytest.mark.parametrize("axis", ["horizontal", "vertical"])
def test_a_flip_twice_is_nothing(axis):
    flip = {"name": "flip", "horizontal": 0.0, "vertical": 0.0, axis: 1.0}
    parts = element(2)
    once = apply([flip], parts, [0.5, 0.5])
    for result in (
        apply([flip], once, [0.5, 0.5]),
        apply([flip, flip], parts, [0.5] * 4),
    ):
        tf.nest.map_structure(
            lambda a, b: np.testing.assert_allclose(a, b, atol=1e-6),
            result,
            parts,
        )


def nearest(values, matrix):
    """The pixels that a matrix asks for; 0 outside."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    points = np.stack([columns, rows, np.ones_like(rows)]).reshape(3, -1)
    x, y = (matrix @ points)[:2]
    # Where rounding decides, any of the two is right: leave these out.
    sure = (np.abs(x % 1 - 0.5) > 1e-3) & (np.abs(y % 1 - 0.5) > 1e-3)
    x, y = np.rint(x).astype(int), np.rint(y).astype(int)
    inside = (x >= 0) & (x < WIDTH) & (y >= 0) & (y < HEIGHT)
    found = values[y.clip(0, HEIGHT - 1), x.clip(0, WIDTH - 1)]
    inside = inside.reshape(-1, *([1] * (found.ndim - 1)))
    shaped = np.where(inside, found, 0).reshape(values.shape)
    return shaped, sure.reshape(HEIGHT, WIDTH)


@settings(max_examples=25)
@given(
    factor=st.sampled_from([0.7, 1.0, 1.25, 2.0]),
    row=draws,
    column=draws,
    seed=st.integers(0, 99),
)
def test_a_zoom_divides_depth_and_takes_the_nearest(factor, row, column, seed):
    parts = element(seed)
    scale = {"name": "scale", "factors": [factor]}
    _, labels, weights = apply([scale], parts, [0.0, column, row])
    step = 1 / factor
    left = np.float32(column) * WIDTH * (1 - step)
    top = np.float32(row) * HEIGHT * (1 - step)
    matrix = np.array(
        [
            [step, 0, left + step / 2 - 0.5],
            [0, step, top + step / 2 - 0.5],
            [0, 0, 1],
        ]
    )
    for task, change in (
        ("far", 1 / factor),
        ("near", factor),
        ("ids", 1),
        ("up", 1),
    ):
        expected, sure = nearest(parts[1][task][0], matrix)
        np.testing.assert_allclose(
            labels[task][0][sure], expected[sure] * change, rtol=1e-5
        )
    expected, sure = nearest(parts[2]["far"][0], matrix)
    np.testing.assert_array_equal(weights["far"][0][sure], expected[sure])


@settings(max_examples=25)
@given(turn=draws, mirrored=draws, seed=st.integers(0, 9))
def test_normals_turn_with_the_picture(turn, mirrored, seed):
    # They point away from the centre: turned or mirrored, they still do.
    parts = element(seed)
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype("float32")
    away = np.stack([columns - (WIDTH - 1) / 2, rows - (HEIGHT - 1) / 2], -1)
    radius = np.linalg.norm(away, axis=-1, keepdims=True)
    radial = np.concatenate([away, 0 * radius], -1) / np.maximum(radius, 1)
    parts[1]["up"] = radial[None].astype("float32")
    parts[2]["up"] = np.ones((1, HEIGHT, WIDTH), "float32")
    blocks = [{"name": "rotation", "degrees": 180.0}, "flip"]
    _, labels, weights = apply(blocks, parts, [turn, mirrored, 0.9])
    known = (weights["up"][0] > 0) & (radius[..., 0] > 2.5)
    cosine = (labels["up"][0] * radial).sum(-1)[known]
    # Half a diagonal of a pixel, seen from 2.5 pixels away.
    assert cosine.min() > np.cos(np.arcsin(0.71 / 2.5)) - 1e-3


@settings(max_examples=25)
@given(numbers=st.lists(draws, min_size=8, max_size=8), seed=st.integers(0, 9))
def test_nothing_is_invented(numbers, seed):
    parts = element(seed)
    blocks = [
        "flip",
        {"name": "scale", "range": [0.5, 2.0]},
        {"name": "rotation", "degrees": 45.0},
        {"name": "crop", "padding": 3},
    ]
    images, labels, weights = apply(blocks, parts, numbers)
    kept = {task: weights[task] > 0 for task in weights}
    old = {task: parts[2][task] > 0 for task in weights}
    assert set(np.unique(labels["ids"][kept["ids"]])) <= set(
        np.unique(parts[1]["ids"][old["ids"]])
    )
    assert set(np.unique(labels["maps"])) <= {0, 1}
    length = np.linalg.norm(labels["up"][kept["up"]], axis=-1)
    np.testing.assert_allclose(length, 1, atol=1e-5)
    for task in weights:
        assert set(np.unique(weights[task])) <= {0, 1}
    assert 0 <= images.min() <= images.max() <= 1 + 1e-6
    assert (labels["far"][kept["far"]] > 0).all()


@settings(max_examples=20)
@given(st.lists(draws, min_size=4, max_size=4))
def test_colours_change_the_image_alone(numbers):
    parts = element(3)
    block = {"name": "colour", "brightness": 0.3, "hue": 0.2}
    images, labels, weights = apply([block], parts, numbers)
    assert images.min() >= 0
    assert images.max() <= 1
    tf.nest.map_structure(
        np.testing.assert_array_equal, (labels, weights), parts[1:]
    )


def test_colours_in_the_middle_change_nothing():
    parts = element(4)
    images, _, _ = apply([{"name": "colour", "hue": 0.5}], parts, [0.5] * 4)
    np.testing.assert_allclose(images, parts[0], atol=1e-5)


def test_grey_has_no_hue_and_keeps_it():
    parts = element(5)
    grey = np.repeat(parts[0][..., :1], 3, axis=-1)
    block = {"name": "colour", "brightness": 0.0, "contrast": 0.0, "hue": 1.0}
    images, _, _ = apply([block], (grey, *parts[1:]), [0.1, 0.9, 0.9, 0.3])
    np.testing.assert_allclose(images, grey, atol=1e-5)


def test_samples_of_a_batch_are_changed_apart():
    parts = element(6, batch=2)
    chain = Chain(make_steps(["flip"]), TASKS)
    images, _, _ = chain(*parts, tf.constant([[0.1, 0.5], [0.9, 0.5]]))
    np.testing.assert_array_equal(images[0], parts[0][0, :, ::-1])
    np.testing.assert_array_equal(images[1], parts[0][1])


BLOCKS = ["flip", {"name": "scale", "range": [1, 2]}, "colour"]


def test_a_resumed_stream_draws_the_same(elements, same, nyuv2_tree):
    options = {
        "dir": str(nyuv2_tree[0]),
        "batch_size": 5,
        "validation": 0,
        "augmentation": BLOCKS,
    }
    data = load("nyuv2", **options)
    batches = elements(data.train_stream(), 6)
    again = load("nyuv2", **options, cache="memory")
    assert same(elements(again.train_stream(1, 1), 3), batches[3:])
    other = load("nyuv2", **options, seed=1)
    assert not same(elements(other.train_stream(), 1), batches[:1])
    assert not np.array_equal(
        np.sort(np.concatenate([b[0] for b in batches[:2]]).mean((1, 2, 3))),
        np.sort(np.concatenate([b[0] for b in batches[2:4]]).mean((1, 2, 3))),
    )


def test_evaluation_is_not_augmented(elements, same, nyuv2_tree):
    plain, augmented = (
        load("nyuv2", dir=str(nyuv2_tree[0]), augmentation=blocks)
        for blocks in ((), BLOCKS)
    )
    assert same(
        elements(plain.test.dataset()), elements(augmented.test.dataset())
    )
    assert plain.fingerprint != augmented.fingerprint


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ("flip", "a list"),
        (["flop"], "did you mean 'flip'"),
        ([{"degrees": 3}], "with a name"),
        ([{"name": "flip", "angle": 3}], r"augmentation\.flip.*horizontal"),
        ([{"name": "flip", "vertical": 2}], r"flip\.vertical.*\[0, 1\]"),
        ([{"name": "scale", "factors": []}], r"scale\.factors"),
        ([{"name": "scale", "range": [1]}], r"scale\.range.*2 numbers"),
        ([{"name": "crop", "padding": 0}], r"crop\.padding"),
        ([{"name": "rotation", "degrees": 181}], r"rotation\.degrees"),
        ([{"name": "colour", "hue": "red"}], r"colour\.hue"),
    ],
)
def test_wrong_blocks_are_named(blocks, expected):
    with pytest.raises(ConfigError, match=expected):
        make_steps(blocks)
