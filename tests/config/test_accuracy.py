from keras_mtl.config.accuracy import accuracy


def test_the_trainer_chooses_the_accuracy():
    assert accuracy() == "accuracy"
