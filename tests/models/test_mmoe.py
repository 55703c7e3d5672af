import numpy as np
import pytest

from keras_mtl.models import mmoe


def test_outputs_are_those_of_the_equations(dense, softmax):
    model = mmoe({"a": 2, "b": 1}, (5,), 3, units=(4,), head_units=(6,))
    x = np.random.default_rng(0).normal(size=(7, 5)).astype("float32")
    experts = np.stack(
        [np.maximum(dense(model, f"expert{i}_dense1", x), 0) for i in (1, 2, 3)]
    )
    for task, output in model(x).items():
        gate = softmax(dense(model, f"{task}_gate", x))
        mixed = np.einsum("be,ebc->bc", gate, experts)
        hidden = np.maximum(dense(model, f"{task}_dense1", mixed), 0)
        expected = dense(model, f"{task}_logits", hidden)
        np.testing.assert_allclose(output, expected, rtol=1e-4, atol=1e-5)


def test_images_have_experts_with_convolutions():
    model = mmoe({"a": 2}, (8, 8, 1), 2, (4,), widths=(3, 5), dropout=0.1)
    names = [layer.name for layer in model.layers]
    assert "expert2_conv2_pool" in names
    assert "expert1_dense1_dropout" in names
    assert model.get_layer("expert1_conv2_pool").output.shape[1:] == (2, 2, 5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_experts": 0}, "`num_experts` must be"),
        ({"units": ()}, "`units` must be"),
        ({"widths": (3,)}, "height and width 2 or more"),
        ({"dropout": 1}, "`dropout` must be"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        mmoe({"a": 1}, (5,), **options)
