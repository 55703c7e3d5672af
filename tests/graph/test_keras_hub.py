"""Backbones of keras-hub, built of their arguments: nothing is downloaded."""

import keras
import numpy as np
import pytest
from keras import layers

import keras_mtl
from keras_mtl.callbacks import Roaming
from keras_mtl.graph import compressed, describe_partition, partition

hub = pytest.importorskip(
    "keras_hub", reason="keras-hub is not installed (extra `backbones`)"
)
SHAPE = (32, 32, 3)
RESNET = {
    "input_conv_filters": [8],
    "input_conv_kernel_sizes": [3],
    "stackwise_num_filters": [64, 64],
    "stackwise_num_blocks": [1, 1],
    "stackwise_num_strides": [1, 2],
    "block_type": "bottleneck_block",
    "use_pre_activation": True,
}
EFFICIENT_NET = {
    "stackwise_width_coefficients": [1.0, 1.0],
    "stackwise_depth_coefficients": [1.0, 1.0],
    "stackwise_kernel_sizes": [3, 3],
    "stackwise_num_repeats": [1, 1],
    "stackwise_input_filters": [8, 8],
    "stackwise_output_filters": [8, 16],
    "stackwise_expansion_ratios": [1, 4],
    "stackwise_strides": [1, 2],
    "stackwise_squeeze_and_excite_ratios": [0.25, 0.25],
    "stackwise_block_types": ["v1", "unfused"],
    "stackwise_force_input_filters": [0, 0],
    "stackwise_nores_option": [False, False],
}
MIX = {
    "layerwise_depths": [1, 1],
    "num_layers": 2,
    "layerwise_num_heads": [1, 2],
    "layerwise_sr_ratios": [2, 1],
    "max_drop_path_rate": 0.1,
    "layerwise_patch_sizes": [7, 3],
    "layerwise_strides": [4, 2],
    "hidden_dims": [8, 16],
}


def with_heads(name, options):
    backbone = getattr(hub.models, name)(image_shape=SHAPE, **options)
    x = keras.Input(SHAPE, name="image")
    h = layers.GlobalAveragePooling2D()(backbone(x))
    return keras.Model(x, {t: layers.Dense(3, name=t)(h) for t in "ab"})


@pytest.mark.parametrize(
    ("name", "options", "places"),
    [
        ("VGGBackbone", {
            "stackwise_num_repeats": [1, 1],
            "stackwise_num_filters": [8, 16],
        }, 2),
        ("XceptionBackbone", {
            "stackwise_conv_filters": [[8, 16]],
            "stackwise_pooling": [True],
        }, 2),
        ("ResNetBackbone", RESNET, 9),
        ("EfficientNetBackbone", EFFICIENT_NET, 6),
    ],
)  # fmt: skip
def test_partition_train_roam_compress(name, options, places):
    model = with_heads(name, options)
    random = np.random.default_rng(0)
    x = random.normal(size=(4, *SHAPE)).astype("float32")
    y = {t: random.integers(0, 3, 4) for t in "ab"}
    whole = partition(model, 1.0, norm="batch")(x)
    for task, expected in model(x).items():
        np.testing.assert_array_equal(whole[task], expected)
    masked = partition(model, 0.5)
    report = describe_partition(masked)
    assert len(report.layers) == places
    masks = [row.layer.mask for row in report.layers]
    before = [mask.numpy().copy() for mask in masks]
    trainer = keras_mtl.trainers.Alternating(masked)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    trainer.compile("sgd", loss, run_eagerly=True)
    trainer.fit(
        x,
        y,
        batch_size=2,
        verbose=0,
        callbacks=[Roaming(finish_by={"steps": 1})],
    )
    for old, mask in zip(before, masks, strict=True):
        assert (old != mask.numpy()).any()
    small = compressed(masked, "a")
    assert small.count_params() < masked.count_params()
    np.testing.assert_allclose(small(x)["a"], masked(x)["a"], atol=1e-5)


def test_convolutions_out_of_reach_are_told():
    masked = partition(with_heads("EfficientNetBackbone", EFFICIENT_NET), 0.5)
    report = describe_partition(masked)
    assert sum(report.hidden.values()) > 0
    for name, count in report.hidden.items():
        line = f"not reached: {count} convolutions inside {name}"
        assert line in str(report)


def test_a_transformer_has_nothing_to_partition():
    message = r"nothing to partition.* call by themselves"
    with pytest.raises(ValueError, match=message):
        partition(with_heads("MiTBackbone", MIX))
