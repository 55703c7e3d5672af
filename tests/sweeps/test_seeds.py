import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_mtl.errors import ConfigError
from keras_mtl.sweeps.seeds import read_seeds


@pytest.mark.parametrize(
    ("text", "seeds"),
    [
        ("0-4", (0, 1, 2, 3, 4)),
        ("3", (3,)),
        (" 0, 3 , 7 - 9", (0, 3, 7, 8, 9)),
        (5, (5,)),
        ([2, 0], (2, 0)),
    ],
)
def test_seeds(text, seeds):
    assert read_seeds(text) == seeds


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, unique=True))
def test_a_list_as_text_is_the_list(seeds):
    assert read_seeds(",".join(map(str, seeds))) == tuple(seeds)


@pytest.mark.parametrize(
    ("seeds", "message"),
    [
        ("", "Received: ''"),
        ("a", "such as 0-4 or 0,3,7-9. Received: 'a'"),
        ("-1", "Received: '-1'"),
        ("0.5", "Received: '0.5'"),
        ("1,,2", "Received: ''"),
        ("4-2", "the smaller one first. Received: '4-2'"),
        ("0-99999999", "1 to 10000 seeds"),
        ("0,1,0", "Received: 0 twice"),
        ([], "Received: 0 of them"),
        ([-3], "Received: -3"),
        ([2**32], "Received: 4294967296"),
    ],
)
def test_malformed_seeds_are_refused(seeds, message):
    with pytest.raises(ConfigError, match=message):
        read_seeds(seeds)
