import pytest

from keras_mtl.report import Options, compare, read_runs

pytest.importorskip("matplotlib", reason="matplotlib is not installed")


@pytest.fixture
def table():
    """Compares the runs below a folder."""

    def make(path, **options):
        found = read_runs([path])
        return compare(found.runs, Options(**options), found.notes)

    return make
