"""What every test may use."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_DATA = ROOT.parent / "shared" / "data"

# Properties are about values, never about time: tracing is slow the first
# time, and machines are shared.
settings.register_profile("no_deadline", deadline=None)
settings.load_profile("no_deadline")


@pytest.fixture(scope="session")
def data_dir():
    """Finds a folder of real data, or skips the test by the folder's name.

    The folders are looked for in `KERAS_MTL_DATA`. Mark the test `data`.
    """
    root = Path(os.environ.get("KERAS_MTL_DATA", DEFAULT_DATA))

    def find(name):
        if not (root / name).is_dir():
            pytest.skip(
                f"no real {name}: set KERAS_MTL_DATA to a folder with "
                f"{name}/ in it"
            )
        return str(root / name)

    return find
