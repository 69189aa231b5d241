import itertools

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from xray_keras.errors import UserError
from xray_keras.evaluation import neighbours, privacy
from xray_keras.evaluation.neighbours import Neighbours

RNG = np.random.default_rng(8)


def found(generated, references):
    return neighbours.nearest(generated, references)


def test_pixel_distance_is_the_root_mean_square():
    images = RNG.integers(0, 256, (2, 5, 4)).astype(np.uint8)
    a, b = privacy.pixels(images)
    expected = np.sqrt(np.mean(np.square(images[0] / 255 - images[1] / 255)))
    assert np.linalg.norm(a - b) == pytest.approx(expected)


def test_references_are_one_image_of_equally_many_patients():
    training = np.repeat([f"t{k}" for k in range(30)], 3)
    held_out = np.array(["h1", "h1", "h2", "h3", "h3", "h3", "h4"])
    drawn = [privacy.references(training, held_out, seed) for seed in range(40)]
    for rows in drawn:
        assert len(rows.training) == len(rows.held_out) == 4
        assert len(set(training[rows.training])) == len(set(held_out[rows.held_out])) == 4
    assert len({tuple(rows.training) for rows in drawn}) > 30
    assert set(np.concatenate([rows.training for rows in drawn]) % 3) == {0, 1, 2}
    again = privacy.references(training, held_out, 3)
    np.testing.assert_array_equal(again.training, drawn[3].training)


def test_patients_are_kept_apart():
    with pytest.raises(UserError, match="1 patients, the first b, are among training and held-out"):
        privacy.references(np.array(["a", "b"]), np.array(["b", "c"]))
    with pytest.raises(UserError, match="no held-out image"):
        privacy.references(np.array(["a", "b"]), np.array([]))


def test_share_by_hand():
    # Nearest references: training 0 (twice), training 1, held-out 2; one tie.
    training = Neighbours(np.array([[0], [0], [1], [1], [0]]), np.array([[1.0], [2.0], [1.0], [5.0], [3.0]]))
    held_out = Neighbours(np.array([[0], [1], [2], [2], [0]]), np.array([[2.0], [3.0], [2.0], [4.0], [3.0]]))
    result = privacy.nearer(training, held_out, 3)
    assert result.share["value"] == 0.75 and result.ties == 1
    # Sides dealt to votes 2, 1, 1 and three zeros: |T − 2| >= 1 unless a side has 2 votes.
    equal = sum(sum(votes) == 2 for votes in itertools.combinations([2, 1, 1, 0, 0, 0], 3))
    assert result.p == pytest.approx(1 - equal / 20, abs=0.02)


def test_all_ties_have_no_share():
    same = Neighbours(np.zeros((4, 1), int), np.ones((4, 1)))
    result = privacy.nearer(same, same, 5)
    assert result.share["value"] is None and result.p is None and result.ties == 4


def test_copies_of_training_images_are_told():
    training, held_out = RNG.normal(size=(2, 100, 5))
    generated = training[RNG.integers(0, 100, 200)] + RNG.normal(0, 0.05, (200, 5))
    result = privacy.nearer(found(generated, training), found(generated, held_out), 100)
    assert result.share["value"] > 0.95 and result.share["interval"][0] > 0.8 and result.p < 0.001


def test_without_copies_the_interval_covers_one_half():
    # Generated images crowd about few references: counting images would reject far too often.
    rejected, missed, naive = 0, 0, 0
    for seed in range(100):
        training, held_out = RNG.normal(size=(2, 40, 2))
        generated = RNG.normal(0.5, 0.4, (400, 2))
        result = privacy.nearer(found(generated, training), found(generated, held_out), 40, seed)
        low, high = result.share["interval"]
        missed += not low <= 0.5 <= high
        rejected += result.p <= 0.05
        naive += abs(result.share["value"] - 0.5) > 1.96 * 0.5 / 20
    assert missed <= 11 and rejected <= 11
    assert naive > 50


def test_membership_is_the_auc_of_being_nearer():
    training, held_out = RNG.normal(0.8, 1, 60), RNG.normal(1.2, 1, 40)
    own, other = np.arange(60) // 2, 100 + np.arange(40) // 2
    result = privacy.membership(training, held_out, own, other)
    truth = np.repeat([1, 0], [60, 40])
    assert result.value == pytest.approx(roc_auc_score(truth, -np.concatenate([training, held_out])))
    assert result.interval[0] < result.value < result.interval[1]
    with pytest.raises(UserError, match="are among training and held-out"):
        privacy.membership(training, held_out, own, own[:40])


def test_membership_of_the_overfit_and_of_the_honest():
    training, held_out = RNG.normal(size=(2, 150, 4))
    names = np.arange(150), 150 + np.arange(150)
    for generated, leaks in (
        (training + RNG.normal(0, 0.1, (150, 4)), True),
        (RNG.normal(size=(150, 4)), False),
    ):
        to_generated = [found(real, generated).distance[:, 0] for real in (training, held_out)]
        result = privacy.membership(*to_generated, *names)
        assert (result.interval[0] > 0.9) if leaks else (result.interval[0] < 0.5 < result.interval[1])
