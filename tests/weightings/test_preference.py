import pytest

from keras_mtl.weightings import COSMOS, PBI


@pytest.mark.parametrize("weighting", [COSMOS, PBI])
def test_preferences_follow_the_order_of_the_tasks(weighting):
    made = weighting(preference={"b": 3.0})
    made.build_state(("a", "b"))
    assert list(made.ray.numpy()) == [1.0, 3.0]
    assert made.get_config()["preference"] == {"b": 3.0}


@pytest.mark.parametrize("weighting", [COSMOS, PBI])
def test_a_preference_that_is_not_positive_is_refused(weighting):
    with pytest.raises(ValueError, match=r"must be positive\. Received"):
        weighting(preference={"b": 0.0}).build_state(("a", "b"))
