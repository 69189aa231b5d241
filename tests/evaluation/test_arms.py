"""Arms against scikit-learn and repeated rows; arms that are equal, better, alike by chance."""

import json
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score, roc_auc_score

from xray_keras.errors import UserError
from xray_keras.evaluation import arm_measures, arms
from xray_keras.evaluation.comparisons import holm
from xray_keras.evaluation.operating_points import best_f1

Cohort = Callable[..., pd.DataFrame]
LABELS = ("Mass", "Edema")
SCORES = {"accuracy": accuracy_score, "recall": recall_score, "precision": precision_score, "f1": f1_score}


def made(truth: pd.DataFrame, noise: Mapping[str, float], seeds=(0, 1), start: int = 0) -> pd.DataFrame:
    """Arms of one cohort: its own answers, blurred by an arm's noise, anew for each seed."""
    rng = np.random.default_rng(start)
    parts = []
    for arm, amount in noise.items():
        for seed in seeds:
            part = truth.assign(arm=arm, seed=seed)
            for label in LABELS:
                part[f"p_{label}"] = np.clip(truth[f"p_{label}"] + amount * rng.normal(size=len(truth)), 0, 1)
            parts.append(part)
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def frame(cohort: Cohort) -> pd.DataFrame:
    return made(cohort(600), {"clear": 0.05, "blurred": 0.5}, seeds=(4, 2, 7))


@pytest.fixture(scope="module")
def result(frame):
    return arms.evaluate(frame, pairs=[("clear", "blurred")], resamples=300)


def networks(frame: pd.DataFrame, arm: str) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """Validation and test rows of each seed."""
    parts = [part for _, part in frame[frame["arm"] == arm].groupby("seed")]
    return [tuple(part[part["split"] == name] for name in ("validation", "test")) for part in parts]


def values(frame: pd.DataFrame, arm: str, label: str, path: str) -> list[float]:
    found = []
    for validation, test in networks(frame, arm):
        y, p = test[f"y_{label}"], test[f"p_{label}"]
        if path == "auc":
            found.append(roc_auc_score(y, p))
            continue
        point, metric = path.split("/")
        tuned = best_f1(validation[f"y_{label}"].to_numpy(), validation[f"p_{label}"].to_numpy()).value
        found.append(SCORES[metric](y, p > (0.5 if point == "default" else tuned)))
    return found


CHECKED = ("auc", *(f"{point}/{metric}" for point in ("default", "best_f1") for metric in SCORES))


@pytest.mark.parametrize("path", CHECKED)
def test_means_and_spreads_are_those_of_scikit_learn(frame, result, path):
    for arm in ("clear", "blurred"):
        entry = result["arms"][arm]
        by_label = []
        for label in LABELS:
            expected = values(frame, arm, label, path)
            by_label.append(expected)
            found = entry["labels"][label][path]
            assert found["value"] == pytest.approx(np.mean(expected))
            assert found["sd"] == pytest.approx(np.std(expected, ddof=1))
            assert found["interval"][0] < found["value"] < found["interval"][1]
        mean = entry["mean"][path]
        assert mean["value"] == pytest.approx(np.mean(by_label))
        assert mean["sd"] == pytest.approx(np.std(np.mean(by_label, axis=0), ddof=1))
        assert mean["labels"] == list(LABELS)


def test_the_whole_result_is_json_and_says_what_it_stands_on(frame, result):
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    test = frame[(frame["split"] == "test") & (frame["arm"] == "clear") & (frame["seed"] == 2)]
    assert result["images"] == len(test) and result["patients"] == test["patient"].nunique()
    assert result["positives"] == {label: test[f"y_{label}"].sum() for label in LABELS}
    assert list(result["arms"]) == ["clear", "blurred"] and result["arms"]["clear"]["seeds"] == [2, 4, 7]
    assert set(result["arms"]["clear"]["mean"]) == set(arm_measures.PATHS)


