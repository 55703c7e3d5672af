import numpy as np
import pytest

from keras_mtl import datasets
from keras_mtl.datasets import (
    DATASETS,
    MultiTaskData,
    TaskSpec,
    find_loader,
    from_arrays,
    load,
)
from keras_mtl.errors import ConfigError

MODULE = """
import numpy as np
from keras_mtl.datasets import TaskSpec, from_arrays

def toy(batch_size, seed, size=8):
    return from_arrays(
        "toy",
        tasks=[TaskSpec("y", "regression", 1)],
        train=(np.ones((size, 2)), {"y": np.ones(size)}),
        batch_size=batch_size,
        seed=seed,
    )

not_a_function = 3
"""


def toy(batch_size=4, seed=0, **options):
    return from_arrays(
        "toy",
        tasks=[TaskSpec("y", "regression", 1)],
        train=(np.ones((8, 2)), {"y": np.ones(8)}),
        batch_size=batch_size,
        seed=seed,
        options=options,
    )


@pytest.mark.parametrize("name", DATASETS)
def test_every_name_leads_to_a_documented_function(name):
    loader = find_loader(name)
    assert loader.__name__ == name
    assert "Args:" in loader.__doc__


def test_a_function_is_called_with_the_options():
    data = load(toy, batch_size=2, seed=5, colour="red")
    assert isinstance(data, MultiTaskData)
    assert (data.batch_size, data.seed) == (2, 5)
    assert data.options == {"colour": "red"}


def test_the_batch_size_defaults_to_the_data_sets_own():
    assert load(toy).batch_size == 4


def test_a_function_of_another_package(tmp_path, monkeypatch):
    (tmp_path / "my_own_data.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    data = load("my_own_data:toy", batch_size=4, size=12)
    assert data.train.num_batches == 3
    with pytest.raises(ConfigError, match=r"has no option 'sise'.*'size'\?"):
        load("my_own_data:toy", batch_size=4, sise=12)
    with pytest.raises(ConfigError, match=r"is not a function.*Received: int"):
        load("my_own_data:not_a_function")
    with pytest.raises(ConfigError, match=r"cannot be imported.*'tot'"):
        load("my_own_data:tot")


@pytest.mark.parametrize("name", ["no_such_module_here:f", ":f", "a:", 3])
def test_what_cannot_be_imported_is_refused(name):
    with pytest.raises(ConfigError):
        load(name)


def test_a_misspelt_name_gets_the_nearest():
    with pytest.raises(
        ConfigError, match=r"no data set 'multi_mnst'.*'multi_mnist'\?"
    ):
        load("multi_mnst")


def test_a_misspelt_option_gets_the_nearest():
    with pytest.raises(ConfigError, match=r"no option 'pair'.*'pairs'\?"):
        load("multi_digits", pair="fresh")


def test_a_folder_for_what_reads_no_files_is_refused():
    with pytest.raises(ConfigError, match=r"no files\. Remove `data\.dir`"):
        load("multi_digits", dir="somewhere")


def test_what_returns_something_else_is_refused():
    with pytest.raises(ConfigError, match=r"must return .* Received: dict"):
        load(lambda seed: {})


def test_public_names_resolve_and_others_do_not():
    for name in datasets.__all__:
        assert getattr(datasets, name) is not None
    assert set(dir(datasets)) == set(datasets.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nope'"):
        _ = datasets.nope
