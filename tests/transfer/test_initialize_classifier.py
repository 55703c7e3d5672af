"""Heads built from the classes of a trained model."""

import json

import keras
import numpy as np
import pytest

from keras_mtl.errors import ConfigError
from keras_mtl.transfer import (
    InferenceSimilarity,
    WordNetSimilarity,
    initialize_classifier,
)

SOURCES = ("dog", "cat", "ankle_boot")


def classifier(units, features=2, outputs=None):
    inputs = keras.Input((4,))
    x = keras.layers.Dense(features, name="encoder")(inputs)
    heads = {
        name: keras.layers.Dense(units, name=f"{name}_head")(x)
        for name in outputs or ("logits",)
    }
    return keras.Model(inputs, heads if outputs else heads["logits"])


@pytest.fixture
def source():
    model = classifier(3)
    model.get_layer("logits_head").set_weights(
        [np.array([[1.0, 2, 4], [8, 16, 32]]), np.array([1.0, 3, 5])]
    )
    return model


@pytest.fixture
def head():
    layer = classifier(2).get_layer("logits_head")
    layer.bias.assign([7.0, 9.0])
    return layer


def build(head, source, similarity, k=2, **kwargs):
    names = {"source_classes": SOURCES, "target_classes": ("x", "y"), **kwargs}
    return initialize_classifier(head, source, similarity, k, **names)


def test_weights_and_biases_of_the_nearest_sources(head, source):
    drawn = np.array(head.kernel)[:, 1]
    report = build(head, source, [[0.3, 0.1, 0.05], [0.0, -1.0, 0.0]])
    np.testing.assert_allclose(head.kernel[:, 0], [1.25, 10.0], rtol=1e-6)
    np.testing.assert_allclose(head.bias, [1.5, 9.0], rtol=1e-6)
    np.testing.assert_array_equal(np.array(head.kernel)[:, 1], drawn)
    first, second = report.origins
    assert first.sources == pytest.approx({"dog": 0.75, "cat": 0.25})
    assert second.is_random


def test_the_report_as_table_and_json(head, source):
    report = build(head, source, [[0.3, 0.1, 0], [0, 0, 0]])
    assert report.rows() == [
        ["x", "-", "2", "dog 75%, cat 25%"],
        ["y", "-", "2", "its initializer: no source class is similar"],
    ]
    assert "dog 75%, cat 25%" in str(report)
    first = json.loads(report.to_json())["classes"][0]
    assert first["sources"] == pytest.approx({"dog": 0.75, "cat": 0.25})
    assert first["similarities"]["ankle_boot"] == 0


def test_the_classes_themselves_give_the_source_back(source):
    head = classifier(3).get_layer("logits_head")
    build(head, source, np.eye(3), k=3, target_classes=SOURCES)
    kernel, bias = source.get_layer("logits_head").get_weights()
    np.testing.assert_allclose(head.kernel, kernel)
    np.testing.assert_allclose(head.bias, bias)


def test_k_for_each_type_of_class(source, wordnet_folder):
    head = classifier(3).get_layer("logits_head")
    report = build(
        head,
        source,
        WordNetSimilarity(wordnet_folder),
        {"included": 1, "inclusive": 2, "disjoint": 3},
        target_classes=("poodle", "animal", "garment"),
    )
    # A boot is a garment here.
    assert [one.class_type for one in report.origins] == [
        "included",
        "inclusive",
        "inclusive",
    ]
    assert [len(one.sources) for one in report.origins] == [1, 2, 2]


def test_types_may_be_given(head, source):
    k = {"included": 1, "inclusive": 2, "disjoint": 3}
    matrix = np.ones((2, 3))
    report = build(head, source, matrix, k, class_types={"x": "included"})
    assert [one.k for one in report.origins] == [1, 3]


def test_one_output_of_a_source_with_several(head):
    source = classifier(3, outputs=("a", "b"))
    with pytest.raises(ConfigError, match=r"one of \['a', 'b'\]"):
        build(head, source, np.ones((2, 3)))
    build(head, source, np.eye(2, 3), source_output="b")
    kernel = source.get_layer("b_head").get_weights()[0]
    np.testing.assert_allclose(head.kernel, kernel[:, :2], rtol=1e-6)


def test_by_inference_the_source_model_is_run(head, source):
    images = np.eye(4, dtype="float32")
    similarity = InferenceSimilarity(images, [0, 0, 1, 1])
    report = build(head, source, similarity, k=3)
    assert all(not one.is_random for one in report.origins)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"target_classes": None}, "`target_classes`.*2 classes"),
        ({"source_classes": ("a", "b")}, "`source_classes`.*3 classes"),
        ({"source_classes": ("a", "a", "b")}, "a name of its own"),
        ({"k": 0}, "`k` must be a whole number, 1 or more"),
        ({"k": 2.5}, r"whole number.*k=2\.5"),
        ({"k": {"included": 1}}, "one for each of"),
        (
            {"k": dict.fromkeys(("included", "inclusive", "disjoint"), 1)},
            "which WordNet knows",
        ),
        ({"class_types": {"z": "included"}}, r"Received: \['z'\]"),
        ({"class_types": {"x": "near"}}, r"Received: \['near'\]"),
        ({"similarity": np.ones((3, 3))}, r"shape \(2, 3\)"),
        ({"source_head": "encoder_2"}, "called 'encoder_2'"),
        ({"source_output": "a"}, "have no names"),
    ],
)
def test_refused(head, source, change, message):
    change = {"similarity": np.ones((2, 3)), **change}
    with pytest.raises(ConfigError, match=message):
        build(head, source, **change)


def test_a_source_in_sequence(head):
    source = keras.Sequential([keras.Input((4,)), *classifier(3).layers[1:]])
    build(head, source, np.eye(2, 3))
    kernel = source.layers[-1].get_weights()[0]
    np.testing.assert_allclose(head.kernel, kernel[:, :2], rtol=1e-6)


def test_a_source_without_a_graph(head):
    source = keras.Sequential([keras.layers.Dense(3)])
    with pytest.raises(ConfigError, match=r"Functional.*keras\.Model\(inputs"):
        build(head, source, np.eye(2, 3))


def test_heads_of_different_widths(source):
    head = classifier(2, features=5).get_layer("logits_head")
    with pytest.raises(ConfigError, match=r"reads 5 features.* 2. They must"):
        build(head, source, np.ones((2, 3)))


def test_a_head_that_is_not_built(source):
    with pytest.raises(ConfigError, match="must be a Dense layer"):
        build(keras.layers.Dense(2), source, np.ones((2, 3)))