def test_differences_are_those_of_the_means(frame, result):
    (found,) = result["differences"]
    assert found["arm"] == "clear" and found["reference"] == "blurred"
    assert found == arms.difference(frame, "clear", "blurred", resamples=300)
    for path in CHECKED:
        gaps = []
        for label in LABELS:
            entry = found["labels"][label][path]
            gaps.append(
                np.mean(values(frame, "clear", label, path)) - np.mean(values(frame, "blurred", label, path))
            )
            assert entry["difference"] == pytest.approx(gaps[-1])
            assert entry["a"] - entry["b"] == pytest.approx(gaps[-1])
        assert found["mean"][path]["difference"] == pytest.approx(np.mean(gaps))
        ps = [entry[path]["p"] for entry in found["labels"].values()]
        assert [entry[path]["p_holm"] for entry in found["labels"].values()] == holm(ps)
    mean = found["mean"]["auc"]
    assert mean["interval"][0] > 0 and mean["p"] == pytest.approx(2 / 301) and mean["labels"] == list(LABELS)


def test_intervals_are_those_of_repeated_patients_with_all_seeds_in_each_resample(frame):
    """The interval of the mean over seeds and labels, and that of a difference, against rows drawn again."""
    parts = {
        arm: [test.set_index("image").sort_index() for _, test in networks(frame, arm)]
        for arm in ("clear", "blurred")
    }
    patients = parts["clear"][0]["patient"].to_numpy()
    rows_of = [np.flatnonzero(patients == name) for name in np.unique(patients)]
    rng = np.random.default_rng(5)
    drawn_values = {arm: [] for arm in parts}
    for _ in range(300):
        drawn = np.concatenate([rows_of[i] for i in rng.integers(len(rows_of), size=len(rows_of))])
        for arm, seeds in parts.items():
            drawn_values[arm].append(
                np.mean(
                    [
                        roc_auc_score(
                            part[f"y_{label}"].to_numpy()[drawn], part[f"p_{label}"].to_numpy()[drawn]
                        )
                        for part in seeds
                        for label in LABELS
                    ]
                )
            )
    blurred, clear = (np.array(drawn_values[arm]) for arm in ("blurred", "clear"))
    found = arms.evaluate(frame, pairs=[("clear", "blurred")], resamples=1500)
    ends = [0.025, 0.975]
    assert found["arms"]["blurred"]["mean"]["auc"]["interval"] == pytest.approx(
        np.quantile(blurred, ends), abs=0.012
    )
    assert found["differences"][0]["mean"]["auc"]["interval"] == pytest.approx(
        np.quantile(clear - blurred, ends), abs=0.012
    )


def test_by_hand() -> None:
    """Two patients' worth of answers of which everything is known."""
    rows = {
        "image": list("abcdefgh"),
        "patient": list("11223344"),
        "split": ["validation"] * 4 + ["test"] * 4,
    }
    truth = [1, 0, 1, 0] * 2
    parts = []
    for arm, seed, p in (
        ("right", 0, [0.3, 0.1, 0.3, 0.1] * 2),  # ranks right, and is right above 0.2
        ("right", 1, [0.9, 0.1, 0.9, 0.1] * 2),
        ("wrong", 0, [0.9, 0.1, 0.9, 0.1, 0.1, 0.9, 0.1, 0.9]),
        ("wrong", 1, [0.9, 0.1, 0.9, 0.1, 0.9, 0.1, 0.9, 0.1]),
    ):
        parts.append(pd.DataFrame({**rows, "arm": arm, "seed": seed, "y_Mass": truth, "p_Mass": p}))
    found = arms.evaluate(pd.concat(parts), pairs=[("right", "wrong")], resamples=50)
    right, wrong = (found["arms"][arm]["labels"]["Mass"] for arm in ("right", "wrong"))
    assert right["auc"]["value"] == 1 and right["auc"]["sd"] == 0
    assert right["default/recall"]["value"] == 0.5  # one seed calls nothing at 0.5
    assert right["default/recall"]["sd"] == pytest.approx(np.sqrt(0.5))
    assert right["best_f1/f1"]["value"] == 1
    assert wrong["auc"]["value"] == 0.5 and wrong["default/accuracy"]["value"] == 0.5
    # Every resample says the same, for both patients are answered alike.
    assert wrong["auc"]["interval"] is None and "same in every resample" in wrong["auc"]["reason"]
    assert found["differences"][0]["labels"]["Mass"]["auc"]["difference"] == 0.5


def test_an_arm_equals_itself_and_swapping_changes_the_sign(frame):
    again = pd.concat([frame, frame[frame["arm"] == "clear"].assign(arm="copy")])
    same = arms.difference(again, "copy", "clear", resamples=100)["mean"]["best_f1/f1"]
    assert same["difference"] == 0 and same["p"] == 1
    one, other = (
        arms.difference(frame, *pair, resamples=100)["labels"]["Mass"]["auc"]
        for pair in (("clear", "blurred"), ("blurred", "clear"))
    )
    assert one["difference"] == -other["difference"] and one["p"] == other["p"]
    assert one["interval"] == pytest.approx([-end for end in reversed(other["interval"])])


