"""Word vectors without a download: word2vec on WordNet's own definitions.

    python benchmarks/gloss_vectors.py /usr/share/wordnet gloss_vectors.txt

Trains skip-gram with gensim on the definitions and examples of WordNet 3.0,
about 1.6 million words, one thread, in one to three minutes. It is a small
text: the vectors know far less than those trained on billions of words.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

from gensim.models import Word2Vec

WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")


def sentences(folder: Path) -> Iterator[list[str]]:
    """The words of each synset, then those of its definition and examples."""
    for kind in ("noun", "verb", "adj", "adv"):
        with (folder / f"data.{kind}").open(encoding="latin-1") as lines:
            for line in lines:
                if not line.startswith(" "):
                    yield _sentence(line)


def _sentence(line: str) -> list[str]:
    fields, _, gloss = line.partition(" | ")
    entry = fields.split()
    # From the fourth field on: their number in hexadecimal, then a word and
    # an id each.
    own = entry[4 : 4 + 2 * int(entry[3], 16) : 2]
    words = [re.sub(r"\(\w+\)$", "", word).lower() for word in own]
    return words + WORD.findall(gloss.lower())


def train(folder: Path, size: int = 100, seed: int = 0) -> Word2Vec:
    """Skip-gram vectors of the words in the definitions.

    Args:
        folder: WordNet's `data.noun` and so on, or a folder of NLTK with them
            in `corpora/wordnet/`.
        size: Length of a vector.
        seed: Of the first vectors and of what is drawn in training.

    Returns:
        The model; its `wv` are the vectors.
    """
    inner = folder / "corpora" / "wordnet"
    text = list(sentences(inner if inner.is_dir() else folder))
    return Word2Vec(
        text,
        vector_size=size,
        window=8,
        min_count=1,
        sg=1,
        epochs=10,
        seed=seed,
        workers=1,
    )


def main() -> None:
    """Trains the vectors and writes them as text."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wordnet", type=Path)
    parser.add_argument("vectors", type=Path)
    options = parser.parse_args()
    vectors = train(options.wordnet).wv
    vectors.save_word2vec_format(str(options.vectors), binary=False)
    print(f"{len(vectors)} words: {options.vectors}")


if __name__ == "__main__":
    main()
