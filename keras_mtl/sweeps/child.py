"""`python -m keras_mtl.sweeps.child PARENT ...`: `keras-mtl ...`, tied.

A process that ends when its parent does, even when that is killed: it then
gets SIGTERM, upon which a run writes a checkpoint. Linux only; elsewhere the
run goes on to its end.
"""

from __future__ import annotations

import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def tie(parent: int) -> None:
    """Asks the kernel for SIGTERM when the parent dies.

    Args:
        parent: The process that started this one. If it has gone already,
            this one ends, too.
    """
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM))
    if os.getppid() != parent:
        sys.exit(130)


def main() -> None:
    """Ties this process to its parent, and becomes the command line."""
    tie(int(sys.argv[1]))
    arguments = [sys.executable, "-P", "-m", "keras_mtl.cli", *sys.argv[2:]]
    if os.name == "nt":  # exec would leave the parent with the wrong process
        import subprocess

        sys.exit(subprocess.call(arguments))
    os.execv(sys.executable, arguments)


if __name__ == "__main__":
    main()
