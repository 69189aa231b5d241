import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from xray_keras.errors import UserError
from xray_keras.evaluation import bootstrap, ood, tightening

RNG = np.random.default_rng(11)


def scored(*, chests: int = 120, others: int = 80, away: float = 1.0, patients: int = 2) -> pd.DataFrame:
    """Chests of 2 images a patient, a set to accept that knows pneumonia, two sets to reject."""
    rng = np.random.default_rng(1)
    rows = [("chest", "chest", "validation", 0.0, 60), ("chest", "chest", "test", 0.0, chests)]
    rows += [("children", "accept", "test", 0.5, others), ("hands", "reject", "test", away, others)]
    rows += [("digits", "reject", "test", 3 * away, others)]
    parts = []
    for name, group, split, mean, n in rows:
        person = np.arange(n) // patients
        frame = pd.DataFrame(
            {
                "image": [f"{name}/{split}/{k}" for k in range(n)],
                "patient": [f"{name}/{split}/{k}" for k in person],
                "set": name,
                "split": split,
                "group": group,
                "pneumonia": (person % 2 if group == "accept" else np.full(n, -1)),
            }
        )
        own = rng.normal(size=n)[person] * 0.7
        frame["s_good"] = mean + own + rng.normal(size=n) * 0.7
        frame["s_noise"] = np.round(rng.normal(size=n), 1)
        parts.append(frame)
    return pd.concat(parts, ignore_index=True).astype({"pneumonia": "int8"})


@pytest.fixture(scope="module")
def frame():
    return scored()


def pair(frame: pd.DataFrame, name: str) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    both = pd.concat([ood.chest(frame), frame[frame["set"] == name]])
    return (both["set"] == name).to_numpy(int), both["s_good"].to_numpy(), both


def test_values_against_scikit_learn(frame):
    summary = ood.summarise(frame, resamples=20).set_index(["detector", "set", "metric"])["value"]
    for name in ("children", "hands", "digits"):
        for detector in ("good", "noise"):
            truth, _, both = pair(frame, name)
            score = both[f"s_{detector}"].to_numpy()
            assert summary[detector, name, "AUROC"] == pytest.approx(roc_auc_score(truth, score))
            assert summary[detector, name, "AUPR"] == pytest.approx(average_precision_score(truth, score))
            passed, accepted, _ = roc_curve(1 - truth, -score, drop_intermediate=False)
            expected = passed[np.argmax(accepted >= 0.95)]
            assert summary[detector, name, "FPR95"] == pytest.approx(expected)


@pytest.mark.parametrize("n", [1, 2, 19, 20, 21, 100, 101, 997])
def test_the_cut_off_lets_95_percent_pass_and_no_fewer(n):
    scores = RNG.permutation(n).astype(float)
    limit = ood.cut_off(scores)
    assert (scores <= limit).mean() >= 0.95 - 1e-12
    assert (scores < limit).mean() < 0.95


def test_one_row_a_number(frame):
    summary = ood.summarise(frame, resamples=30)
    assert len(summary) == 2 * 4 * 3  # detectors, sets and all rejected together, metrics
    assert list(summary["set"].unique()) == ["children", "hands", "digits", ood.ALL_REJECTED]
    together = summary[summary["set"] == ood.ALL_REJECTED]
    assert (together["outside"] == 160).all() and (together["group"] == "reject").all()
    assert (summary["inside"] == 120).all()  # validation chests are not judged on
    inside = summary.dropna(subset=["low"])
    assert ((inside["low"] <= inside["value"]) & (inside["value"] <= inside["high"])).all()
    assert summary.equals(ood.summarise(frame, resamples=30))
    one = ood.summarise(frame[frame["set"] != "digits"], resamples=2)
    assert ood.ALL_REJECTED not in set(one["set"])


def test_images_of_one_patient_widen_the_intervals(frame):
    alone = frame.assign(patient=frame["image"])
    clustered, single = (
        ood.summarise(each, resamples=400).set_index(["detector", "set", "metric"]) for each in (frame, alone)
    )
    for metric, factor in (("AUROC", 1.1), ("AUPR", 1.1), ("FPR95", 1.0)):
        row = ("good", "hands", metric)
        widths = [each.loc[row, "high"] - each.loc[row, "low"] for each in (clustered, single)]
        assert widths[0] > factor * widths[1]


@pytest.mark.parametrize("column", ["s_good", "s_noise"])  # without and with ties
def test_resampled_fpr95_is_that_of_the_repeated_images(column, frame):
    truth, _, both = pair(frame, "hands")
    score = both[column].to_numpy()
    codes = pd.factorize(both["patient"])[0]
    inside = int((truth == 0).sum())
    weights = bootstrap.weights(codes.max() + 1, 12, 5)
    weights[3] = 0
    found = np.concatenate(list(ood._resampled_passes(score, inside, codes, weights)))
    assert np.isnan(found[3])
    for row, value in zip(weights, found, strict=True):
        if row.any():
            times = row[codes]
            own = np.repeat(score[:inside], times[:inside])
            foreign = np.repeat(score[inside:], times[inside:])
            assert value == pytest.approx((foreign <= ood.cut_off(own)).mean())


