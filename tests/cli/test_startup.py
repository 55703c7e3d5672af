import os
import subprocess
import sys

import pytest

from keras_mtl.cli.startup import silenced, start_keras


def test_what_is_written_to_the_descriptor_is_held_back(capfd):
    with silenced():
        os.write(2, b"noise\n")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_it_is_shown_if_something_fails(capfd):
    def failing():
        os.write(2, b"the reason\n")
        raise RuntimeError

    with pytest.raises(RuntimeError), silenced():
        failing()
    assert capfd.readouterr().err == "the reason\n"


def test_starting_twice_does_nothing():
    start_keras()


def test_another_backend_is_refused_and_nothing_else_is_said(tmp_path):
    fake = tmp_path / "keras"
    fake.mkdir()
    (fake / "__init__.py").write_text(
        "class backend:\n    backend = staticmethod(lambda: 'jax')\n"
    )
    (tmp_path / "tensorflow.py").write_text(
        "import os\nos.write(2, b'noise')\n"
        "class config:\n    list_physical_devices = staticmethod(list)\n"
    )
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from keras_mtl.cli.startup import start_keras\n"
        "try: start_keras()\n"
        "except ValueError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Received: 'jax'. Unset KERAS_BACKEND" in done.stdout
    assert done.stderr == ""
