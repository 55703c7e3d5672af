"""The table that a sweep ends with."""

from __future__ import annotations

from keras_mtl.errors import ConfigError, DataError
from keras_mtl.sweeps.sweep_folder import SweepFolder


def result_table(sweep: SweepFolder) -> str:
    """Compares the methods of a sweep, in the order of its rows.

    Args:
        sweep: A sweep, all of whose trials need not be finished.

    Returns:
        The table as text, with the published values beside; or why there is
        none.
    """
    from keras_mtl.report import Options, compare, read_runs
    from keras_mtl.report.form import Form
    from keras_mtl.report.formats import written

    config, labels = sweep.config, sweep.labels
    if not labels:
        return "No trial is finished, so there is nothing to compare.\n"
    published = config.published.rows if config.published else {}
    reference = config.reference
    try:
        runs, notes = read_runs(list(labels), labels)
        comparison = compare(
            runs,
            Options(
                metrics=tuple(config.columns),
                reference=reference if reference in labels.values() else None,
            ),
            [*notes, *_source(sweep)],
            # Rows without published values keep their place, too.
            {label: published.get(label, {}) for label in config.rows},
        )
        return written(comparison, Form(), "terminal")
    except (ConfigError, DataError) as error:
        return f"The trials cannot be put into one table: {error}\n"


def _source(sweep: SweepFolder) -> list[str]:
    published = sweep.config.published
    return [f"Published: {published.source}"] if published else []
