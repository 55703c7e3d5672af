"""Whose encoder is whose, by where gradients go and who reads."""

import keras
import pytest

from keras_mtl.graph import split
from keras_mtl.models import cooperative
from keras_mtl.trainers.encoders import find_encoders

UNET = {
    "network": "unet",
    "widths": (6, 6),
    "input_shape": (8, 8, 1),
    "classification": ["c"],
}
LENET = {"widths": (6, 6), "input_shape": (10, 10, 1)}


def found_in(model):
    return find_encoders(split(model, allow_disjoint=True))


@pytest.mark.parametrize("fusion", ["cross", "late"])
@pytest.mark.parametrize("options", [LENET, UNET], ids=["lenet", "unet"])
def test_encoders_and_heads_of_the_networks(options, fusion):
    model = cooperative(
        {"a": 2, "b": 3, "c": 2},
        fusion=fusion,
        batch_normalization=True,
        **options,
    )
    found = found_in(model)
    both = [*found.encoders.values(), *found.heads.values()]
    assert sum(len(v) for v in both) == len(model.trainable_variables)
    for task in "abc":
        names = {v.path.split("/")[0] for v in found.encoders[task]}
        assert names
        assert all(n.startswith((f"{task}_conv", f"{task}_d")) for n in names)
        heads = {v.path.split("/")[0] for v in found.heads[task]}
        assert all(
            n.startswith((f"{task}_logits", f"{task}_up")) for n in heads
        )
        assert len(found.of(task)) == len(found.encoders[task]) + len(
            found.heads[task]
        )
        assert not set(map(id, found.others(task))) & set(
            map(id, found.of(task))
        )


def test_the_others_are_in_the_order_of_the_names():
    model = cooperative({"c": 2, "a": 2, "b": 2}, **LENET)
    paths = [v.path for v in found_in(model).others("b")]
    assert [p[0] for p in paths] == sorted(p[0] for p in paths)
    assert {p[0] for p in paths} == {"a", "c"}


@pytest.mark.parametrize("options", [{"design": "joint"}, {"fusion": "cross"}])
def test_shared_encoders_are_refused_and_how_to_part_them_said(options):
    model = cooperative(
        {"a": 2, "b": 2}, stop_gradients=False, **LENET, **options
    )
    with pytest.raises(ValueError, match=r"the losses of \['a', 'b'\] all"):
        found_in(model)


def test_tasks_that_read_nothing_of_each_other_are_refused():
    x = keras.Input((4,), name="x")
    outputs = {
        task: keras.layers.Dense(1, name=task)(
            keras.layers.Dense(3, name=f"{task}_encoder")(x)
        )
        for task in "ab"
    }
    with pytest.raises(ValueError, match=r"where \['a', 'b'\] have none"):
        found_in(keras.Model(x, outputs))


def test_a_frozen_encoder_is_none():
    model = cooperative({"a": 2, "b": 2}, **LENET)
    for layer in model.layers:
        if layer.name.startswith("b_") and "logits" not in layer.name:
            layer.trainable = False
    with pytest.raises(ValueError, match=r"where \['b'\] have none"):
        found_in(model)
