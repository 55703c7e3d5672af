"""What every weighting owes, checked over one table of all of them."""

import functools
import json

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_mtl.weightings as package
from keras_mtl.weightings import (
    COSMOS,
    DTP,
    DWA,
    FAMO,
    GLS,
    IMTLL,
    LBTW,
    PBI,
    RLW,
    STCH,
    GradNorm,
    Log,
    Static,
    Uncertainty,
    Weighting,
)

TASKS = ("a", "b", "c")
CASES = {
    "cosmos": lambda **k: COSMOS(**k),
    "cosmos_drawn": lambda **k: COSMOS(concentration=1.2, seed=1, **k),
    "dtp": lambda **k: DTP(**k),
    "dwa": lambda **k: DWA(**k),
    "famo": lambda **k: FAMO(**k),
    "famo_next": lambda **k: FAMO(batch="next", **k),
    "gls": lambda **k: GLS(**k),
    "gradnorm": lambda **k: GradNorm(**k),
    "imtl_l": lambda **k: IMTLL(init={"a": 0.5}, **k),
    "lbtw": lambda **k: LBTW(**k),
    "lbtw_run": lambda **k: LBTW(reference="run", **k),
    "log": lambda **k: Log(**k),
    "pbi": lambda **k: PBI(preference={"a": 2.0}, **k),
    "rlw": lambda **k: RLW(seed=1, **k),
    "rlw_bernoulli": lambda **k: RLW("bernoulli", seed=1, **k),
    "rlw_dirichlet": lambda **k: RLW("dirichlet", seed=1, **k),
    "rlw_uniform": lambda **k: RLW("uniform", seed=1, **k),
    "static": lambda **k: Static({"b": 3.0}, **k),
    "stch": lambda **k: STCH(warmup_epochs=1, **k),
    "uncertainty": lambda **k: Uncertainty(init={"a": 1.0}, **k),
}
# Those whose weights sum to the number of tasks.
SUMMING = ["dwa", "gradnorm"] + [name for name in CASES if "rlw" in name]
every_case = pytest.mark.parametrize("name", CASES)


def make(name, tasks=TASKS, **options):
    weighting = CASES[name](**options)
    weighting.build_state(tasks)
    return weighting


def gram_of(losses):
    return np.diag(np.square(losses) + 1.0).astype("float32")


class Bench:
    """A traced weighting whose state can be put back."""

    def __init__(self, name, tasks=TASKS):
        self.tasks = tasks
        self.weighting = make(name, tasks)
        self.variables = self.weighting.variables
        self.first = self.state()
        self.traces = 0
        self.call = tf.function(self.step, autograph=False)

    def step(self, losses, present, gram):
        self.traces += 1
        weights = self.weighting.task_weights(losses, present)
        self.weighting.update(losses, present, gram)
        if self.weighting.reads_losses_after:
            self.weighting.update_after(losses, 0.9 * losses**2, present)
        return weights

    def __call__(self, losses, present=None, gram=None):
        losses = np.asarray(losses, "float32")
        if present is None:
            present = np.ones(len(losses), bool)
        gram = gram_of(losses) if gram is None else gram
        tensors = map(tf.constant, (losses, present, gram))
        return self.call(*tensors).numpy()

    def end(self, epoch, losses):
        logs = {f"{t}_loss": v for t, v in zip(self.tasks, losses, strict=True)}
        logs |= {f"val_{task}_accuracy": 0.5 for task in self.tasks}
        self.weighting.on_epoch_end(epoch, logs)

    def state(self):
        return [np.asarray(variable) for variable in self.variables]

    def put(self, state):
        for variable, value in zip(self.variables, state, strict=True):
            variable.assign(value)


made_bench = functools.cache(Bench)


@pytest.fixture
def bench(name):
    bench = made_bench(name)
    bench.put(bench.first)
    return bench


def test_the_table_has_every_weighting():
    classes = {getattr(package, name) for name in package.__all__}
    classes = {
        c for c in classes if isinstance(c, type) and issubclass(c, Weighting)
    }
    assert classes - {Weighting} == {type(make(name)) for name in CASES}


@every_case
def test_serialises_and_comes_back_equal(name):
    weighting = CASES[name]()
    text = json.dumps(keras.saving.serialize_keras_object(weighting))
    again = keras.saving.deserialize_keras_object(json.loads(text))
    assert type(again) is type(weighting)
    assert json.dumps(again.get_config()) == json.dumps(weighting.get_config())


