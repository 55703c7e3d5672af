"""`keras-mtl sweep`: many runs, and the table they make."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from keras_mtl.cli import options, tuning
from keras_mtl.cli.configuration import prepare, tell
from keras_mtl.cli.settings import Settings
from keras_mtl.errors import ConfigError

if TYPE_CHECKING:
    from keras_mtl.sweeps import Plan, SweepFolder
    from keras_mtl.sweeps.tune_options import TuneOptions


@click.command()
@click.argument("config", required=False)
@click.option(
    "--grid",
    multiple=True,
    metavar="KEY=V1,V2",
    help="Run every value of a key, for example "
    "trainer.aggregator.name=sum,pcgrad. May be repeated: all combinations.",
)
@click.option(
    "--set",
    "overrides",
    metavar="KEY=VALUE",
    multiple=True,
    help="Set a key in every trial. May be repeated.",
)
@click.option("--seeds", metavar="0-4", help="Seeds and ranges of seeds.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Trials at a time; they share the cores.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the sweep; sweeps/NAME by default.",
)
@click.option("--resume", is_flag=True, help="Go on with the sweep.")
@click.option(
    "--retry-failed", is_flag=True, help="Run trials again that failed."
)
@click.option(
    "--reuse",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FOLDER",
    help="Take finished runs of the same configuration from there.",
)
@click.option(
    "--tune",
    type=click.IntRange(min=1),
    metavar="N",
    help="Try N learning rates for every method, with the first seed, and "
    "write a sweep file with the best ones. Needs optuna.",
)
@click.option(
    "--lr-low", type=float, default=1e-4, show_default=True, help="Range."
)
@click.option(
    "--lr-high", type=float, default=5e-2, show_default=True, help="Range."
)
@click.option("--dry-run", is_flag=True, help="Show the trials, run nothing.")
@options.no_plugins
@options.common
@click.pass_obj
def command(
    settings: Settings,
    config: str | None,
    grid: tuple[str, ...],
    overrides: tuple[str, ...],
    seeds: str | None,
    jobs: int,
    out: Path | None,
    resume: bool,
    retry_failed: bool,
    reuse: tuple[Path, ...],
    tune: int | None,
    lr_low: float,
    lr_high: float,
    dry_run: bool,
) -> int:
    """Run CONFIG with every setting of a grid and every seed.

    CONFIG is a configuration or a preset, which --grid and --seeds multiply,
    or a sweep file: see `keras-mtl list presets`. Each trial is a run of its
    own, in a process of its own. A trial that fails does not stop the others;
    an interrupted sweep goes on with --resume. With --resume and --out alone,
    it goes on with what was asked before.

    The exit code is 1 if a trial failed.
    """
    if config is None and not _is_alone(out, resume, grid, overrides, seeds):
        raise click.UsageError(
            "Give CONFIG; or --resume and --out alone, to go on with a sweep "
            "as it was asked for."
        )
    plan = None
    if config is not None:
        plan = planned(config, grid, overrides, seeds, settings)
        if dry_run:
            print_plan(plan)
            return 0
    search = _tune_options(tune, lr_low, lr_high)

    def work(sweep: SweepFolder) -> None:
        with sweep.lock():
            sweep.recover()
            _reuse(sweep, reuse, settings)
            _run(sweep, jobs, retry_failed, settings)

    folder = out or _default_folder(plan, search)
    sweep = _done(plan, search, folder, resume, work, settings)
    return _finish(sweep, settings)


def _is_alone(
    out: Path | None,
    resume: bool,
    grid: tuple[str, ...],
    overrides: tuple[str, ...],
    seeds: str | None,
) -> bool:
    return resume and out is not None and not (grid or overrides or seeds)


def _tune_options(
    count: int | None, low: float, high: float
) -> TuneOptions | None:
    from keras_mtl.sweeps.tune_options import TuneOptions

    return None if count is None else TuneOptions(count, low, high)


def _default_folder(plan: Plan | None, search: TuneOptions | None) -> Path:
    name = plan.config.name if plan else "sweep"
    return Path("sweeps") / (f"{name}_tuning" if search else name)


def _done(
    plan: Plan | None,
    search: TuneOptions | None,
    out: Path,
    resume: bool,
    work: tuning.Work,
    settings: Settings,
) -> SweepFolder:
    """Runs a sweep, or a search, to its end."""
    if resume and tuning.is_search(out):
        return tuning.go_on(plan, search, out, work, settings)
    if search is not None and plan is not None:
        return tuning.search(plan, search, out, work, settings)
    if search is not None:
        raise ConfigError(
            f"The sweep in {str(out)!r} is no search for learning rates. Give "
            "CONFIG and another folder with --out, or leave --tune out."
        )
    sweep = _opened(out, plan, resume)
    work(sweep)
    return sweep


def planned(
    config: str,
    grid: tuple[str, ...],
    overrides: tuple[str, ...],
    seeds: str | None,
    settings: Settings,
) -> Plan:
    """Reads a sweep and checks every trial.

    Args:
        config: Path or name of a sweep or configuration.
        grid: Values of `--grid`.
        overrides: Values of `--set`.
        seeds: Value of `--seeds`.
        settings: What the user wants of any command.

    Returns:
        The trials.
    """
    prepare(settings)
    from keras_mtl.sweeps import load_sweep, plan_sweep

    sweep, document = load_sweep(config, grid, seeds, overrides)
    plan = plan_sweep(sweep, document, settings.plugins)
    for note in plan.notes:
        tell(f"Note: {note}", settings)
    return plan


def print_plan(plan: Plan) -> None:
    """Prints the methods of a sweep, and how many trials they make."""
    from keras_mtl.cli.output import print_table
    from keras_mtl.sweeps.grid import shown

    first = {trial.label: trial for trial in reversed(plan.trials)}
    rows = [
        [
            label,
            first[label].config,
            ", ".join(f"{k}={shown(v)}" for k, v in first[label].set.items()),
        ]
        for label in plan.config.rows
    ]
    print_table(["method", "configuration", "set"], rows)
    seeds = sorted({trial.seed for trial in plan.trials})
    click.echo(
        f"{len(plan.trials)} trials: {len(rows)} methods, seeds "
        f"{', '.join(map(str, seeds))}."
    )


def _opened(out: Path, plan: Plan | None, resume: bool) -> SweepFolder:
    from keras_mtl.sweeps import SweepFolder

    if plan is None:
        return SweepFolder.open(out)
    if not resume:
        return SweepFolder.create(out, plan)
    sweep = SweepFolder.open(out)
    with sweep.lock():
        sweep.extend(plan)
    return sweep


def _reuse(
    sweep: SweepFolder, folders: tuple[Path, ...], settings: Settings
) -> None:
    from keras_mtl.sweeps.reuse import reuse, versions_note

    found = reuse(sweep, folders)
    if folders:
        tell(f"Reused {len(found)} finished runs.", settings)
    note = versions_note(found)
    if note:
        tell(f"Note: {note}", settings)


def _run(
    sweep: SweepFolder, jobs: int, retry_failed: bool, settings: Settings
) -> None:
    from keras_mtl.sweeps.console_observer import ConsoleObserver
    from keras_mtl.sweeps.scheduler import Scheduler

    fit_options = [] if settings.plugins else ["--no-plugins"]
    with ConsoleObserver(sweep, quiet=settings.quiet) as observer:
        scheduler = Scheduler(sweep, observer, jobs, fit_options)
        scheduler.run(retry_failed)


def _finish(sweep: SweepFolder, settings: Settings) -> int:
    from keras_mtl.sweeps.record import FAILED, INTERRUPTED
    from keras_mtl.sweeps.result import result_table

    if not settings.quiet:
        click.echo(result_table(sweep), nl=False)
    failed = _named(sweep, FAILED)
    open_ = _named(sweep, INTERRUPTED)  # by somebody else
    for line in [*failed, *open_]:
        click.echo(line, err=True)
    # A search expects some rates to be too large.
    is_lost = failed and not tuning.is_search(sweep.path)
    if is_lost:
        tell("Run them again with --resume --retry-failed.", settings)
    click.echo(f"Sweep: {shlex.quote(str(_shortest(sweep.path)))}")
    return int(bool(is_lost or open_ or len(failed) == len(sweep.records)))


def _named(sweep: SweepFolder, state: str) -> list[str]:
    """A line for every trial in a state."""
    return [
        f"{state.capitalize()}: {record.label}, seed {record.seed}"
        + (f": {record.reason}" if record.reason else "")
        for record in sweep.records.values()
        if record.state == state
    ]


def _shortest(path: Path) -> Path:
    """The path relative to the current folder, if it lies in there."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
