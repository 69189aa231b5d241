"""DeLong, Newcombe and Wilson against definitions by loops, SciPy and simulated coverage."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import roc_auc_score

from xray_keras.evaluation import intervals

ranked = st.lists(
    st.tuples(st.booleans(), st.integers(0, 6), st.integers(0, 6), st.integers(0, 5)), min_size=4, max_size=30
)


def _arrays(rows: list[tuple[bool, int, int, int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth with two of each class, two score vectors with many ties, clusters."""
    rows = [(True, 3, 1, 0), (False, 2, 2, 1), (True, 1, 4, 2), (False, 0, 0, 3), *rows]
    y, a, b, clusters = (np.array(column) for column in zip(*rows, strict=True))
    return y.astype(int), np.stack([a, b]).astype(float), clusters


def _kernel(positive: float, negative: float) -> float:
    return 1.0 if positive > negative else 0.5 if positive == negative else 0.0


def _obuchowski(y: np.ndarray, scores: np.ndarray, clusters: np.ndarray) -> tuple[list[float], np.ndarray]:
    """Structural components pair by pair, then Obuchowski's sums cluster by cluster."""
    positives, negatives = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
    m, n = len(positives), len(negatives)
    x = [{i: np.mean([_kernel(s[i], s[j]) for j in negatives]) for i in positives} for s in scores]
    z = [{j: np.mean([_kernel(s[i], s[j]) for i in positives]) for j in negatives} for s in scores]
    aucs = [float(np.mean(list(components.values()))) for components in x]
    of_x = [
        [sum(v - auc for i, v in c.items() if clusters[i] == g) for g in set(clusters)]
        for c, auc in zip(x, aucs, strict=True)
    ]
    of_z = [
        [sum(v - auc for j, v in c.items() if clusters[j] == g) for g in set(clusters)]
        for c, auc in zip(z, aucs, strict=True)
    ]
    with_positive, with_negative = len(set(clusters[positives])), len(set(clusters[negatives]))
    everyone = len(set(clusters))
    covariance = np.empty((len(scores), len(scores)))
    for r, s in itertools.product(range(len(scores)), repeat=2):
        s10 = with_positive / ((with_positive - 1) * m) * np.dot(of_x[r], of_x[s])
        s01 = with_negative / ((with_negative - 1) * n) * np.dot(of_z[r], of_z[s])
        s11 = everyone / (everyone - 1) * np.array([np.dot(of_x[r], of_z[s]), np.dot(of_z[r], of_x[s])])
        covariance[r, s] = s10 / m + s01 / n + s11.sum() / (m * n)
    return aucs, covariance


def test_delong_by_hand() -> None:
    """Positives at 3 and 1, negatives at 2 and 0: placements 1, 1/2 and 1/2, 1, so 1/8/2 + 1/8/2."""
    y, score = np.array([1, 1, 0, 0]), np.array([[3.0, 1.0, 2.0, 0.0]])
    aucs, covariance = intervals.auc_covariance(y, score, np.arange(4))
    assert aucs.tolist() == [0.75]
    assert covariance.tolist() == [[0.125]]


@given(ranked)
def test_covariance_against_the_definition(rows: list[tuple[bool, int, int, int]]) -> None:
    y, scores, clusters = _arrays(rows)
    for grouping in (clusters, np.arange(len(y))):
        aucs, covariance = intervals.auc_covariance(y, scores, grouping)
        expected_aucs, expected = _obuchowski(y, scores, grouping)
        np.testing.assert_allclose(aucs, expected_aucs, atol=1e-12)
        np.testing.assert_allclose(aucs, [roc_auc_score(y, score) for score in scores], atol=1e-12)
        np.testing.assert_allclose(covariance, expected, atol=1e-12)


@given(ranked)
def test_singleton_clusters_give_plain_delong(rows: list[tuple[bool, int, int, int]]) -> None:
    y, scores, _ = _arrays(rows)
    _, covariance = intervals.auc_covariance(y, scores, np.arange(len(y)))
    components = [
        np.array([[[_kernel(i, j) for j in s[y == 0]] for i in s[y == 1]] for s in scores]).mean(axis=axis)
        for axis in (2, 1)
    ]
    plain = sum(np.cov(part) / part.shape[1] for part in components)
    np.testing.assert_allclose(covariance, plain, atol=1e-12)


