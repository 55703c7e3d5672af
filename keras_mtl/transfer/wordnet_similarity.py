"""Classes are similar where WordNet puts them close together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_mtl.transfer.optional import required
from keras_mtl.transfer.similarity import ClassSimilarity
from keras_mtl.transfer.wordnet_files import open_wordnet

_SYNSET = re.compile(r".+\.[nvars]\.\d+$")
_OFFSET = re.compile(r"([nvars])(\d{8})$")


class WordNetSimilarity:
    """Wu-Palmer similarities of the synsets of the class names.

    A class is named as a synset (`dog.n.01`), by its ImageNet id
    (`n02084071`), or in words, which stand for the first noun they mean: of
    `T-shirt/top` the first name that WordNet knows. Of a compound that it does
    not know, the last word is taken, and noted: an `Ankle boot` is a boot. A
    name without any such word is similar to nothing, and noted.

    Also says of each target class what the source classes are to it:
    `"included"` in one of them (a kind of it, or the same), `"inclusive"` of
    one of them, or `"disjoint"`.

    Args:
        folder: A data folder of NLTK, with `corpora/wordnet/` in it; by
            default NLTK looks at its usual places and in `NLTK_DATA`.

    Raises:
        ConfigError: If NLTK or WordNet's files are not there.
        DataError: If the files cannot be read.

    Reference:
        [Wu and Palmer, 1994](https://aclanthology.org/P94-1019/)
    """

    def __init__(self, folder: str | None = None) -> None:
        self.wordnet = open_wordnet(folder)
        reader = required("nltk.corpus.reader.wordnet", "nltk")
        self._unknown = (reader.WordNetError, KeyError, ValueError)

    def __call__(
        self,
        source_model: Any,
        source_classes: Sequence[str],
        target_classes: Sequence[str],
    ) -> ClassSimilarity:
        """Compares the synsets; see `Similarity`."""
        found = {
            name: self._named(name)
            for name in (*source_classes, *target_classes)
        }
        sources = [found[name][0] for name in source_classes]
        targets = [found[name][0] for name in target_classes]
        return ClassSimilarity(
            np.array([[_wu_palmer(t, s) for s in sources] for t in targets]),
            class_types=tuple(class_type(t, sources) for t in targets),
            notes=tuple(note for _, note in found.values() if note),
        )

    def synset(self, name: str) -> Any:
        """The synset of a class name, `None` if WordNet has none."""
        return self._named(name)[0]

    def _named(self, name: str) -> tuple[Any, str | None]:
        """The synset of a class name, and what is to be said about it."""
        synset = self._whole(name)
        if synset is not None:
            return synset, None
        last = re.split(r"[\s_\-]+", name.strip())[-1]
        synset = self._noun(last)
        if synset is None:
            return None, f"{name!r} is not in WordNet."
        return synset, f"{name!r} is not in WordNet; taken as {last!r}."

    def _whole(self, name: str) -> Any:
        offset = _OFFSET.match(name)
        try:
            if offset:
                return self.wordnet.synset_from_pos_and_offset(
                    offset[1], int(offset[2])
                )
            if _SYNSET.match(name):
                return self.wordnet.synset(name)
        except self._unknown:
            return None
        known = (self._noun(one) for one in name.split("/"))
        return next((synset for synset in known if synset is not None), None)

    def _noun(self, words: str) -> Any:
        """The first noun, of the spellings that WordNet may have."""
        spaced = "_".join(words.split())
        for spelling in (spaced, spaced.replace("-", "_")):
            found = self.wordnet.synsets(spelling, pos="n") if spelling else []
            if found:
                return found[0]
        return None


def class_type(target: Any, sources: Sequence[Any]) -> str:
    """What the source classes are to a target class.

    Args:
        target: A synset, or `None`.
        sources: Synsets, or `None`.

    Returns:
        `"included"`, `"inclusive"` or `"disjoint"`.
    """
    known = [source for source in sources if source is not None]
    if target is None:
        return "disjoint"
    above = _ancestors(target)
    if any(source in above for source in known):
        return "included"
    if any(target in _ancestors(source) for source in known):
        return "inclusive"
    return "disjoint"


def _ancestors(synset: Any) -> set[Any]:
    """The synset and everything that it is a kind of."""
    return {one for path in synset.hypernym_paths() for one in path}


def _wu_palmer(first: Any, second: Any) -> float:
    if first is None or second is None:
        return 0.0
    return float(first.wup_similarity(second) or 0.0)