@every_case
def test_finite_for_all_losses_without_retracing(bench, name):
    for epoch in range(4):
        for losses in (
            [1.0, 2.0, 3.0],
            [1e-12, 1.0, 1e8],
            [0.0, 1.0, 2.0],
            [0.0, 0.0, 0.0],
            [7.0, 7.0, 7.0],
            [1e-15, 1e-15, 1e15],
        ):
            assert np.isfinite(bench(losses)).all(), losses
        bench.end(epoch, losses)
    assert bench.traces == 1
    for value in bench.state():
        assert np.isfinite(value.astype("float64")).all()


@every_case
@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_non_finite_loss_leaves_no_trace(bench, name, bad):
    bench([1.0, 2.0, 3.0])
    before = bench.state()
    bench([1.0, bad, 3.0], gram=gram_of([1.0, 2.0, 3.0]))
    for variable, old in zip(bench.variables, before, strict=True):
        if "seed_generator" not in variable.path:
            np.testing.assert_array_equal(variable, old, variable.path)


@every_case
def test_absent_tasks_change_nothing(name):
    if "rlw" in name or "drawn" in name:
        pytest.skip("draws other numbers for another number of tasks")
    full, reduced = Bench(name), Bench(name, TASKS[:2])
    present = np.array([True, True, False])
    for epoch in range(3):
        for losses in ([1.0, 2.0, 99.0], [0.5, 3.0, np.nan]):
            before = full.state()
            found = full(losses, present, gram_of(np.nan_to_num(losses)))
            expected = reduced(losses[:2])
            np.testing.assert_allclose(found[:2], expected, rtol=1e-5)
            for value, old in zip(full.state(), before, strict=True):
                if value.shape == (3,):
                    np.testing.assert_array_equal(value[2], old[2])
        full.end(epoch, losses)
        reduced.end(epoch, losses[:2])


@every_case
def test_nobody_present_leaves_no_trace(bench, name):
    bench([1.0, 2.0, 3.0])
    before = bench.state()
    weights = bench([0.0, 0.0, 0.0], np.zeros(3, bool))
    assert np.isfinite(weights).all()
    for variable, old in zip(bench.variables, before, strict=True):
        if "seed_generator" not in variable.path:
            np.testing.assert_array_equal(variable, old)


@every_case
def test_goes_on_from_its_variables(bench, name):
    def run(start):
        found = []
        for epoch in range(start, start + 2):
            for losses in ([1.0, 2.0, 3.0], [0.7, 2.5, 1.0]):
                found.append(bench(np.array(losses) / (epoch + 1)))
            bench.end(epoch, losses)
        return found

    run(0)
    state = bench.state()
    expected = run(2)
    bench.put(state)
    np.testing.assert_array_equal(run(2), expected)


@pytest.mark.parametrize("name", SUMMING)
def test_weights_are_positive_and_sum_to_the_number_of_tasks(bench, name):
    for epoch in range(3):
        for losses in ([1.0, 2.0, 3.0], [0.1, 9.0, 3.0]):
            weights = bench(losses)
            assert weights.min() >= 0
            np.testing.assert_allclose(weights.sum(), 3, rtol=1e-5)
        bench.end(epoch, losses)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
@every_case
def test_half_precision_leaves_it_in_float32(name, policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        weighting = make(name)
    finally:
        keras.config.set_dtype_policy(before)
    dtypes = {v.dtype for v in weighting.variables if "float" in v.dtype}
    assert dtypes <= {"float32"}
    weights = weighting.task_weights(tf.constant([1.0, 2.0, 3.0]))
    assert tf.convert_to_tensor(weights).dtype == "float32"
    assert np.isfinite(weights).all()


@every_case
def test_xla_gives_the_same(bench, name):
    compiled = tf.function(bench.step, autograph=False, jit_compile=True)
    gram = tf.constant(gram_of([1.0, 2.0, 3.0]))
    present = tf.constant([True, True, False])
    losses = tf.constant([1.0, 2.0, 3.0])
    for mask in (tf.ones(3, bool), present):
        expected = [bench(losses * s, mask, gram) for s in (1.0, 0.7, 0.9)]
        state = bench.state()
        bench.put(bench.first)
        found = [compiled(losses * s, mask, gram) for s in (1.0, 0.7, 0.9)]
        if "rlw" in name or "drawn" in name:
            # XLA draws other numbers from the same seed.
            assert np.isfinite(found).all()
            continue
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
        for value, other in zip(bench.state(), state, strict=True):
            np.testing.assert_allclose(value, other, rtol=1e-5, atol=1e-6)
        bench.put(bench.first)


@every_case
def test_says_what_it_is(name):
    weighting = CASES[name]()
    assert weighting.paper or name == "static"
    assert isinstance(weighting.reads_gram, bool)
    assert isinstance(weighting.reads_metrics, bool)