def test_ends_have_intervals_too(frame):
    perfect = frame.assign(s_good=frame["s_good"] + 100 * (frame["set"] == "digits"))
    summary = ood.summarise(perfect, resamples=50).set_index(["detector", "set", "metric"])
    row = summary.loc[("good", "digits", "FPR95")]
    assert row["value"] == 0 == row["low"] and 0 < row["high"] < 0.1 and row["method"] == "wilson"
    area = summary.loc[("good", "digits", "AUROC")]
    assert area["value"] == 1 and area["low"] < 1 and area["method"] == "newcombe"


def test_shares_that_pass_a_fixed_cut_off(frame):
    limit = ood.cut_off(ood.chest(frame, "validation")["s_good"].to_numpy())
    table = ood.passed(frame, "good", limit).set_index("set")
    assert list(table.index) == ["chest", "children", "hands", "digits"]
    for name in table.index:
        part = ood.chest(frame) if name == "chest" else frame[frame["set"] == name]
        assert table.loc[name, "value"] == pytest.approx((part["s_good"] <= limit).mean())
        assert table.loc[name, "low"] <= table.loc[name, "value"] <= table.loc[name, "high"]
    assert table.loc["chest", "value"] > 0.85 > 0.2 > table.loc["digits", "value"]


def test_frames_that_cannot_be_judged(frame, tmp_path):
    for wrong, match in (
        (frame.drop(columns="patient"), "lacks patient"),
        (frame[["image", "patient", "set", "split", "group", "pneumonia"]], "lacks scores"),
        (frame.assign(s_good=np.nan), "no numbers"),
        (frame[frame["split"] == "validation"], "needs test images"),
        (frame[frame["group"] == "chest"], "of another set"),
    ):
        with pytest.raises(UserError, match=match):
            ood.summarise(wrong)
    with pytest.raises(UserError, match="is absent; run the stage ood"):
        ood.read(tmp_path / "ood.parquet")
    (tmp_path / "ood.parquet").write_bytes(b"no parquet")
    with pytest.raises(UserError, match="is damaged"):
        ood.read(tmp_path / "ood.parquet")
    frame.to_parquet(tmp_path / "ood.parquet", index=False)
    assert ood.read(tmp_path / "ood.parquet").equals(frame)


@pytest.fixture(scope="module")
def children():
    """400 images of which the classifier knows the half that is least outlying, and guesses on the others."""
    rng = np.random.default_rng(4)
    truth, outlying = rng.integers(0, 2, 400), rng.uniform(size=400)
    noise = rng.normal(size=400)
    p = 1 / (1 + np.exp(-np.where(outlying < 0.5, 3 * truth + noise, noise)))
    names = [str(k) for k in range(400)]
    return pd.DataFrame(
        {"image": names, "patient": names, "pneumonia": truth, "s_ssim": outlying, "p_Pneumonia": p}
    )


def test_performance_as_the_cut_off_tightens(children):
    shares = np.array([1.0, 0.5, 0.1, 0.0025])
    curve = tightening.tightened(children, "ssim", "p_Pneumonia", shares)
    assert curve["retained"].tolist() == shares.tolist() and curve["images"].tolist() == [400, 200, 40, 1]
    assert curve["cut_off"].is_monotonic_decreasing
    kept = children[children["s_ssim"] <= curve["cut_off"][1]]
    assert curve["auc"][1] == pytest.approx(roc_auc_score(kept["pneumonia"], kept["p_Pneumonia"]))
    assert curve["auc"][0] + 0.15 < curve["auc"][1] and np.isnan(curve["auc"][3])
    assert (curve["low"][:3] < curve["auc"][:3]).all() and (curve["auc"][:3] <= curve["high"][:3]).all()
    assert curve["positives"][1] == kept["pneumonia"].sum()


def test_the_gain_is_paired_and_knows_when_there_is_none(children):
    curve = tightening.tightened(children, "ssim", "p_Pneumonia", np.array([1.0, 0.5]))
    gain = tightening.gain(children, "ssim", "p_Pneumonia", 0.5, resamples=300)
    assert gain["value"] == pytest.approx(curve["auc"][1] - curve["auc"][0])
    assert gain["interval"][0] > 0
    shuffled = children.assign(s_ssim=np.random.default_rng(0).permutation(children["s_ssim"]))
    low, high = tightening.gain(shuffled, "ssim", "p_Pneumonia", 0.5, resamples=300)["interval"]
    assert low < 0 < high
    one_class = children.assign(pneumonia=1)
    assert tightening.gain(one_class, "ssim", "p_Pneumonia", 0.5)["value"] is None
