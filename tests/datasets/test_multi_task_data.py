from keras_mtl.datasets import load


def test_the_stream_is_that_of_the_training_split(elements, same):
    data = load("multi_digits", batch_size=16, train_size=64)
    assert same(
        elements(data.train_stream(2, 1), 5),
        elements(data.train.stream(2, 1), 5),
    )
    assert same(
        elements(data.train_stream(2), 4), elements(data.train.dataset(2))
    )


def test_a_run_goes_on_where_it_was_interrupted(elements, same):
    """In another object, as after a restart."""
    whole = elements(
        load("multi_digits", batch_size=16, train_size=64).train_stream(), 12
    )
    again = load("multi_digits", batch_size=16, train_size=64)
    assert same(elements(again.train_stream(1, 3), 5), whole[7:])
