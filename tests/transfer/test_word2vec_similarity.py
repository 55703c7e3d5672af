"""Cosines of averaged word vectors."""

import sys

import numpy as np
import pytest

from keras_mtl.errors import ConfigError, DataError
from keras_mtl.transfer import Word2VecSimilarity

VECTORS = {
    "dog": [1.0, 0.0],
    "cat": [1.0, 1.0],
    "ankle": [0.0, 1.0],
    "boot": [0.0, 3.0],
    "rain_coat": [-1.0, 0.0],
}


@pytest.fixture
def similarity():
    return Word2VecSimilarity({w: np.array(v) for w, v in VECTORS.items()})


def test_hand_computed(similarity):
    found = similarity(None, ["dog", "Ankle boot"], ["cat", "rain_coat"])
    np.testing.assert_allclose(
        found.matrix, [[np.sqrt(0.5)] * 2, [-1.0, 0.0]], atol=1e-12
    )
    assert found.notes == ()


def test_unknown_words_are_left_out_of_the_average(similarity):
    found = similarity(None, ["dog"], ["red cat", "zebra"])
    np.testing.assert_allclose(found.matrix, [[np.sqrt(0.5)], [0.0]])
    assert found.notes == (
        "'red cat': no vector for ['red']; the others are averaged.",
        "'zebra': no vector for ['zebra']; nothing is known.",
    )


def test_the_longest_spelling_that_has_a_vector_is_taken(similarity):
    names = ["Rain coat", "Rain-coat/boot", "Dog-cat", "-"]
    found = similarity(None, ["dog"], names)
    # The mean of (-1, 0) and (0, 3); of (1, 0) and (1, 1).
    expected = [-1.0, -1 / np.sqrt(10), 2 / np.sqrt(5), 0.0]
    np.testing.assert_allclose(found.matrix[:, 0], expected)
    assert found.notes == ("'-': no vector for ['-']; nothing is known.",)


@pytest.mark.parametrize("binary", [False, True])
def test_a_file_of_gensim(tmp_path, binary):
    models = pytest.importorskip("gensim.models")
    keyed = models.KeyedVectors(vector_size=2)
    keyed.add_vectors(list(VECTORS), np.array(list(VECTORS.values())))
    path = str(tmp_path / ("words.bin" if binary else "words.txt"))
    keyed.save_word2vec_format(path, binary=binary)
    found = Word2VecSimilarity(path)(None, ["dog"], ["cat"])
    np.testing.assert_allclose(found.matrix, [[np.sqrt(0.5)]], rtol=1e-6)


def test_a_missing_file(tmp_path):
    with pytest.raises(ConfigError, match="file that is not there"):
        Word2VecSimilarity(str(tmp_path / "none.txt"))


def test_a_damaged_file(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("this is no header\n")
    with pytest.raises(DataError, match="in text form"):
        Word2VecSimilarity(str(path))


def test_without_gensim_the_extra_is_named(monkeypatch, tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("1 2\ndog 1 0\n")
    monkeypatch.setitem(sys.modules, "gensim.models", None)
    with pytest.raises(ConfigError, match=r"gensim.*keras-mtl\[transfer\]"):
        Word2VecSimilarity(str(path))
