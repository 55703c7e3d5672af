"""The table that a sweep ends with."""

from __future__ import annotations

from keras_mtl.errors import ConfigError, DataError
from keras_mtl.sweeps.sweep_folder import SweepFolder


def result_table(sweep: SweepFolder) -> str:
    """Compares the methods of a sweep, as `keras-mtl compare` does.

    Args:
        sweep: A sweep, all of whose trials need not be finished.

    Returns:
        The table as text, with the published values beside; or why there is
        none.
    """
    from keras_mtl.report import compare, read_runs
    from keras_mtl.report.form import Form
    from keras_mtl.report.formats import written

    try:
        found = read_runs([sweep.path])
        comparison = compare(found.runs, notes=found.notes, sweep=found.sweep)
        return written(comparison, Form(), "terminal")
    except (ConfigError, DataError) as error:
        return f"There is no table of this sweep: {error}\n"
