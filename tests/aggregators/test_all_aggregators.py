"""What every aggregator owes, checked over one table of all of them."""

import functools
import json
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_mtl.aggregators as package
from keras_mtl.aggregators import (
    CRMOGM,
    DBMTL,
    GREAT,
    IMTLG,
    MGDA,
    PCD,
    Aggregator,
    AlignedMTL,
    CAGrad,
    ConFIG,
    Constant,
    DualProj,
    ExcessMTL,
    FairGrad,
    GradDrop,
    GradVac,
    Krum,
    Mean,
    MoCo,
    MoDo,
    NashMTL,
    PCGrad,
    Random,
    SDMGrad,
    Sum,
    TrimmedMean,
    UPGrad,
)

T, D = 5, 7
FROZEN = Path(__file__).with_name("frozen.json")
# Name: how to make one for a number of tasks.
CASES = {
    "aligned_mtl": lambda n, **k: AlignedMTL(**k),
    "aligned_mtl_median": lambda n, **k: AlignedMTL(eigen_scale="median", **k),
    "aligned_mtl_rmse": lambda n, **k: AlignedMTL(eigen_scale="rmse", **k),
    "cagrad": lambda n, **k: CAGrad(**k),
    "cagrad_wide": lambda n, **k: CAGrad(c=1.5, rescale=1, **k),
    "con_fig": lambda n, **k: ConFIG(**k),
    "constant": lambda n, **k: Constant(list(range(1, n + 1)), **k),
    "cr_mogm": lambda n, **k: CRMOGM(MGDA(**k), **k),
    "db_mtl": lambda n, **k: DBMTL(**k),
    "dualproj": lambda n, **k: DualProj(**k),
    "dualproj_preferring": lambda n, **k: DualProj(
        preference=list(range(1, n + 1)), **k
    ),
    "excess_mtl": lambda n, **k: ExcessMTL(**k),
    "fairgrad": lambda n, **k: FairGrad(**k),
    "graddrop": lambda n, **k: GradDrop(leak=0.1, seed=1, **k),
    "gradvac": lambda n, **k: GradVac(seed=1, **k),
    "gradvac_given": lambda n, **k: GradVac(order="given", **k),
    "great": lambda n, **k: GREAT(**k),
    "imtl_g": lambda n, **k: IMTLG(**k),
    "krum": lambda n, **k: Krum(num_byzantine=1, num_selected=2, **k),
    "mean": lambda n, **k: Mean(**k),
    "mgda": lambda n, **k: MGDA(**k),
    "mgda_normalised": lambda n, **k: MGDA(normalization="loss+", **k),
    "moco": lambda n, **k: MoCo(**k),
    "modo": lambda n, **k: MoDo(**k),
    "nash_mtl": lambda n, **k: NashMTL(**k),
    "nash_mtl_rarely": lambda n, **k: NashMTL(update_every=3, **k),
    "pcd": lambda n, **k: PCD(tau=0.3, **k),
    "pcgrad": lambda n, **k: PCGrad(seed=1, **k),
    "pcgrad_given": lambda n, **k: PCGrad(order="given", **k),
    "random": lambda n, **k: Random(seed=1, **k),
    "sdmgrad": lambda n, **k: SDMGrad(**k),
    "sum": lambda n, **k: Sum(**k),
    "trimmed_mean": lambda n, **k: TrimmedMean(**k),
    "upgrad": lambda n, **k: UPGrad(**k),
}
every_case = pytest.mark.parametrize("name", CASES)


def make(name, num_tasks=T, num_params=D, **options):
    aggregator = CASES[name](num_tasks, **options)
    aggregator.build_state(num_tasks, [(num_params,)])
    return aggregator


def combined(aggregator, jacobian, present=None, losses=None):
    """What a trainer does with the gradients of one variable."""
    mask = tf.ones(jacobian.shape[:1], bool) if present is None else present
    if aggregator.reads == "stack":
        found = aggregator.combine(jacobian, 0, present)
        return aggregator.rescaled(found, mask)
    if aggregator.transforms:
        jacobian = aggregator.transform(jacobian, 0, present)
    gram = tf.matmul(jacobian, jacobian, transpose_b=True)
    gram = None if aggregator.reads == "nothing" else gram
    if losses is None:
        losses = tf.ones(jacobian.shape[:1], jacobian.dtype)
    weights = aggregator.task_weights(gram, present, losses)
    weights = aggregator.rescaled(weights, present)
    weights = tf.cast(weights, jacobian.dtype)
    return tf.tensordot(weights, jacobian, 1)


class Bench:
    """A traced aggregator whose state can be put back."""

    def __init__(self, name):
        self.aggregator = make(name)
        self.variables = self.aggregator.variables
        self.first = self.state()
        self.traces = 0
        self.call = tf.function(self.step, autograph=False)

    def step(self, jacobian, present):
        self.traces += 1
        return combined(self.aggregator, jacobian, present)

    def __call__(self, jacobian, present=None):
        present = tf.ones(T, bool) if present is None else present
        return self.call(tf.constant(jacobian), present).numpy()

    def state(self):
        return [np.asarray(variable) for variable in self.variables]

    def put(self, state):
        for variable, value in zip(self.variables, state, strict=True):
            variable.assign(value)


