import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from tests.evaluation import shortcut_world
from tests.evaluation.shortcut_world import PICTURES, Brighter, Finer
from tests.training.scene_world import SHORT, Stripes, scenes
from xray_keras import files
from xray_keras.datasets import outlines, splits
from xray_keras.datasets.scenes import cached as cached_scenes
from xray_keras.errors import UserError
from xray_keras.evaluation import intervals, shortcuts, unread


def asked(folder, source, frame=None, **changes):
    run, population = shortcut_world.write(folder, source, frame, **changes)
    shortcuts.write(run, population)
    return files.read_json(run / "shortcuts.json")


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """No hint but the text itself."""
    folder = tmp_path_factory.mktemp("plain")
    return folder, asked(folder, Stripes())


def opened(population):
    data = cached_scenes.open_cached(population, SHORT)
    return data, splits.assign(data.frame, "official", validation=0.25, seed=0).to_numpy(str)


def area(found, name):
    return found["sets"][name]["auc"]["value"], *found["sets"][name]["auc"]["interval"]


def test_without_a_hint_only_the_text_tells(plain):
    found = plain[1]
    assert area(found, "fineness")[1] > 0.8 and area(found, "all")[1] > 0.8  # stripes are fine
    for name in ("aspect", "shape", unread.PIXELS, unread.ORIGIN):
        _, low, high = area(found, name)
        assert low < 0.5 < high, name
    assert found["groups"][shortcuts.LIKE_ORIGIN]["positives"] > 10


def test_a_planted_brightness_is_found_around_the_text(tmp_path):
    found = asked(tmp_path, Brighter())
    for name in ("colour", "thumbnail", "all", unread.PIXELS, unread.ORIGIN):
        assert area(found, name)[1] > 0.7, name
    _, low, high = area(found, "shape")
    assert low < 0.5 < high
    assert found["sets"]["colour"]["difference"]["interval"][1] < 0  # the network is worse than the hint
    assert found["groups"][shortcuts.LIKE_ORIGIN]["positives"] < 5


def test_a_planted_smoothness_is_found_around_the_text(tmp_path):
    _, population = shortcut_world.write(tmp_path, Finer())
    data, parts = opened(population)
    measured = unread.measure(data, parts)
    truth, test = data.frame["Text"].to_numpy(), parts == "test"
    for column, found in (("fineness around", True), ("aspect", False)):
        scores, _ = unread.learn(measured[column], truth, parts)
        assert (roc_auc_score(truth[test], scores[test]) > 0.9) == found, column


def test_a_planted_shape_is_found_and_counted(tmp_path):
    found = asked(tmp_path, Stripes(), shortcut_world.upright(scenes(PICTURES)))
    assert area(found, "aspect")[1] > 0.5 and area(found, unread.ORIGIN)[0] > 0.6
    assert found["shapes"] == {
        "landscape": {"with": 72, "without": 48},
        "upright": {"with": 0, "without": 24},
        "square": {"with": 24, "without": 24},
    }
    wide = found["groups"][shortcuts.LANDSCAPE]
    assert (wide["positives"], wide["negatives"]) == (18, 12)
    # The columns of 48 × 64 and 48 × 100 pictures are shared equally; turned ones are 48 × 80.
    (name,) = [name for name in found["groups"] if name.startswith(shortcuts.SHAPE)]
    shape = found["groups"][name]
    assert (shape["positives"], shape["negatives"]) == (6, 6)
    assert shape["surroundings"]["interval"][0] < 0.5


def test_numbers_are_those_of_other_software(plain):
    folder, found = plain
    run = folder / "sound" / "zhao2019" / "student"
    test = pd.read_parquet(run / "predictions.parquet").query("split == 'test'")
    assert found["network"]["value"] == pytest.approx(roc_auc_score(test["y_Text"], test["p_Text"]))
    data, parts = opened(folder / "scene_text-all")
    x = unread.measure(data, parts)["colour"]
    scores, facts = unread.learn(x, data.frame["Text"].to_numpy(), parts)
    joined = test.merge(data.frame[["image"]].assign(score=scores), on="image")
    assert found["sets"]["colour"]["auc"]["value"] == pytest.approx(
        roc_auc_score(joined["y_Text"], joined["score"])
    )
    assert found["sets"]["colour"]["classifier"] == facts["classifier"]
    tuned = parts == "validation"
    assert facts["validation"] == pytest.approx(roc_auc_score(data.frame["Text"][tuned], scores[tuned]))
    gained = intervals.auc_difference(
        joined["y_Text"].to_numpy(),
        joined["p_Text"].to_numpy(),
        joined["score"].to_numpy(),
        np.arange(len(joined)),
    )
    assert found["sets"]["colour"]["difference"] == {
        "value": pytest.approx(gained.value),
        "interval": pytest.approx(list(gained.interval)),
        "p": pytest.approx(gained.p),
    }
    shown = joined[joined["y_Text"] == 0]
    ranks = found["sets"]["colour"]["correlation"]["without"]
    assert ranks["value"] == pytest.approx(spearmanr(shown["p_Text"], shown["score"]).statistic)
    assert ranks["interval"][0] < ranks["value"] < ranks["interval"][1] and ranks["pictures"] == 24


