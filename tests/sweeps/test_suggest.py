import math
import sys

import pytest

from keras_mtl.errors import ConfigError
from keras_mtl.sweeps.suggest import suggest
from keras_mtl.sweeps.tune_options import TuneOptions

OPTIONS = TuneOptions(20, 1e-4, 1e-1)


def search(way, value, count=20, number=0):
    known = []
    for index in range(number, number + count):
        rate = suggest(known, way, index, OPTIONS)
        known.append((rate, value(rate)))
    return known


@pytest.mark.parametrize(("way", "sign"), [("min", 1), ("max", -1)])
def test_rates_are_in_the_range_and_move_to_the_good_ones(way, sign):
    def distance(rate):
        return abs(math.log10(rate) + 2)  # best at 0.01

    known = search(way, lambda rate: sign * distance(rate))
    assert all(1e-4 <= rate <= 1e-1 for rate, _ in known)
    assert min(distance(rate) for rate, _ in known) < 0.3
    later = [distance(rate) for rate, _ in known[10:]]
    # Drawn blindly, the distance would be 0.83 on average.
    assert sum(later) / len(later) < 0.8


def test_the_same_trials_lead_to_the_same_rate():
    known = search("min", lambda rate: rate, count=7)
    again = [suggest(known, "min", 7, OPTIONS) for _ in range(2)]
    assert again[0] == again[1]
    assert suggest(known, "min", 8, OPTIONS) != again[0]


def test_the_first_rates_are_spread_over_the_decades():
    rates = [suggest([], "min", number, OPTIONS) for number in range(40)]
    below = sum(rate < 10**-2.5 for rate in rates)
    assert 10 <= below <= 30  # half of them, in the middle of the logarithms


def test_failed_trials_are_avoided():
    rates = search("max", lambda rate: None if rate > 1e-3 else 1.0)
    late = [rate for rate, _ in rates[10:]]
    assert sum(rate <= 1e-3 for rate in late) >= len(late) / 2


def test_without_optuna_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ConfigError, match=r"pip install 'keras-mtl\[tune\]'"):
        suggest([], "min", 0, OPTIONS)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((0,), "--tune: expected 1 or more"),
        ((1, 0, 1), "0 < --lr-low < --lr-high"),
        ((1, 1, 1), "Received: 1 and 1"),
        ((1, 1e-3, math.inf), "Received: 0.001 and inf"),
        ((1, math.nan, 1), "0 < --lr-low"),
    ],
)
def test_ranges_that_are_none_are_refused(values, message):
    with pytest.raises(ConfigError, match=message):
        TuneOptions(*values)