def test_equally_good_arms_are_seldom_told_apart(cohort: Cohort) -> None:
    alarms = 0
    for start in range(40):
        truth = cohort(200, seed=start)
        drawn = made(truth, {"one": 0.3, "other": 0.3}, start=1000 + start)
        alarms += arms.difference(drawn, "one", "other", resamples=200)["mean"]["auc"]["p"] < 0.05
    assert alarms <= 7  # binomial(40, 0.05) exceeds 7 with probability 0.0007


def test_the_order_of_rows_is_nothing(frame, result):
    shuffled = frame.sample(frac=1, random_state=1)
    first = pd.concat([shuffled[shuffled["arm"] == "clear"], shuffled[shuffled["arm"] == "blurred"]])
    again = arms.evaluate(first, pairs=[("clear", "blurred")], resamples=300)
    for one, other in zip(
        (result["arms"]["blurred"]["labels"]["Edema"], result["differences"][0]["mean"]),
        (again["arms"]["blurred"]["labels"]["Edema"], again["differences"][0]["mean"]),
        strict=True,
    ):
        for path in CHECKED:
            assert other[path]["interval"] == pytest.approx(one[path]["interval"])


def test_one_seed_has_no_spread_and_a_label_without_positives_no_value(cohort: Cohort) -> None:
    truth = cohort(300)
    truth.loc[truth["split"] == "test", "y_Edema"] = 0
    found = arms.evaluate(made(truth, {"a": 0.1, "b": 0.2}, seeds=(0,)), pairs=[("a", "b")], resamples=50)
    entry = found["arms"]["a"]
    assert entry["labels"]["Mass"]["auc"]["sd"] is None and entry["mean"]["auc"]["sd"] is None
    assert entry["labels"]["Edema"]["auc"]["value"] is None
    assert entry["labels"]["Edema"]["auc"]["reason"] == "no positive in test"
    assert entry["mean"]["auc"]["labels"] == ["Mass"]
    assert entry["mean"]["default/accuracy"]["labels"] == ["Mass", "Edema"]
    gap = found["differences"][0]
    assert gap["labels"]["Edema"]["auc"]["difference"] is None
    assert gap["labels"]["Edema"]["auc"]["p_holm"] is None
    assert gap["labels"]["Mass"]["auc"]["p_holm"] == gap["labels"]["Mass"]["auc"]["p"]
    assert gap["mean"]["auc"]["labels"] == ["Mass"]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: f.drop(columns="seed"), "have no column 'seed'"),
        (lambda f: f.drop(columns="patient"), "have no column 'patient'"),
        (lambda f: f.iloc[:0], "have no row"),
        (lambda f: f.assign(seed=0.5), "no whole numbers"),
        (lambda f: f.assign(p_Mass=2.0), "arm 'clear' of seed 4 has p_Mass = 2.0"),
        (lambda f: f.drop(index=f.index[-1]), "arm 'blurred' of seed 7 hold different images"),
        (lambda f: pd.concat([f, f.iloc[:1]]), "arm 'clear' of seed 4 has the image .* more than once"),
        (
            lambda f: f.assign(y_Mass=f["y_Mass"].where(f["arm"] == "clear", 1 - f["y_Mass"])),
            "disagree on y_Mass",
        ),
        (lambda f: f[f["split"] == "validation"], "no test row"),
    ],
)
def test_what_is_no_arms_frame(frame, spoil, message):
    with pytest.raises(UserError, match=message):
        arms.evaluate(spoil(frame), resamples=5)


def test_pairs_that_cannot_be_compared(frame):
    with pytest.raises(UserError, match="no arm 'c'; the arms are clear, blurred"):
        arms.difference(frame, "clear", "c", resamples=5)
    fewer = frame[(frame["arm"] == "clear") | (frame["seed"] == 2)]
    with pytest.raises(UserError, match="trained with different seeds"):
        arms.evaluate(fewer, pairs=[("clear", "blurred")], resamples=5)
    with pytest.raises(UserError, match="resamples = 0"):
        arms.evaluate(frame, resamples=0)