@functools.cache
def made_bench(name):
    return Bench(name)


@pytest.fixture
def bench(name):
    bench = made_bench(name)
    bench.put(bench.first)
    return bench


def sample(seed=0, num_tasks=T, num_params=D, dtype="float32"):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(num_tasks, num_params)).astype(dtype)


def nasty():
    base = sample()
    zero_row = base * np.array([1, 0, 1, 1, 1])[:, None]
    twice = base[[0, 1, 1, 3, 3]]
    opposite = np.stack([base[0], -base[0], base[1], -base[1], base[2]])
    flat = sample(1, T, 2) @ sample(2, 2, D)
    line = np.outer([1.0, -2.0, 3.0, 0.5, -1.0], base[0])
    towering = base * np.array([1, 1, 1e6, 1, 1])[:, None]
    tiny = base * np.array([1, 1e-6, 1, 1, 1])[:, None]
    matrices = [base, zero_row, twice, opposite, flat, line, towering, tiny]
    matrices += [np.zeros((T, D)), np.ones((T, D))]
    return [matrix.astype("float32") for matrix in matrices]


def declaring(guarantee, but=()):
    names = [n for n in CASES if guarantee in CASES[n](T).guarantees]
    names = [name for name in names if name not in but]
    return pytest.mark.parametrize("name", names)


def test_the_table_has_every_aggregator():
    classes = {getattr(package, name) for name in package.__all__}
    classes = {
        c for c in classes if isinstance(c, type) and issubclass(c, Aggregator)
    }
    assert classes - {Aggregator} == {type(make(name)) for name in CASES}


@every_case
def test_serialises_and_comes_back_equal(name):
    aggregator = CASES[name](T, scale="sum")
    text = json.dumps(keras.saving.serialize_keras_object(aggregator))
    again = keras.saving.deserialize_keras_object(json.loads(text))
    assert type(again) is type(aggregator)
    assert json.dumps(again.get_config()) == json.dumps(aggregator.get_config())


@every_case
def test_finite_on_nasty_matrices_at_every_scale_without_retracing(bench, name):
    for matrix in nasty():
        for scale in (1e-12, 1e-6, 1.0, 1e4, 1e8):
            found = bench(matrix * np.float32(scale))
            assert np.isfinite(found).all(), (matrix, scale)
    assert bench.traces == 1


@every_case
def test_a_non_finite_gradient_shows_and_leaves_no_trace(bench, name):
    bench(sample())
    broken = sample(1)
    broken[1, 2] = np.inf
    before = bench.state()
    assert not np.isfinite(bench(broken)).all()
    for variable, old in zip(bench.variables, before, strict=True):
        # The risks of ExcessMTL live for one step.
        if "seed_generator" not in variable.path and variable.name != "risks":
            np.testing.assert_array_equal(variable, old, variable.path)


@every_case
def test_identical_gradients_add_up_with_scale_sum(name):
    if name in ("moco", "db_mtl"):
        pytest.skip("averages start at zero")
    gradient = sample(3, 1)
    stack = np.repeat(gradient, T, axis=0)
    found = combined(make(name, scale="sum"), tf.constant(stack))
    np.testing.assert_allclose(found, T * gradient[0], rtol=1e-3)


# The published step length of SDMGrad amplifies rounding errors.
@declaring("deterministic", but=["sdmgrad"])
def test_precisions_agree(name):
    jacobian = sample(4)
    single = combined(make(name), tf.constant(jacobian))
    double = combined(
        make(name, dtype="float64"), tf.constant(jacobian, "float64")
    )
    assert double.dtype == "float64"
    np.testing.assert_allclose(single, double, rtol=1e-4, atol=1e-4)


@declaring("scale-equivariant")
def test_scale_equivariant(name):
    jacobian = sample(5)
    reference = combined(make(name), tf.constant(jacobian)).numpy()
    for scale in (1e-12, 3e-5, 7e3, 1e8):
        scaled = tf.constant(jacobian * np.float32(scale))
        found = combined(make(name), scaled).numpy() / scale
        np.testing.assert_allclose(found, reference, rtol=1e-3, atol=1e-4)


@declaring("permutation-equivariant")
def test_permutation_equivariant(name):
    jacobian = sample(6)
    if "preferring" in name:
        pytest.skip("the preference does not move along")
    order = [3, 0, 4, 1, 2]
    one = combined(make(name), tf.constant(jacobian))
    other = combined(make(name), tf.constant(jacobian[order]))
    np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


@declaring("non-conflicting")
def test_non_conflicting(bench, name):
    for seed in range(20):
        bench.put(bench.first)
        jacobian = sample(seed)
        products = jacobian @ bench(jacobian)
        assert products.min() >= -1e-4 * np.abs(jacobian).max(), seed


