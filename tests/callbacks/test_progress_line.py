import io

from rich.console import Console

from keras_mtl.callbacks import ProgressLine


def test_one_plain_line_an_epoch_where_there_is_no_terminal(trainer, fit):
    text = io.StringIO()
    fit(trainer, ProgressLine(Console(file=text, width=40)))
    first, second = text.getvalue().splitlines()
    assert first.startswith("epoch 1/2")
    assert second.startswith("epoch 2/2")
    for part in ("left_loss", "right_loss", "(val "):
        assert part in first
    assert "\x1b" not in text.getvalue()


def test_a_terminal_shows_batches_and_is_given_back(trainer, fit, monkeypatch):
    monkeypatch.setattr(
        "keras_mtl.callbacks.progress_line.REFRESH_SECONDS", 0.0
    )
    text = io.StringIO()
    console = Console(file=text, force_terminal=True, width=200)
    fit(trainer, ProgressLine(console, epochs=9))
    assert "batch 3/6" in text.getvalue()
    assert "epoch 2/9" in text.getvalue()
    assert "\x1b[?25h" in text.getvalue()


def test_no_color_is_obeyed(trainer, fit, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    text = io.StringIO()
    fit(trainer, ProgressLine(Console(file=text, force_terminal=True)))
    assert "\x1b[3" not in text.getvalue()
