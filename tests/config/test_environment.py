import pytest

from keras_mtl.config.document import Document
from keras_mtl.config.environment import check_variables, expand_variables
from keras_mtl.errors import ConfigError


def test_variables_and_the_home_folder_are_expanded(monkeypatch):
    monkeypatch.setenv("SOME_DATA", "/data")
    monkeypatch.setenv("HOME", "/home/me")
    assert expand_variables("${SOME_DATA}/MNIST") == "/data/MNIST"
    assert expand_variables("~/MNIST") == "/home/me/MNIST"
    assert expand_variables("plain") == "plain"


@pytest.mark.parametrize("value", [None, ""])
def test_a_variable_that_is_not_set_is_named(monkeypatch, value):
    monkeypatch.delenv("SOME_DATA", raising=False)
    if value is not None:
        monkeypatch.setenv("SOME_DATA", value)
    with pytest.raises(ConfigError, match="variable SOME_DATA is not set"):
        expand_variables("${SOME_DATA}/MNIST")


@pytest.mark.parametrize("text", ["$DATA", "${}", "${A-B}", "a$", "${A"])
def test_other_syntax_is_refused(text):
    problems = check_variables(Document({"data": {"dir": text}}))
    assert "an environment variable is written as ${NAME}" in str(problems[0])


@pytest.mark.parametrize("value", [None, "a", "${A}/b", 3])
def test_what_is_left_alone(value):
    assert check_variables(Document({"data": {"dir": value}})) == []
