import numpy as np

from xray_keras.evaluation import matched_pairs

TRUTH = np.array([1, 0, 1, 0, 0])


def test_the_nearest_pairs_are_taken_and_none_twice():
    distance = np.array([[0.1, 0.2, 5.0], [0.0, 0.9, 5.0]])  # greedily the second would cost the first 0.2
    pairs = matched_pairs.match(TRUTH, distance, 1.0)
    assert pairs.tolist() == [[0, 3], [2, 1]]


def test_as_many_pairs_as_are_allowed():
    # The cheapest pair alone would leave the other picture without one.
    distance = np.array([[0.0, 0.9, 9.0], [0.9, 9.0, 9.0]])
    assert matched_pairs.match(TRUTH, distance, 1.0).tolist() == [[0, 3], [2, 1]]
    distance[1] = np.inf
    assert matched_pairs.match(TRUTH, distance, 1.0).tolist() == [[0, 1]]


def test_one_class_has_no_pairs():
    truth = np.ones(3)
    assert matched_pairs.like_scores(truth, np.arange(3.0)).shape == (0, 2)


def test_pictures_are_alike_in_aspect_and_fineness():
    truth = np.array([1, 0, 0, 0])
    aspect = np.log([1.5, 1.33, 1.5, 1.501])
    fineness = np.array([1.0, 1.0, 9.0, 1.2])
    assert matched_pairs.like_pictures(truth, aspect, fineness).tolist() == [[0, 3]]
    assert matched_pairs.like_pictures(truth[:3], aspect[:3], fineness[:3]).shape == (0, 2)


def test_like_scores_take_the_origin_out():
    rng = np.random.default_rng(0)
    truth = np.repeat([1, 0], 300)
    score = np.concatenate([rng.normal(0.5, 1, 300), rng.normal(-0.5, 1, 300)])
    pairs = matched_pairs.like_scores(truth, score)
    assert (truth[pairs] == [1, 0]).all() and len(np.unique(pairs)) == 2 * len(pairs) > 300
    gaps = score[pairs[:, 0]] - score[pairs[:, 1]]
    assert np.abs(gaps).max() <= 0.2 * score.std() and abs(gaps.mean()) < 0.1
