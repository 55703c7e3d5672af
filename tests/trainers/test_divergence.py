from keras_mtl.trainers.divergence import Divergence, first_divergence


def test_no_divergence_is_none():
    assert first_divergence(("a", "b"), (0, 0)) is None


def test_the_earliest_step_wins_then_the_order_of_tasks():
    tasks = ("a", "b", "c")
    assert first_divergence(tasks, (9, 4, 0)) == Divergence("b", 4)
    assert first_divergence(tasks, (0, 4, 4)) == Divergence("b", 4)
