import pytest

from keras_mtl.errors import ConfigError
from keras_mtl.report.form import Form, duration, size


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (99, "99 s"), (100, "1 min 40 s"), (7500, "2 h 05 min")],
)
def test_durations(seconds, text):
    assert duration(seconds) == text


def test_sizes():
    assert size(2**29) == "512 MiB"
    assert size(3 * 2**29) == "1.50 GiB"


def test_digits_follow_the_size_of_the_values():
    assert Form().places([0.5], is_fraction=True) == 4
    assert Form().places([186.9, 2.0], is_fraction=False) == 2
    assert Form(percent=True).places([99.0], is_fraction=True) == 2
    assert Form(digits=3).places([186.9], is_fraction=False) == 3


def test_only_fractions_become_percent():
    assert Form(percent=True).scale(is_fraction=True) == 100
    assert Form(percent=True).scale(is_fraction=False) == 1
    assert Form().scale(is_fraction=True) == 1


def test_an_unknown_extra_is_named():
    with pytest.raises(ConfigError, match="Received: 'speed'"):
        Form(extras=("n", "speed"))
