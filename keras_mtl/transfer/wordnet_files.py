"""Opens WordNet's files with NLTK's reader."""

from __future__ import annotations

import contextlib
import os
import shutil
import warnings
import weakref
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from keras_mtl.errors import ConfigError, DataError
from keras_mtl.transfer.optional import required

_HELP = (
    "With a network, run `python -m nltk.downloader wordnet`. On Debian or "
    "Ubuntu, install the packages wordnet-base and wordnet-sense-index, run "
    "`keras-mtl data wordnet <folder>`, and give that folder as `wordnet` or "
    "in NLTK_DATA."
)
# In the order of their numbers, as in WordNet's manual, lexnames(5WN).
_NAMES = {
    3: "adj.all adj.pert",
    4: "adv.all",
    1: "noun.Tops noun.act noun.animal noun.artifact noun.attribute noun.body "
    "noun.cognition noun.communication noun.event noun.feeling noun.food "
    "noun.group noun.location noun.motive noun.object noun.person "
    "noun.phenomenon noun.plant noun.possession noun.process noun.quantity "
    "noun.relation noun.shape noun.state noun.substance noun.time",
    2: "verb.body verb.change verb.cognition verb.communication "
    "verb.competition verb.consumption verb.contact verb.creation "
    "verb.emotion verb.motion verb.perception verb.possession verb.social "
    "verb.stative verb.weather",
}


def write_lexnames(folder: str | Path) -> Path:
    """Writes the file `lexnames`, which Debian's packages leave out.

    Args:
        folder: The folder of WordNet's files, `<data>/corpora/wordnet`.

    Returns:
        The file: a line for each of the 45 lexicographer files, `number, name,
        part of speech`, separated by tabs.
    """
    named = [
        (name, kind) for kind, names in _NAMES.items() for name in names.split()
    ]
    named.append(("adj.ppl", 3))
    lines = [
        f"{i:02d}\t{name}\t{kind}\n" for i, (name, kind) in enumerate(named)
    ]
    path = Path(folder) / "lexnames"
    path.write_text("".join(lines), encoding="utf-8")
    return path


def prepare_wordnet(
    folder: str | Path, source: str | Path = "/usr/share/wordnet"
) -> Path:
    """Copies WordNet's files to where NLTK looks, with what it wants besides.

    Args:
        folder: A data folder of NLTK; made if it is not there.
        source: Where Debian's packages put the files.

    Returns:
        `<folder>/corpora/wordnet`.

    Raises:
        ConfigError: If the files are not there; says which packages bring
            them.
    """
    wanted = ("index.sense", "data.noun", "index.noun")
    missing = [name for name in wanted if not (Path(source) / name).is_file()]
    if missing:
        raise ConfigError(
            f"WordNet's files are not in {str(source)!r}: {missing} not found. "
            f"{_HELP}"
        )
    target = Path(folder) / "corpora" / "wordnet"
    shutil.copytree(source, target, dirs_exist_ok=True)
    write_lexnames(target)
    # Counts of senses, which similarities do not use.
    (target / "cntlist.rev").touch()
    return target


def open_wordnet(folder: str | None = None) -> Any:
    """Opens WordNet.

    Args:
        folder: A data folder of NLTK, with `corpora/wordnet/` in it; by
            default NLTK looks at its usual places and in `NLTK_DATA`.

    Returns:
        A `WordNetCorpusReader`.

    Raises:
        ConfigError: If NLTK or WordNet's files are not there; says which
            packages bring them.
        DataError: If the files cannot be read.
    """
    data = required("nltk.data", "nltk")
    if folder is not None:
        folder = os.path.abspath(os.path.expanduser(folder))
    _check_files(data, folder)
    if folder is None:
        return _loaded()
    with _first_on(data.path, folder):
        return _loaded()


@contextlib.contextmanager
def _first_on(path: list[str], folder: str) -> Iterator[None]:
    """Looks in a folder first; NLTK reads nothing outside of its path."""
    kept = [one for one in path if one != folder]
    path[:] = [folder, *kept]
    try:
        yield
    finally:
        # What is opened is read when it is asked for.
        path[:] = [*kept, folder]


def _loaded() -> Any:
    reader = required("nltk.corpus.reader.wordnet", "nltk")
    loader = required("nltk.corpus.util", "nltk").LazyCorpusLoader
    wordnet = loader("wordnet", reader.WordNetCorpusReader, None)
    try:
        with warnings.catch_warnings():
            # Other languages than English are not asked for.
            warnings.simplefilter("ignore", UserWarning)
            wordnet.ensure_loaded()
    except LookupError as error:
        raise ConfigError(f"WordNet's files are not there. {_HELP}") from error
    except _damages(reader) as error:
        raise DataError(
            f"WordNet's files cannot be read: {error or 'damaged'}. {_HELP}"
        ) from error
    # NLTK opens files and never closes them.
    weakref.finalize(wordnet, _close, wordnet._data_file_map)
    return wordnet


def _close(files: Mapping[str, Any]) -> None:
    for file in files.values():
        file.close()


def _damages(reader: Any) -> tuple[type[Exception], ...]:
    """What NLTK raises where a file is not as it expects."""
    return (OSError, ValueError, AssertionError, reader.WordNetError)


def _check_files(data: Any, folder: str | None) -> None:
    """Says which file is missing, where NLTK would give a bare OSError."""
    places = [folder] if folder is not None else None
    try:
        found = str(data.find("corpora/wordnet", paths=places))
    except LookupError:
        if folder is None:
            return  # packed, perhaps: NLTK unpacks what it downloads
        raise ConfigError(
            f"WordNet's files are not in {folder!r}: expected a folder "
            f"corpora/wordnet there. {_HELP}"
        ) from None
    wanted = ("lexnames", "index.sense", "data.noun", "index.noun")
    missing = [name for name in wanted if not (Path(found) / name).is_file()]
    if missing:
        raise ConfigError(
            f"WordNet's files in {found!r} are not complete: {missing} not "
            f"found. {_HELP}"
        )
