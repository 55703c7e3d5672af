"""`keras-mtl tensorboard`: looks at runs in the browser."""

from __future__ import annotations

import subprocess
import sys
import tempfile
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
    """Start TensorBoard on RUNS, run or sweep folders, until Ctrl-C.

    Several runs, such as those of a sweep, are shown in a table of their
    hyperparameters and results. It listens on 127.0.0.1 only.
    """
    with tempfile.TemporaryDirectory(prefix="keras-mtl-") as folder:
        arguments = tensorboard_arguments(runs, port, Path(folder))
        if port:
            address = f"http://{HOST}:{port}/"
            tell(f"TensorBoard: {address} (Ctrl-C stops it)", settings)
        done = subprocess.run(
            [sys.executable, "-m", "tensorboard.main", *arguments], check=False
        )
    if done.returncode:
        raise ConfigError(
            f"TensorBoard ended with code {done.returncode}; see above. If "
            "the port is taken, choose another with --port."
        )


def tensorboard_arguments(
    runs: Sequence[Path], port: int, folder: Path
) -> list[str]:
    """What to start TensorBoard with.

    Args:
        runs: Run folders or sweep folders.
        port: Port, 0 for any.
        folder: An empty folder, in which several runs are put together.

    Returns:
        Command-line arguments.

    Raises:
        DataError: If one is neither a run nor a sweep folder.
        ConfigError: If several have names that cannot be told apart.
    """
    from keras_mtl.cli.board import is_sweep, runs_in, write_board
    from keras_mtl.runs import RunFolder

    where = ["--host", HOST, "--port", str(port)]
    if len(runs) == 1 and not is_sweep(runs[0]):
        return ["--logdir", str(RunFolder.open(runs[0]).logs), *where]
    write_board(folder, runs_in(runs))
    return ["--logdir", str(folder), *where]
