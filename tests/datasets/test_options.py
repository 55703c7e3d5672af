import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_mtl.datasets import options
from keras_mtl.errors import ConfigError


def test_an_integer_in_range_is_given_back():
    assert options.integer("size", 28, 1) == 28


@pytest.mark.parametrize("value", [0, 37, 1.0, "28", None, True])
def test_other_integers_are_refused(value):
    with pytest.raises(
        ConfigError,
        match=rf"`data.size` must be an integer in 1..36. Received: {value!r}",
    ):
        options.integer("size", value, 1, 36)


@pytest.mark.parametrize("value", ["fesh", None, 1, ["fresh"]])
def test_other_words_are_refused(value):
    with pytest.raises(ConfigError, match=r"must be one of fixed, fresh\."):
        options.choice("pairs", value, ("fixed", "fresh"))


def test_a_list_of_two_becomes_a_tuple():
    assert options.pair("offset", [6, 8], 28) == (6, 8)


@pytest.mark.parametrize("value", [6, "66", [6], [1, 2, 3], None])
def test_what_is_not_a_pair_is_refused(value):
    with pytest.raises(ConfigError, match=r"`data.offset` must be two int"):
        options.pair("offset", value, 28)


def test_a_pair_out_of_range_is_refused():
    with pytest.raises(ConfigError, match=r"in 0\.\.28\. Received: 29"):
        options.pair("offset", (0, 29), 28)


@given(st.integers(1, 1000), st.data())
def test_a_count_stays_and_a_fraction_is_rounded(total, data):
    count = data.draw(st.integers(0, total - 1))
    assert options.count("validation", count, total) == count
    fraction = data.draw(st.floats(0, 0.99))
    expected = round(fraction * total)
    if expected < total:
        assert options.count("validation", fraction, total) == expected


@pytest.mark.parametrize("value", [-1, 1.0, -0.1, float("nan"), "10", True])
def test_other_counts_are_refused(value):
    with pytest.raises(ConfigError, match=r"a count .* or a fraction in"):
        options.count("validation", value, 10)


def test_taking_everything_is_refused_with_the_numbers():
    with pytest.raises(
        ConfigError, match=r"asks for 10 of 10 samples.*at most 9"
    ):
        options.count("validation", 10, 10)
