"""Similarities and types of classes by a WordNet of eight nouns."""

import numpy as np
import pytest

from keras_mtl.transfer import WordNetSimilarity


@pytest.fixture(scope="module")
def similarity(wordnet_folder):
    return WordNetSimilarity(wordnet_folder)


def test_wu_palmer(similarity):
    found = similarity(None, ["dog", "ankle boot"], ["cat", "poodle", "dog"])
    # Twice the depth of the common kind over both depths; the root is at 1.
    expected = [
        [2 * 2 / (4 + 3), 2 * 1 / (3 + 3)],
        [2 * 4 / (4 + 5), 2 * 1 / (5 + 3)],
        [1.0, 2 * 1 / (4 + 3)],
    ]
    np.testing.assert_allclose(found.matrix, expected)
    assert found.notes == ()


def test_types_of_classes(similarity):
    targets = ["poodle", "dog", "animal", "ankle_boot"]
    found = similarity(None, ["dog", "cat"], targets)
    assert found.class_types == (
        "included",
        "included",
        "inclusive",
        "disjoint",
    )


def test_synsets_and_imagenet_ids(similarity):
    dog = similarity.synset("dog")
    assert dog.name() == "dog.n.01"
    assert similarity.synset("dog.n.01") == dog
    assert similarity.synset(f"n{dog.offset():08d}") == dog


@pytest.mark.parametrize(
    ("name", "meant", "notes"),
    [
        ("Ankle-boot", "ankle_boot", ()),
        ("griffin/Poodle", "poodle", ()),
        ("toy dog", "dog", ("'toy dog' is not in WordNet; taken as 'dog'.",)),
        ("/", None, ("'/' is not in WordNet.",)),
    ],
)
def test_names_of_classes(similarity, name, meant, notes):
    expected = None if meant is None else f"{meant}.n.01"
    synset = similarity.synset(name)
    assert (None if synset is None else synset.name()) == expected
    assert similarity(None, ["cat"], [name]).notes == notes


def test_an_unknown_name_is_similar_to_nothing_and_noted(similarity):
    found = similarity(None, ["dog"], ["griffin", "griffin.n.01", "cat"])
    np.testing.assert_array_equal(found.matrix[:2], 0)
    assert found.notes == (
        "'griffin' is not in WordNet.",
        "'griffin.n.01' is not in WordNet.",
    )
    assert found.class_types == ("disjoint", "disjoint", "disjoint")
