"""Classes are similar where the vectors of their names are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from keras_mtl.errors import ConfigError, DataError
from keras_mtl.transfer.optional import required
from keras_mtl.transfer.similarity import ClassSimilarity

FloatArray = npt.NDArray[np.float64]
_SEPARATORS = re.compile(r"[\s_/,]+")


class Word2VecSimilarity:
    """Cosines between the averaged word vectors of the class names.

    A name that has a vector itself (`Ankle boot` as `ankle_boot`) is taken as
    a whole; otherwise the vectors of its words are averaged, those of
    `T-shirt` only if it has none. Words are looked up as written, or else in
    lower case. Words without a vector are left out, and noted; a name without
    any is similar to nothing.

    Args:
        vectors: A word2vec file, text (`.txt`, `.vec`) or binary (`.bin`),
            `.gz` too; or any mapping of words to vectors of equal length,
            such as gensim's `KeyedVectors`.

    Raises:
        ConfigError: If the file is not there, or gensim is not installed.
        DataError: If the file cannot be read.
    """

    def __init__(self, vectors: Any) -> None:
        is_file = isinstance(vectors, str | Path)
        self.vectors = load_vectors(str(vectors)) if is_file else vectors

    def __call__(
        self,
        source_model: Any,
        source_classes: Sequence[str],
        target_classes: Sequence[str],
    ) -> ClassSimilarity:
        """Compares the names; see `Similarity`."""
        notes: list[str] = []
        sources = [self._vector(name, notes) for name in source_classes]
        targets = [self._vector(name, notes) for name in target_classes]
        return ClassSimilarity(
            np.array([[cosine(t, s) for s in sources] for t in targets]),
            notes=tuple(dict.fromkeys(notes)),
        )

    def _vector(self, name: str, notes: list[str]) -> FloatArray | None:
        """The vector of a class, `None` if no word of its name has one."""
        found = {word: self._key(word) for word in self._words(name)}
        known = [key for key in found.values() if key is not None]
        unknown = [word for word, key in found.items() if key is None]
        if unknown:
            rest = "the others are averaged" if known else "nothing is known"
            notes.append(f"{name!r}: no vector for {unknown}; {rest}.")
        if not known:
            return None
        stacked = np.array([self.vectors[key] for key in known], np.float64)
        mean: FloatArray = stacked.mean(axis=0)
        return mean

    def _words(self, name: str) -> list[str]:
        """The parts of a name, as long as there are vectors for them."""
        parts = [part for part in _SEPARATORS.split(name) if part.strip("-")]
        if self._key(name) is not None or not parts:
            return [name]
        words: list[str] = []
        for word in parts:
            is_whole = self._key(word) is not None
            words += [word] if is_whole else filter(None, word.split("-"))
        return words

    def _key(self, word: str) -> str | None:
        """How a word is spelt in the vectors, `None` if it has none."""
        joined = re.sub(r"[\s\-]+", "_", word)
        spellings = (word, word.lower(), joined, joined.lower())
        return next((one for one in spellings if one in self.vectors), None)


def cosine(first: FloatArray | None, second: FloatArray | None) -> float:
    """Cosine of two vectors, in [-1, 1]; 0 if one is missing or all zeros."""
    if first is None or second is None:
        return 0.0
    length = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float(first @ second) / length if length > 0 else 0.0


def load_vectors(path: str) -> Any:
    """Reads a word2vec file with gensim.

    Args:
        path: The file; `.bin` and `.bin.gz` are binary, others text.

    Returns:
        A `KeyedVectors`.

    Raises:
        ConfigError: If it is not there, or gensim is not installed.
        DataError: If it cannot be read.
    """
    if not Path(path).is_file():
        raise ConfigError(
            f"`vectors` names a file that is not there: {path!r}. Give a "
            "file in the format of word2vec, text or binary."
        )
    models = required("gensim.models", "gensim")
    binary = path.endswith((".bin", ".bin.gz"))
    try:
        return models.KeyedVectors.load_word2vec_format(path, binary=binary)
    except (ValueError, EOFError, OSError) as error:
        raise DataError(
            f"`vectors` {path!r} cannot be read as word vectors, in "
            f"{'binary' if binary else 'text'} form: {error}. Binary files "
            "must end in .bin or .bin.gz."
        ) from error
