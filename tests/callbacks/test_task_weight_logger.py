from keras_mtl.callbacks import TaskWeightLogger


def test_weights_are_put_into_the_logs(trainer):
    trainer.task_weights = lambda: {"left": 0.25, "right": 0.75}
    callback, logs = TaskWeightLogger(), {"loss": 1.0}
    callback.set_model(trainer)
    callback.on_epoch_end(0, logs)
    assert logs == {"loss": 1.0, "weight_left": 0.25, "weight_right": 0.75}


def test_a_model_without_task_weights_is_left_alone(keras_model):
    callback, logs = TaskWeightLogger(), {}
    callback.set_model(keras_model)
    callback.on_epoch_end(0, logs)
    assert logs == {}