def test_it_learns_from_the_training_part_alone(plain):
    data, parts = opened(plain[0] / "scene_text-all")
    truth = data.frame["Text"].to_numpy()
    x = truth[:, None] + 0.0
    x[parts != "train"] = 1 - x[parts != "train"]
    scores, facts = unread.learn(x, truth, parts)
    test = parts == "test"
    assert roc_auc_score(truth[test], scores[test]) == 0 and facts["validation"] == 0
    x = np.where(parts == "test", truth, 0.0)[:, None]
    assert np.ptp(unread.learn(x, truth, parts)[0][test]) < 1e-6


def test_as_much_is_left_out_of_pictures_without_text(plain):
    data, parts = opened(plain[0] / "scene_text-all")
    measured = unread.measure(data, parts)
    without = data.frame["Text"].to_numpy() == 0
    assert (measured["colour around"] != measured["colour"]).any(axis=1)[without].all()
    assert set(measured) == {column for columns in unread.SETS.values() for column in columns}
    assert all(len(values) == PICTURES for values in measured.values())
    around = unread._around(data, parts)
    for position, each in around.items():
        ((polygon, _),) = each
        height, width = data.shape(position)
        assert (polygon >= 0).all() and (polygon <= (width, height)).all()
    own = int(np.flatnonzero(~without)[0])
    assert outlines.to_text(around[own]) == data.frame["outlines"][own]


def test_inside_one_source():
    frame = shortcut_world.two_sources(scenes(PICTURES))
    counts = shortcuts._counts(frame, np.where(frame["official_split"] == "test", "test", "train"))
    assert counts["sources"] == {
        "msra-td500": {"with": 96, "without": 19},
        "photographs": {"with": 0, "without": 77},
    }
    assert counts["pictures"]["test"] == {"with": 24, "without": 24} and counts["outlined"] == 96
    test = frame[frame["official_split"] == "test"]
    numbers = np.arange(len(test), dtype=float)
    measured = {"aspect": 0 * numbers[:, None], "fineness around": numbers[:, None]}
    groups = shortcuts._groups(test, measured, {unread.ORIGIN: numbers})
    (name,) = [name for name in groups if name.startswith(shortcuts.SOURCE)]
    assert name == "source: msra-td500" and not any(name.startswith(shortcuts.SHAPE) for name in groups)
    positions, clusters = groups[name]
    assert (test["source"].iloc[positions] == "msra-td500").all() and len(positions) == len(set(clusters))
    assert len(positions) == (test["source"] == "msra-td500").sum()
    for name in (shortcuts.LIKE_PICTURES, shortcuts.LIKE_ORIGIN):
        positions, clusters = groups[name]
        assert len(positions) and set(np.bincount(clusters)) == {2}
        assert (np.bincount(clusters, test["Text"].iloc[positions]) == 1).all()


def test_a_pair_is_one_cluster(plain):
    group = plain[1]["groups"][shortcuts.LIKE_PICTURES]
    assert group["positives"] == group["negatives"] > 10
    truth, score = np.tile([1, 0], 4), np.array([4.0, 1, 5, 2, 6, 5.5, 3, 3.5])
    found = shortcuts._group(truth, score, score, np.arange(8), np.repeat(np.arange(4), 2))
    expected = intervals.auc(truth, score, np.repeat(np.arange(4), 2))
    assert found["network"]["interval"] == pytest.approx(list(expected.interval))
    assert expected.interval != intervals.auc(truth, score, np.arange(8)).interval


def test_predictions_of_other_pictures_are_refused(tmp_path):
    run, population = shortcut_world.write(tmp_path, Stripes(), scenes(48))
    frame = pd.read_parquet(run / "predictions.parquet")
    lost = frame[frame["split"] == "test"].index[0]
    frame.drop(index=lost).to_parquet(run / "predictions.parquet", index=False)
    with pytest.raises(UserError, match="other test pictures than the run's population; predict again"):
        shortcuts.write(run, population)
    frame.assign(y_Text=1 - frame["y_Text"]).to_parquet(run / "predictions.parquet", index=False)
    with pytest.raises(UserError, match="predict again"):
        shortcuts.write(run, population)


def test_constant_scores_have_no_ranks():
    assert shortcuts._rank_correlation(np.ones(9), np.arange(9.0))["value"] is None
    assert shortcuts._rank_correlation(np.arange(9.0), np.arange(9.0) ** 3)["value"] == 1