def axes_of(variable, size):
    return [axis for axis, n in enumerate(variable.shape) if n == size]


@every_case
def test_absent_tasks_change_nothing(name):
    if name in ("pcgrad", "gradvac", "random"):
        pytest.skip("draws another order for another number of tasks")
    full, reduced = make(name), make(name, T - 1)
    if name == "dualproj_preferring":
        reduced = DualProj(preference=[1, 2, 3, 4])
    present = tf.constant([True] * (T - 1) + [False])
    for seed in range(3):
        jacobian = sample(seed)
        before = [np.asarray(variable) for variable in full.variables]
        with_absent = jacobian.copy()
        with_absent[-1] = np.nan if full.reads == "gram" else 0.0
        if full.reads == "nothing":
            found = full.rescaled(full.task_weights(None, present), present)
            expected = reduced.task_weights(None)
            np.testing.assert_allclose(found[:-1], expected, rtol=1e-5)
            assert found[-1] == 0
            continue
        if full.reads == "stack" or full.transforms:
            with_absent[-1] = 100.0
        found = weights_or_gradient(full, with_absent, present)
        expected = weights_or_gradient(reduced, jacobian[:-1], None)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
        for variable, old in zip(full.variables, before, strict=True):
            for axis in axes_of(variable, T):
                np.testing.assert_array_equal(
                    np.take(variable, -1, axis), np.take(old, -1, axis)
                )


def weights_or_gradient(aggregator, jacobian, present):
    if aggregator.reads == "stack":
        return aggregator.combine(tf.constant(jacobian), 0, present).numpy()
    stack = tf.constant(jacobian)
    if aggregator.transforms:
        stack = aggregator.transform(stack, 0, present)
    gram = tf.matmul(stack, stack, transpose_b=True)
    losses = tf.ones(len(jacobian))
    weights = aggregator.task_weights(gram, present, losses).numpy()
    if present is not None:
        assert weights[-1] == 0
        weights, stack = weights[:-1], stack[:-1]
    return weights @ stack.numpy()


@every_case
def test_nobody_present_gives_no_update(bench, name):
    found = bench(sample(), tf.zeros(T, bool))
    np.testing.assert_array_equal(found, np.zeros(D))


@every_case
@pytest.mark.parametrize("num_tasks", [1, 2, 3, 64])
def test_any_number_of_tasks(name, num_tasks):
    aggregator = make(name, num_tasks, 9)
    jacobian = sample(7, num_tasks, 9)
    found = combined(aggregator, tf.constant(jacobian)).numpy()
    assert np.isfinite(found).all()
    if num_tasks == 1 and "scale-equivariant" in aggregator.guarantees:
        cosine = found @ jacobian[0] / np.linalg.norm(found)
        np.testing.assert_allclose(
            cosine, np.linalg.norm(jacobian[0]), rtol=1e-5
        )


@every_case
def test_another_number_of_tasks_is_refused(name):
    with pytest.raises(ValueError, match=f"built for {T} tasks"):
        make(name)(sample(num_tasks=T - 1))


@every_case
def test_goes_on_from_its_variables(bench, name):
    for seed in range(4):
        bench(sample(seed))
    state = bench.state()
    expected = [bench(sample(seed)) for seed in (4, 5)]
    bench.put(state)
    again = [bench(sample(seed)) for seed in (4, 5)]
    np.testing.assert_array_equal(again, expected)


@declaring("deterministic", but=["sdmgrad"])
def test_results_are_what_they_were(name):
    aggregator = make(name)
    for seed in (10, 11):
        found = combined(aggregator, tf.constant(sample(seed)))
    np.testing.assert_allclose(
        found, json.loads(FROZEN.read_text())[name], rtol=1e-4, atol=1e-5
    )


@pytest.mark.slow
@every_case
def test_xla_gives_the_same(bench, name):
    compiled = tf.function(bench.step, autograph=False, jit_compile=True)
    present = tf.constant([True] * (T - 1) + [False])
    for mask in (tf.ones(T, bool), present):
        jacobian = tf.constant(sample(20))
        bench.put(bench.first)
        expected = bench(jacobian, mask)
        state = bench.state()
        bench.put(bench.first)
        found = compiled(jacobian, mask)
        if name in ("graddrop", "gradvac", "pcgrad", "random"):
            # XLA draws other numbers from the same seed.
            assert np.isfinite(found).all()
            continue
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
        for value, other in zip(bench.state(), state, strict=True):
            np.testing.assert_allclose(value, other, rtol=1e-5, atol=1e-5)


@every_case
def test_says_what_it_is(name):
    aggregator = make(name)
    assert aggregator.paper or name in ("sum", "mean", "constant")
    assert aggregator.reads in ("nothing", "gram", "stack")
    known = {
        "non-conflicting",
        "scale-equivariant",
        "permutation-equivariant",
        "deterministic",
    }
    assert aggregator.guarantees <= known
