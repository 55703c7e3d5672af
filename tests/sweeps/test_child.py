import subprocess
import sys
import time

import pytest

PARENT = """
import os, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1], str(os.getpid())])
print(child.pid, flush=True)
child.wait()
"""
CHILD = """
import signal, sys, time
from pathlib import Path
from keras_mtl.sweeps.child import tie
def stop(number, frame):
    Path("stopped").touch()
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
tie(int(sys.argv[1]))
Path("ready").touch()
time.sleep(60)
"""

linux = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the kernel is not Linux"
)


def wait_for(path):
    deadline = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@linux
def test_a_killed_parent_takes_the_child_along(tmp_path):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, CHILD],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
    )
    wait_for(tmp_path / "ready")
    parent.kill()
    parent.wait()
    wait_for(tmp_path / "stopped")


@linux
def test_a_parent_that_has_gone_already_ends_the_child():
    script = "from keras_mtl.sweeps.child import tie; tie(2**22 + 1)"
    done = subprocess.run([sys.executable, "-c", script], check=False)
    assert done.returncode == 130