@given(ranked, st.integers(2, 4))
def test_copies_of_an_image_add_no_information(rows: list[tuple[bool, int, int, int]], copies: int) -> None:
    y, scores, _ = _arrays(rows)
    alone = np.arange(len(y))
    _, once = intervals.auc_covariance(y, scores, alone)
    _, copied = intervals.auc_covariance(
        np.repeat(y, copies), np.repeat(scores, copies, axis=1), np.repeat(alone, copies)
    )
    np.testing.assert_allclose(copied, once, atol=1e-12)


@given(ranked)
def test_auc_depends_on_ranks_only(rows: list[tuple[bool, int, int, int]]) -> None:
    y, scores, clusters = _arrays(rows)
    result = intervals.auc(y, scores[0], clusters)
    assert intervals.auc(y, np.exp(scores[0] / 3) - 7, clusters) == result
    order = np.random.default_rng(0).permutation(len(y))
    shuffled = intervals.auc(y[order], scores[0][order], clusters[order])
    np.testing.assert_allclose(shuffled.interval, result.interval, atol=1e-12)
    low, high = result.interval
    assert 0 <= low <= result.value <= high <= 1
    mirrored = intervals.auc(y, -scores[0], clusters)
    np.testing.assert_allclose(
        [1 - mirrored.interval[1], 1 - mirrored.interval[0]], result.interval, atol=1e-9
    )


@pytest.mark.parametrize("score", [[5.0, 4, 3, 2, 1, 0], [0.0, 1, 2, 3, 4, 5], [7.0] * 6])
def test_degenerate_aucs_keep_an_interval_with_width(score: list[float]) -> None:
    result = intervals.auc(np.array([1, 1, 1, 0, 0, 0]), np.array(score), np.arange(6))
    low, high = result.interval
    assert result.method == "newcombe"
    assert result.value in (0, 0.5, 1)
    assert low <= result.value <= high
    assert 0.2 < high - low < 0.95


def test_one_positive_patient_is_no_crash() -> None:
    result = intervals.auc(np.array([1, 1, 0, 0, 0]), np.array([3.0, 1, 2, 0, 0]), np.array([0, 0, 1, 2, 3]))
    assert result.method == "newcombe"
    assert result.interval == intervals.newcombe(result.value, 1, 3)


@given(st.floats(0, 1), st.integers(1, 200), st.integers(1, 200))
def test_newcombe_solves_its_equation(value: float, m: int, n: int) -> None:
    low, high = intervals.newcombe(value, m, n)
    assert 0 <= low <= value <= high <= 1
    for theta in {low, high} - {0.0, 1.0}:
        size = (m + n) / 2 - 1
        variance = (
            theta
            * (1 - theta)
            * (1 + size * (1 - theta) / (2 - theta) + size * theta / (1 + theta))
            / (m * n)
        )
        assert abs(value - theta) == pytest.approx(1.959964 * variance**0.5, rel=1e-3, abs=1e-6)
    if value == 1:
        assert low < 1


def _coverage(clustered: bool, repeats: int = 400) -> tuple[float, float]:
    """Share of intervals that hold the true AUC: with the patients known, and with them ignored."""
    rng = np.random.default_rng(20)
    patients, images = 80, 4
    clusters = np.repeat(np.arange(patients), images)
    covered = np.zeros(2)
    # Truth is a patient's, so all its images agree; scores share a patient effect or not.
    shared = np.sqrt(0.8) if clustered else 0.0
    true_auc = 0.8413447  # Φ(1.4142/√2) for two unit normals 1.4142 apart
    for _ in range(repeats):
        y = np.repeat((np.arange(patients) % 3 == 0).astype(int), images)
        noise = shared * rng.normal(size=patients)[clusters] + np.sqrt(1 - shared**2) * rng.normal(
            size=y.size
        )
        for k, grouping in enumerate((clusters, np.arange(y.size))):
            low, high = intervals.auc(y, 2**0.5 * y + noise, grouping).interval
            covered[k] += low <= true_auc <= high
    return tuple(covered / repeats)


def test_auc_interval_covers_nominally() -> None:
    known, ignored = _coverage(clustered=False)
    assert 0.92 <= known <= 0.98
    assert 0.92 <= ignored <= 0.98


def test_only_the_clustered_interval_covers_correlated_images() -> None:
    known, ignored = _coverage(clustered=True)
    assert 0.91 <= known <= 0.98
    assert ignored < 0.8


