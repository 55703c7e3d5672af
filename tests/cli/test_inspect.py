import pytest


@pytest.mark.parametrize(
    "command",
    [["inspect", "multi_digits"], ["fit", "multi_digits", "--dry-run"]],
)
def test_tasks_parameters_and_costs(run, folder, tiny, command):
    result = run(*command, *tiny)
    assert result.exit_code == 0, result.output
    for text in (
        "(24, 24, 1), batches of 16",
        "sparse_categorical_crossentropy",
        "shared by two tasks or more",
        "14,330",
        "6,120",
        "floating-point operations",
        "waiting for data",
        "evaluation step",
    ):
        assert text in result.output
    assert not list(folder.iterdir())


def test_independent_optimizers_are_counted(run, folder, tiny):
    result = run("inspect", "multi_digits_independent", *tiny)
    assert "2 x adam" in result.output
    assert "left | right" in result.output
