"""Tiny data files, in the formats of WordNet and of word2vec."""

import pytest

from keras_mtl.transfer import write_lexnames

# Word: what it is a kind of. WordNet's own chain, shortened.
KINDS = {
    "entity": None,
    "animal": "entity",
    "canine": "animal",
    "dog": "canine",
    "poodle": "dog",
    "cat": "animal",
    "garment": "entity",
    "ankle_boot": "garment",
}
HEADER = "  1 This is a WordNet 3.0 Copyright line.\n"


def noun_files(kinds):
    """The files data.noun and index.noun of a tree of words."""
    offsets, lines, place = {}, [], len(HEADER)
    words = list(kinds)
    children = {w: [c for c in words if kinds[c] == w] for w in words}
    length = {w: len(noun_line(w, kinds, children, None)) for w in words}
    for word in words:
        offsets[word] = place
        place += length[word]
    lines = [noun_line(word, kinds, children, offsets) for word in words]
    index = [
        index_line(word, pointers(word, kinds, children), offsets[word])
        for word in sorted(words)
    ]
    return HEADER + "".join(lines), HEADER + "".join(index), offsets


def index_line(word, found, offset):
    signs = sorted({sign for sign, _ in found})
    listed = " ".join([str(len(signs)), *signs])
    return f"{word} n 1 {listed} 1 0 {offset:08d}  \n"


def pointers(word, kinds, children):
    above = [("@", kinds[word])] if kinds[word] else []
    return above + [("~", child) for child in children[word]]


def noun_line(word, kinds, children, offsets):
    found = pointers(word, kinds, children)
    places = "".join(
        f" {sign} {offsets[other] if offsets else 0:08d} n 0000"
        for sign, other in found
    )
    own = offsets[word] if offsets else 0
    return f"{own:08d} 03 n 01 {word} 0 {len(found):03d}{places} | a {word}  \n"


@pytest.fixture(scope="session")
def wordnet_folder(tmp_path_factory):
    """A data folder of NLTK with a WordNet of eight nouns."""
    root = tmp_path_factory.mktemp("nltk_data")
    write_wordnet(root)
    return str(root)


def write_wordnet(root):
    folder = root / "corpora" / "wordnet"
    folder.mkdir(parents=True)
    data, index, offsets = noun_files(KINDS)
    senses = "".join(
        f"{word}%1:03:00:: {offset:08d} 1 0\n"
        for word, offset in sorted(offsets.items())
    )
    for kind in ("adj", "adv", "verb"):
        (folder / f"data.{kind}").write_text(HEADER)
        (folder / f"index.{kind}").write_text(HEADER)
        (folder / f"{kind}.exc").write_text("")
    (folder / "noun.exc").write_text("")
    (folder / "cntlist.rev").write_text("")
    (folder / "data.noun").write_text(data)
    (folder / "index.noun").write_text(index)
    (folder / "index.sense").write_text(senses)
    write_lexnames(folder)
    return offsets