@given(ranked)
def test_difference_against_the_definition(rows: list[tuple[bool, int, int, int]]) -> None:
    y, (a, b), clusters = _arrays(rows)
    aucs, covariance = _obuchowski(y, np.stack([a, b]), clusters)
    contrast = np.array([1, -1])
    variance = contrast @ covariance @ contrast
    result = intervals.auc_difference(y, a, b, clusters)
    assert result.value == pytest.approx(aucs[0] - aucs[1], abs=1e-12)
    if variance > 1e-9:
        z = abs(aucs[0] - aucs[1]) / variance**0.5
        assert result.p == pytest.approx(2 * (1 - _normal_cdf(z)), abs=1e-6)
        assert result.interval[1] == pytest.approx(
            min(1, aucs[0] - aucs[1] + 1.959964 * variance**0.5), abs=1e-6
        )
    swapped = intervals.auc_difference(y, b, a, clusters)
    np.testing.assert_allclose([-swapped.value, swapped.p], [result.value, result.p], atol=1e-12)


def _normal_cdf(z: float) -> float:
    """By the trapezoid rule, no special function."""
    x = np.linspace(-12, z, 200_001)
    return float(np.trapezoid(np.exp(-(x**2) / 2), x) / (2 * np.pi) ** 0.5)


def test_difference_of_equal_and_opposite_rankings() -> None:
    y, score = np.array([1, 1, 1, 0, 0, 0]), np.array([9.0, 7, 3, 8, 2, 1])
    assert intervals.auc_difference(y, score, score**3, np.arange(6)) == (0.0, (0.0, 0.0), 1.0)
    perfect = np.array([5.0, 4, 3, 2, 1, 0])
    opposite = intervals.auc_difference(y, perfect, -perfect, np.arange(6))
    assert opposite.value == 1
    assert np.isnan([opposite.p, *opposite.interval]).all()


def test_difference_has_its_nominal_error_rate() -> None:
    rng = np.random.default_rng(5)
    y = (np.arange(200) < 60).astype(int)
    alarms = 0
    for _ in range(500):
        common = y + rng.normal(size=200)
        a, b = common + rng.normal(size=200), common + rng.normal(size=200)
        alarms += intervals.auc_difference(y, a, b, np.arange(200)).p < 0.05
    assert 0.025 <= alarms / 500 <= 0.08


@given(st.integers(1, 3000), st.floats(0, 1))
def test_wilson_against_scipy(trials: int, share: float) -> None:
    hits = round(share * trials)
    expected = binomtest(hits, trials).proportion_ci(0.95, method="wilson")
    np.testing.assert_allclose(intervals.wilson(hits, trials), [expected.low, expected.high], atol=1e-12)


def test_design_effect_by_hand() -> None:
    ones = np.ones(6)
    assert intervals.design_effect(np.array([1, 0, 1, 1, 0, 0]), ones) == 1
    # Six patients of three images that agree within each: one image's worth of information a patient.
    assert intervals.design_effect(3 * np.array([1, 0, 1, 1, 0, 0]), 3 * ones) == pytest.approx(3)
    # Two patients, 3 of 4 and 1 of 4: residuals 1 and -1, squared 2, over 8 · 1/4.
    assert intervals.design_effect(np.array([3, 1]), np.array([4, 4])) == 1
    assert intervals.design_effect(np.array([4, 1]), np.array([4, 4])) == pytest.approx(
        2 * 1.5**2 / (8 * 15 / 64)
    )
    # Patients more alike than chance: residuals 0, yet never more information than images.
    assert intervals.design_effect(np.array([1, 1]), np.array([2, 2])) == 1
    # No hit anywhere: patients are counted, and those without a trial are not.
    assert intervals.design_effect(np.zeros(4), np.array([5, 5, 2, 0])) == 4


def test_effective_wilson_covers_correlated_images() -> None:
    rng = np.random.default_rng(11)
    covered = np.zeros(2)
    for _ in range(1000):
        trials = rng.integers(1, 12, size=120)
        hits = rng.binomial(trials, rng.beta(1.0, 3.0, size=120))
        effect = intervals.design_effect(hits, trials)
        for k, factor in enumerate((effect, 1.0)):
            low, high = intervals.wilson(hits.sum() / factor, trials.sum() / factor)
            covered[k] += low <= 0.25 <= high
    known, ignored = covered / 1000
    assert 0.93 <= known <= 0.97
    assert ignored < 0.88
