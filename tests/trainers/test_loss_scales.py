import keras
import numpy as np
import pytest

from keras_mtl.aggregators import PCGrad, UPGrad
from keras_mtl.trainers import Alternating, Independent, Shared, SingleTask
from keras_mtl.weightings import FAMO


@pytest.fixture
def policy():
    """Sets a dtype policy, as long as the test runs."""
    before = keras.config.dtype_policy()
    yield keras.config.set_dtype_policy
    keras.config.set_dtype_policy(before)


def scaled(scale):
    return keras.optimizers.LossScaleOptimizer(
        keras.optimizers.SGD(0.1, momentum=0.9), initial_scale=scale
    )


def states(trainer):
    """Slots of the optimizers and the state of the weighting."""
    inner = [o.inner_optimizer for o in trainer.optimizers.values()]
    parts = [trainer.weighting] if trainer.weighting else []
    return [np.array(v) for part in [*inner, *parts] for v in part.variables]


@pytest.mark.parametrize(
    ("scheme", "steps"),
    [(Shared, 1), (Alternating, 3), (Independent, 3), (SingleTask, 3)],
)
def test_overflow_skips_the_step_and_is_counted(kit, policy, scheme, steps):
    policy("mixed_float16")
    options = {"weighting": FAMO()} if scheme is Shared else {}
    trainer = scheme(kit.build(), **options)
    # Gradients of the heads are above 2e-3: 2**32 times that is infinite.
    kit.compiled(trainer, scaled(2.0**32), eager=False)
    before, slots = kit.parameters(trainer.model), states(trainer)
    kit.train(trainer, kit.batches(1))
    kit.assert_same(kit.parameters(trainer.model), before, rtol=0, atol=0)
    for one, other in zip(states(trainer), slots, strict=True):
        np.testing.assert_array_equal(one, other)
    found = trainer.telemetry.result()
    assert found["loss_scale/skipped"] == 1.0
    shared = scheme is Alternating
    halved = [2.0**32 / 2**i for i in range(steps)] if shared else [2.0**32]
    assert found["loss_scale/scale"] == pytest.approx(np.mean(halved))
    trainer.telemetry.reset()
    for member in {id(o): o for o in trainer.optimizers.values()}.values():
        member.dynamic_scale.assign(8.0)
    kit.train(trainer, kit.batches(1))
    assert trainer.telemetry.result()["loss_scale/skipped"] == 0.0
    moved = kit.parameters(trainer.model)
    assert any(np.any(moved[path] != before[path]) for path in before)


def test_without_loss_scaling_nothing_is_measured(kit):
    assert kit.compiled(Shared(kit.build())).telemetry is None


@pytest.mark.parametrize("name", ["mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("method", [PCGrad, UPGrad])
def test_half_precision_stays_near_float32(kit, policy, name, method):
    data, found = kit.batches(3), []
    for chosen in ("float32", name):
        policy(chosen)
        keras.utils.set_random_seed(0)
        trainer = Shared(kit.build(), method())
        kit.compiled(trainer, keras.optimizers.SGD(0.05), eager=False)
        kit.train(trainer, data)
        found.append(kit.parameters(trainer.model))
        assert trainer.aggregators[0].compute_dtype == "float32"
    kit.assert_same(found[1], found[0], rtol=0.05, atol=0.02)
