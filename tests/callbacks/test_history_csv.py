from keras_mtl.callbacks import HistoryCSV
from keras_mtl.runs.history import read_history


def test_one_row_an_epoch_with_the_values_of_keras(trainer, fit, tmp_path):
    path = tmp_path / "history.csv"
    history = fit(trainer, HistoryCSV(path)).history
    rows = read_history(path)
    assert [(row["epoch"], row["step"]) for row in rows] == [(1, 6), (2, 12)]
    for key, values in history.items():
        assert [row[key] for row in rows] == values


def test_epochs_trained_again_replace_their_rows(trainer, fit, tmp_path):
    path = tmp_path / "history.csv"
    fit(trainer, HistoryCSV(path), epochs=2)
    fit(trainer, HistoryCSV(path), epochs=3, initial_epoch=1)
    rows = read_history(path)
    assert [(row["epoch"], row["step"]) for row in rows] == [
        (1, 6),
        (2, 18),
        (3, 24),
    ]
