"""The next learning rate to try."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from keras_mtl.errors import ConfigError
from keras_mtl.sweeps.tune_options import TuneOptions

# Rates drawn at random before the model of the sampler has its say.
_STARTUP = 5


def suggest(
    known: Sequence[tuple[float, float | None]],
    way: str,
    number: int,
    options: TuneOptions,
) -> float:
    """Draws a rate, log-uniform at first, then near those that were good.

    Args:
        known: Rates tried and their values, `None` for those that failed.
        way: `"min"` or `"max"`.
        number: Number of the trial, from 0; also the seed, so that all
            methods begin with the same rates.
        options: The range.

    Returns:
        A rate in the range, of three digits where that is possible: what
        labels say is what is run.

    Raises:
        ConfigError: If optuna is not installed.
    """
    try:
        import optuna
    except ImportError as error:
        raise ConfigError(
            "--tune needs optuna: pip install 'keras-mtl[tune]'."
        ) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    worst = math.inf if way == "min" else -math.inf
    space: dict[str, Any] = {
        "rate": optuna.distributions.FloatDistribution(
            options.low, options.high, log=True
        )
    }
    sampler = optuna.samplers.TPESampler(seed=number, n_startup_trials=_STARTUP)
    study = optuna.create_study(
        sampler=sampler, direction="minimize" if way == "min" else "maximize"
    )
    for rate, value in known:
        study.add_trial(
            optuna.trial.create_trial(
                params={"rate": rate},
                distributions=space,
                value=worst if value is None else value,
            )
        )
    rate = study.ask(space).params["rate"]
    return min(max(float(f"{rate:.3g}"), options.low), options.high)
