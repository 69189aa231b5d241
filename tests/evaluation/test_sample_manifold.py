import numpy as np
import pytest

from xray_keras.errors import UserError
from xray_keras.evaluation import intervals, neighbours, sample_manifold

RNG = np.random.default_rng(5)


def brute(queries, sample, k):
    found = []
    for query in queries:
        hit = False
        for i, centre in enumerate(sample):
            others = sorted(np.linalg.norm(centre - other) for j, other in enumerate(sample) if j != i)
            hit |= bool(np.linalg.norm(query - centre) <= others[k - 1])
        found.append(hit)
    return np.array(found)


@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize("block", [50, 2_000_000])
def test_against_loops(k, block, monkeypatch):
    monkeypatch.setattr(neighbours, "BLOCK", block)
    real, generated = RNG.normal(size=(40, 3)), RNG.normal(1.2, 0.8, (30, 3))
    expected = brute(generated, real, k), brute(real, generated, k)
    assert all(0 < share.mean() < 1 for share in expected)
    np.testing.assert_array_equal(sample_manifold.inside(generated, real, k), expected[0])
    found = sample_manifold.estimate(real, generated, k=k)
    assert found.precision["value"] == pytest.approx(expected[0].mean())
    assert found.recall["value"] == pytest.approx(expected[1].mean())
    assert found.precision["interval"] == pytest.approx(intervals.wilson(expected[0].sum(), 30))


def test_one_mode_made_of_two():
    real = np.concatenate([RNG.normal(0, 0.1, (50, 3)), RNG.normal(9, 0.1, (50, 3))])
    found = sample_manifold.estimate(real, real[:50] + RNG.normal(0, 0.01, (50, 3)))
    assert found.precision["value"] > 0.9
    assert found.recall["value"] == pytest.approx(0.5, abs=0.05)


def test_copies_lie_inside_and_strangers_outside():
    real = np.repeat(RNG.normal(0, 1e3, (30, 50)), 5, axis=0)  # radii of 0
    assert sample_manifold.inside(real, real).all()
    assert not sample_manifold.inside(real + 1, real).any()


def test_patients_widen_recall_alone():
    real = np.repeat(RNG.normal(size=(40, 2)), 4, axis=0)
    generated = RNG.normal(0.5, 0.6, (60, 2))
    single = sample_manifold.estimate(real, generated)
    whole = sample_manifold.estimate(real, generated, clusters=np.repeat(np.arange(40), 4))
    assert whole.precision == single.precision and whole.recall["value"] == single.recall["value"]
    widths = [found.recall["interval"][1] - found.recall["interval"][0] for found in (single, whole)]
    assert widths[1] > 1.5 * widths[0]


def test_too_few_images():
    with pytest.raises(UserError, match="3 nearest neighbours"):
        sample_manifold.estimate(RNG.normal(size=(9, 2)), RNG.normal(size=(3, 2)))
