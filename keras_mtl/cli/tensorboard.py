"""`keras-mtl tensorboard`: looks at runs in the browser."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from keras_mtl.cli import options
from keras_mtl.cli.configuration import tell
from keras_mtl.cli.settings import Settings
from keras_mtl.errors import ConfigError

# Never another address: TensorBoard asks nobody for a password.
HOST = "127.0.0.1"


@click.command()
@click.argument(
    "runs", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=6006,
    show_default=True,
    help="0 takes any that is free.",
)
@options.common
@click.pass_obj
def command(settings: Settings, runs: tuple[Path, ...], port: int) -> None:
    """Start TensorBoard on RUNS, run folders, until Ctrl-C.

    It listens on 127.0.0.1 only.
    """
    arguments = tensorboard_arguments(runs, port)
    if port:
        tell(f"TensorBoard: http://{HOST}:{port}/ (Ctrl-C stops it)", settings)
    done = subprocess.run(
        [sys.executable, "-m", "tensorboard.main", *arguments], check=False
    )
    if done.returncode:
        raise ConfigError(
            f"TensorBoard ended with code {done.returncode}; see above. If "
            "the port is taken, choose another with --port."
        )


def tensorboard_arguments(runs: Sequence[Path], port: int) -> list[str]:
    """What to start TensorBoard with.

    Args:
        runs: Run folders.
        port: Port, 0 for any.

    Returns:
        Command-line arguments.

    Raises:
        DataError: If one is not a run folder.
        ConfigError: If several have names that cannot be told apart.
    """
    from keras_mtl.runs import RunFolder

    logs = [RunFolder.open(run).logs for run in runs]
    where = ["--host", HOST, "--port", str(port)]
    if len(logs) == 1:
        return ["--logdir", str(logs[0]), *where]
    spec = [f"{log.parent.name}:{log}" for log in logs]
    names = {log.parent.name for log in logs}
    if len(names) < len(logs) or any("," in part for part in spec):
        raise ConfigError(
            "the run folders must have different names without commas. "
            f"Received: {[str(run) for run in runs]}."
        )
    return ["--logdir_spec", ",".join(spec), *where]
