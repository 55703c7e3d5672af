"""Starts `keras-mtl` in processes that may be killed.

Used by `kill_resume.py`. Run as a script, this is the server that forks.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

HERE = Path(__file__).resolve().parent


class Fresh:
    """Starts every process anew, as a user does."""

    def __enter__(self) -> Fresh:
        self.processes: dict[int, subprocess.Popen[bytes]] = {}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for process in self.processes.values():
            process.kill()
            process.wait()

    def start(self, arguments: list[str], log: Path) -> int:
        """Starts a command.

        Args:
            arguments: Those of `keras-mtl`.
            log: File of what it prints.

        Returns:
            The id of its process.
        """
        code = f"import starters; starters.run({arguments!r}, {str(log)!r})"
        process = subprocess.Popen([sys.executable, "-c", code], cwd=HERE)
        self.processes[process.pid] = process
        return process.pid

    def code(self, pid: int) -> int | None:
        """Exit code; minus the signal that killed it; None while it runs."""
        return self.processes[pid].poll()


class Forked:
    """Forks processes from one that has loaded TensorFlow."""

    def __enter__(self) -> Forked:
        self.server = subprocess.Popen(
            [sys.executable, str(HERE / "starters.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.server.communicate()

    def start(self, arguments: list[str], log: Path) -> int:
        """See `Fresh.start`."""
        return int(self._ask([arguments, str(log)]))

    def code(self, pid: int) -> int | None:
        """See `Fresh.code`."""
        code: int | None = self._ask(pid)
        return code

    def _ask(self, question: Any) -> Any:
        source, sink = self.server.stdout, self.server.stdin
        if source is None or sink is None:
            raise RuntimeError("The server has no pipes.")
        sink.write(json.dumps(question) + "\n")
        sink.flush()
        return json.loads(source.readline())


def serve() -> None:
    """Answers the questions of `Forked` until there are no more."""
    import keras_mtl.cli.fit  # noqa: F401
    from keras_mtl.config import build  # noqa: F401
    from keras_mtl.runs import session  # noqa: F401

    ended: dict[int, int] = {}
    for line in sys.stdin:
        question = json.loads(line)
        if isinstance(question, int):
            pid, status = (0, 0)
            if question not in ended:
                pid, status = os.waitpid(question, os.WNOHANG)
            if pid:
                ended[pid] = os.waitstatus_to_exitcode(status)
            answer = ended.get(question)
        else:
            answer = os.fork()
            if not answer:
                run(*question)
        print(json.dumps(answer), flush=True)
    for pid in _running(ended):
        os.kill(pid, 9)


def run(arguments: list[str], log: str) -> None:
    """Runs a command with deterministic operations, and ends the process.

    Args:
        arguments: Those of `keras-mtl`.
        log: File of what it prints.
    """
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, descriptor in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, descriptor)
    import tensorflow as tf

    from keras_mtl.cli import main

    tf.config.experimental.enable_op_determinism()
    sys.argv = ["keras-mtl", *arguments]
    code: Any = 1
    try:
        main()
        code = 0
    except SystemExit as end:
        code = end.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # No clean-up: a forked process shares its parent's.
        os._exit(code if isinstance(code, int) else 0)


def _running(ended: dict[int, int]) -> list[int]:
    """Children that have not been asked about to their end."""
    path = Path(f"/proc/self/task/{os.getpid()}/children")
    listed = path.read_text().split() if path.exists() else []
    return [int(pid) for pid in listed if int(pid) not in ended]


if __name__ == "__main__":
    serve()
