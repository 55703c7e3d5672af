"""WordNet's files: there, missing, damaged."""

import shutil
import sys

import pytest
from click.testing import CliRunner

from keras_mtl.cli.app import app
from keras_mtl.errors import ConfigError, DataError
from keras_mtl.transfer import (
    open_wordnet,
    prepare_wordnet,
    write_lexnames,
)


def test_opens_a_data_folder(wordnet_folder):
    wordnet = open_wordnet(wordnet_folder)
    assert wordnet.get_version() == "3.0"
    assert len(list(wordnet.all_synsets("n"))) == 8


def test_a_missing_folder_names_the_packages(tmp_path):
    with pytest.raises(ConfigError, match="wordnet-base and wordnet-sense"):
        open_wordnet(str(tmp_path))


def test_a_missing_file_is_named(tmp_path):
    (tmp_path / "corpora" / "wordnet").mkdir(parents=True)
    with pytest.raises(ConfigError, match=r"not complete.*'lexnames'"):
        open_wordnet(str(tmp_path))


def test_damaged_files(tmp_path):
    folder = tmp_path / "corpora" / "wordnet"
    folder.mkdir(parents=True)
    for name in ("index.sense", "data.noun", "index.noun"):
        (folder / name).write_text("junk")
    (folder / "lexnames").write_text("1\tnoun.act\t1\n")
    with pytest.raises(DataError, match="cannot be read"):
        open_wordnet(str(tmp_path))


def test_without_nltk_the_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "nltk.data", None)
    with pytest.raises(ConfigError, match=r"keras-mtl\[transfer\]"):
        open_wordnet(str(tmp_path))


def test_lexnames(tmp_path):
    lines = write_lexnames(tmp_path).read_text().splitlines()
    assert len(lines) == 45
    assert lines[3] == "03\tnoun.Tops\t1"
    assert lines[29] == "29\tverb.body\t2"
    assert lines[44] == "44\tadj.ppl\t3"


def test_files_of_debian_are_made_ready(wordnet_folder, tmp_path):
    source = tmp_path / "source"
    shutil.copytree(f"{wordnet_folder}/corpora/wordnet", source)
    for name in ("lexnames", "cntlist.rev"):  # which Debian leaves out
        (source / name).unlink()
    arguments = ["data", "wordnet", str(tmp_path / "made")]
    done = CliRunner().invoke(app, [*arguments, "--source", str(source)])
    assert done.exit_code == 0, done.output
    wordnet = open_wordnet(str(tmp_path / "made"))
    assert wordnet.synset("dog.n.01").name() == "dog.n.01"


def test_the_packages_are_named_where_they_are_missing(tmp_path):
    with pytest.raises(ConfigError, match="packages wordnet-base"):
        prepare_wordnet(tmp_path / "made", tmp_path)
    assert not (tmp_path / "made").exists()
