import json
import os
import subprocess
import sys

import pytest
import yaml

from keras_mtl.errors import ConfigError, DataError
from keras_mtl.runs import RunFolder

RESOLVED = {"name": "a", "seed": 3, "fit": {"epochs": 2}, "x": {"y": 1e-5}}


def created(path, **options):
    return RunFolder.create(path, "seed: 3\n", RESOLVED, ["fit"], **options)


def test_a_new_folder_holds_the_configuration_and_the_manifest(tmp_path):
    run = created(tmp_path / "deep" / "run")
    assert (run.path / "config.yaml").read_text() == "seed: 3\n"
    text = (run.path / "resolved.yaml").read_text()
    assert yaml.safe_load(text) == RESOLVED
    manifest = json.loads((run.path / "manifest.json").read_text())
    assert manifest["seed"] == 3
    assert manifest["command"] == ["fit"]
    assert manifest["versions"]["keras"]
    again = RunFolder.open(run.path)
    assert again.resolved == RESOLVED
    assert again.manifest == manifest


def test_an_empty_folder_may_be_used(tmp_path):
    assert created(tmp_path).path == tmp_path


def test_a_folder_with_something_in_it_is_refused(tmp_path):
    created(tmp_path / "run")
    with pytest.raises(ConfigError, match=r"--resume.*--overwrite"):
        created(tmp_path / "run")
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="is a file"):
        created(tmp_path / "file")


def test_overwrite_replaces_a_run_and_leaves_nothing_else(tmp_path):
    run = created(tmp_path / "run")
    (run.path / "old").write_text("")
    again = created(tmp_path / "run", overwrite=True)
    assert not (again.path / "old").exists()
    assert os.listdir(tmp_path) == ["run"]


def test_overwrite_refuses_what_is_not_a_run(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(ConfigError, match="is not a run folder"):
        created(tmp_path, overwrite=True)
    assert os.listdir(tmp_path) == ["thesis.txt"]


def test_overwrite_keeps_the_old_run_if_the_new_one_fails(
    tmp_path, monkeypatch
):
    run = created(tmp_path / "run")
    (run.path / "old").write_text("")

    def full(*args):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("keras_mtl.runs.folder.environment", full)
    with pytest.raises(DataError, match="No space left"):
        created(tmp_path / "run", overwrite=True)
    assert (run.path / "old").exists()
    assert os.listdir(tmp_path) == ["run"]


def test_a_foreign_folder_is_no_run(tmp_path):
    with pytest.raises(DataError, match=r"expected manifest.json and resolved"):
        RunFolder.open(tmp_path)
    run = created(tmp_path / "run")
    (run.path / "manifest.json").write_text("{half")
    with pytest.raises(DataError, match="Could not read"):
        RunFolder.open(run.path)
    (run.path / "resolved.yaml").write_text("a: [")
    with pytest.raises(DataError, match=r"resolved.yaml"):
        RunFolder.open(run.path)


def test_resume_prints_what_differs(tmp_path):
    run = created(tmp_path / "run")
    other = {**RESOLVED, "seed": 4, "new": True}
    with pytest.raises(ConfigError) as caught:
        run.resume(other)
    assert "seed: 3 -> 4" in str(caught.value)
    assert "new: (absent) -> True" in str(caught.value)
    assert RunFolder.open(run.path).resolved == RESOLVED


def test_only_epochs_may_be_raised(tmp_path):
    run = created(tmp_path / "run")
    run.resume({**RESOLVED, "fit": {"epochs": 5}})
    assert RunFolder.open(run.path).resolved["fit"] == {"epochs": 5}
    with pytest.raises(ConfigError, match=r"fit.epochs: 5 -> 2"):
        run.resume(RESOLVED)


def test_tuples_and_lists_are_the_same_in_yaml(tmp_path):
    resolved = {"shape": [1, 2]}
    run = RunFolder.create(tmp_path / "run", "", resolved, [])
    run.resume({"shape": [1, 2]})


HOLD = """
import sys
from keras_mtl.runs import RunFolder
with RunFolder.open(sys.argv[1]).lock():
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_run_in_use_is_refused_until_its_process_dies(tmp_path):
    run = created(tmp_path / "run")
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(run.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(ConfigError, match=f"process {holder.pid}"):
            run.lock().__enter__()
        with pytest.raises(ConfigError, match="in use"):
            created(tmp_path / "run", overwrite=True)
        holder.kill()
    with run.lock(), run.lock():
        pass


def test_the_lock_is_given_back_after_an_error(tmp_path):
    run = created(tmp_path / "run")
    with pytest.raises(KeyError), run.lock():
        raise KeyError
    with RunFolder.open(run.path).lock():
        pass


def test_handling_folders_loads_no_framework():
    code = (
        "import sys, keras_mtl.runs; "
        "sys.exit('keras' in sys.modules or 'tensorflow' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
