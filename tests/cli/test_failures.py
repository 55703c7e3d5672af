import click
import pytest

from keras_mtl.cli.failures import report
from keras_mtl.errors import ConfigError, DataError


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (click.UsageError("x"), 2),
        (ConfigError("x"), 2),
        (DataError("x"), 3),
        (click.Abort(), 130),
        (ValueError("x"), 1),
    ],
)
def test_each_kind_has_its_code(capsys, error, code):
    assert report(error, debug=False) == code
    assert capsys.readouterr().err


def test_what_nobody_foresaw_is_named(capsys):
    report(ValueError("odd"), debug=True)
    assert "Unexpected error: ValueError: odd\n" in capsys.readouterr().err
