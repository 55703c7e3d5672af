import pytest

from keras_mtl.errors import ConfigError
from keras_mtl.runs.monitor import direction, improves


@pytest.mark.parametrize(
    "monitor",
    [
        "loss",
        "val_loss",
        "val_left_loss",
        "val_depth_mean_absolute_error",
        "val_a_sparse_categorical_crossentropy",
        "val_a_false_positives",
        "val_depth_mae",
        "val_normals_median_angle",
    ],
)
def test_losses_and_errors_are_minimised(monitor):
    assert direction(monitor) == "min"


@pytest.mark.parametrize(
    "monitor",
    [
        "val_left_accuracy",
        "val_left_sparse_categorical_accuracy",
        "val_a_auc",
        "val_a_auc_1",
        "val_a_mean_io_u",
        "val_a_f1_score",
        "val_a_r2_score",
        "val_a_precision_at_recall",
        "val_a_sensitivity_at_specificity",
        "val_a_cosine_similarity",
        "val_lossless_accuracy",
        "val_normals_within_11_25",
        "val_a_auroc",
    ],
)
def test_accuracies_and_scores_are_maximised(monitor):
    assert direction(monitor) == "max"


def test_the_mode_overrules_the_name():
    assert direction("val_loss", "max") == "max"


def test_an_unknown_name_asks_for_the_mode():
    with pytest.raises(ConfigError, match="Set `mode` to 'min' or 'max'"):
        direction("val_left_something")
    with pytest.raises(ConfigError, match="Received: 'down'"):
        direction("val_loss", "down")


def test_only_strictly_better_values_improve():
    assert improves(1.0, None, "min")
    assert improves(1.0, 2.0, "min")
    assert not improves(1.0, 1.0, "min")
    assert improves(2.0, 1.0, "max")
    assert not improves(float("nan"), None, "min")
