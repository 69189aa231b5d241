import numpy as np
import pandas as pd
import pytest
from matplotlib import image
from sklearn.metrics import roc_auc_score

from tests.reporting.cohen2019 import ood_runs
from xray_keras.errors import UserError
from xray_keras.evaluation import ood as measures
from xray_keras.losses import distances
from xray_keras.reporting.cohen2019 import ood_claims, ood_samples
from xray_keras.reporting.cohen2019.ood import ood, table
from xray_keras.reporting.cohen2019.ood_figures import SHARES, figure5, figure6
from xray_keras.reporting.cohen2019.ood_runs import find
from xray_keras.reporting.cohen2019.ood_samples import figure7


@pytest.fixture(scope="module")
def computed(tmp_path_factory):
    return ood_runs.both(tmp_path_factory.mktemp("phantom"))


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    return ood_runs.both(tmp_path_factory.mktemp("real"), "release")


@pytest.fixture(scope="module")
def page(computed, tmp_path_factory):
    output = tmp_path_factory.mktemp("reports") / "ood"
    ood(computed, output)
    return output


def test_every_detector_on_every_set(page, computed):
    tidy = pd.read_csv(page.with_suffix(".csv"))
    assert list(tidy["detector"].unique()) == ["latent", "l1", "l2", "ssim", "mahalanobis", "knn"]
    scored = tidy[tidy["metric"] != "passed"]
    assert (scored.groupby(["detector", "metric"])["set"].nunique() == 5).all()
    passed = tidy[tidy["metric"] == "passed"]
    assert (passed.groupby("detector")["set"].nunique() == 5).all() and "chest" in set(passed["set"])
    frame = measures.read(computed[0].folder / "ood.parquet")
    both = pd.concat([measures.chest(frame), frame[frame["set"] == "phantom-limbs"]])
    expected = roc_auc_score(both["set"] != "chest", both["s_knn"])
    row = scored[
        (scored["detector"] == "knn") & (scored["set"] == "phantom-limbs") & (scored["metric"] == "AUROC")
    ]
    assert row["value"].item() == pytest.approx(expected)
    text = page.with_suffix(".md").read_text()
    assert f"| {expected:.3f} [" in text and "children's chests, computed (accept)" in text


def test_the_page_says_what_it_stands_on(page, real, tmp_path):
    text = page.with_suffix(".md").read_text()
    assert "**phantom, n = " in text and "**Stand-ins are not the paper's sets**" in text
    assert "limbs, computed (to reject; n = 90, where the paper takes MURA)" in text
    ood(real, tmp_path / "ood")
    text = (tmp_path / "ood.md").read_text()
    assert (
        "**subset, n = " in text
        and "hand radiographs (to reject; n = 90, where the paper takes MURA)" in text
    )
    assert "children's chests (to accept; n = 90);" in text and "CIFAR-10 (to reject; n = 90, where" in text
    assert "| 2 neither PNG nor JPEG | CC BY. |" in text
    for suffix in (".tex", ".csv"):
        assert (tmp_path / "ood").with_suffix(suffix).is_file()


def test_verdicts_follow_the_numbers(computed):
    found = find(computed)
    assert found.ali is not None and found.classifier is not None
    verdicts = ood_claims.verdicts(found)
    assert set(verdicts) == set(ood_claims.CLAIMS)
    assert verdicts["reconstruction_beats_density"] == "holds"
    assert verdicts["latent_distance_fails"] == "holds"
    assert verdicts["latent_distance_fails_on_cifar"] == "holds"
    assert verdicts["cifar_hardest"] == "holds"
    assert verdicts["pneumonia_looks_foreign"] == "holds"
    assert verdicts["other_xrays_not_reconstructed"] == "holds"
    assert verdicts["declines_foreign_images"] == "does not hold"
    assert verdicts["stricter_cutoff_predicts_better"] == "undecided"


def test_verdicts_turn_with_the_scores(computed):
    found = find(computed)
    ali = found.ali
    assert ali is not None

    def changed(**columns):
        return found._replace(ali=ali._replace(frame=ali.frame.assign(**columns)))

    swapped = changed(s_latent=ali.frame["s_ssim"], s_ssim=ali.frame["s_latent"])
    swapped = swapped._replace(
        ali=swapped.ali._replace(
            thresholds={**ali.thresholds, "latent": ali.thresholds["ssim"], "ssim": ali.thresholds["latent"]}
        )
    )
    verdicts = ood_claims.verdicts(swapped)
    assert verdicts["reconstruction_beats_density"] == "does not hold"
    assert verdicts["latent_distance_fails"] == "does not hold"
    assert verdicts["latent_distance_fails_on_cifar"] == "does not hold"
    assert verdicts["other_xrays_not_reconstructed"] == "does not hold"
    assert verdicts["distances_similar"] == "does not hold"
    assert verdicts["pixel_norms_feeble"] == "does not hold"
    same = changed(s_l1=ali.frame["s_ssim"], s_l2=ali.frame["s_ssim"])
    assert ood_claims.verdicts(same)["distances_similar"] == "holds"
    assert ood_claims.verdicts(same)["pixel_norms_feeble"] == "does not hold"
    noise = np.random.default_rng(0).normal(size=len(ali.frame))
    assert ood_claims.verdicts(changed(s_l1=noise, s_l2=noise))["pixel_norms_feeble"] == "holds"
    easy = ali.frame["s_ssim"] + 9 * (ali.frame["set"] == "photograph-crops")
    easy -= 0.13 * (ali.frame["set"] == "phantom-limbs")
    verdicts = ood_claims.verdicts(changed(s_ssim=easy))
    assert verdicts["cifar_hardest"] == "does not hold"
    strict = changed(s_ssim=ali.frame["s_ssim"] + 9 * (ali.frame["group"] == "reject"))
    assert ood_claims.verdicts(strict)["declines_foreign_images"] == "undecided"  # 90 images cannot show 5 %


def test_a_gain_in_performance_is_seen(computed):
    found = find(computed)
    assert found.ali is not None and found.classifier is not None
    frame = found.classifier.frame.copy()
    children = frame["group"] == "accept"
    outlying = frame["image"].map(found.ali.frame.set_index("image")["s_ssim"])
    near = outlying < outlying[children].median()
    frame["p_Pneumonia"] = np.where(near, frame["pneumonia"] == 1, 0.5).astype(float)
    better = found._replace(classifier=found.classifier._replace(frame=frame))
    assert ood_claims.verdicts(better)["stricter_cutoff_predicts_better"] == "holds"


@pytest.mark.parametrize("kept", [0, 1])
def test_either_run_may_be_absent(kept, computed, tmp_path):
    alone = [computed[kept]]
    ood(alone, tmp_path / "ood")
    tidy = pd.read_csv(tmp_path / "ood.csv")
    names = ["mahalanobis", "knn"] if kept == 0 else ["latent", "l1", "l2", "ssim"]
    assert list(tidy["detector"].unique()) == names
    figure5(alone, tmp_path / "figure5")
    assert set(pd.read_csv(tmp_path / "figure5.csv")["detector"]) == set(names)
    answered = ood_claims.verdicts(find(alone))
    assert ("latent_distance_fails" in answered) == (kept == 1)
    assert ("stricter_cutoff_predicts_better" in answered) == (kept == 0)
    if kept == 0:
        figure6(alone, tmp_path / "figure6")
        assert set(pd.read_csv(tmp_path / "figure6.csv")["detector"]) == {"mahalanobis", "knn"}
        with pytest.raises(UserError, match="figure7 needs a run of ALI"):
            figure7(alone, tmp_path / "figure7")
    else:
        figure7(alone, tmp_path / "figure7")
        with pytest.raises(UserError, match="a classifier that predicts Pneumonia is needed"):
            figure6(alone, tmp_path / "figure6")


def test_absent_sets_are_named(tmp_path):
    runs = ood_runs.both(tmp_path, "release", absent=("pneumonia", "cifar100"))
    ood(runs, tmp_path / "ood")
    text = (tmp_path / "ood.md").read_text()
    assert "Absent: the pneumonia data set, CIFAR-100." in text
    assert not set(ood_claims.verdicts(find(runs))) & {"cifar_hardest", "pneumonia_looks_foreign"}
    with pytest.raises(UserError, match="no images of children were scored; unpack kermany-chest-xray"):
        figure6(runs, tmp_path / "figure6")


def test_figure5_draws_densities(computed, tmp_path):
    figure5(computed, tmp_path / "figure5")
    tidy = pd.read_csv(tmp_path / "figure5.csv")
    assert tidy.groupby("detector")["set"].nunique().eq(5).all()
    curve = tidy[(tidy["detector"] == "ssim") & (tidy["set"] == "chest")]
    area = np.trapezoid(curve["density"], curve["score"])
    assert 0.9 < area < 1.01
    curves = tidy[tidy["detector"] == "ssim"]
    peaks = curves.loc[curves.groupby("set")["density"].idxmax()].set_index("set")["score"]
    assert peaks["chest"] < peaks["photograph-crops"] < peaks["phantom-limbs"] < peaks["digits-8x8"]
    text = (tmp_path / "figure5.md").read_text()
    assert "**phantom" in text and "cut-off" in text and "median of held-out chests" in text
    assert image.imread(tmp_path / "figure5.png").shape[1] > 1000


def test_scores_over_decades_are_drawn_on_a_logarithmic_axis(tmp_path):
    classifier, _ = ood_runs.both(tmp_path)
    path = classifier.folder / "ood.parquet"
    frame = measures.read(path)
    frame.assign(s_mahalanobis=10 ** (3 * frame["s_mahalanobis"])).to_parquet(path, index=False)
    figure5([classifier], tmp_path / "figure5")
    tidy = pd.read_csv(tmp_path / "figure5.csv")
    assert tidy.groupby("detector")["of"].unique().map(list).to_dict() == {
        "mahalanobis": ["decade"],
        "knn": ["score"],
    }
    curve = tidy[(tidy["detector"] == "mahalanobis") & (tidy["set"] == "phantom-limbs")]
    assert 0.9 < np.trapezoid(curve["density"], np.log10(curve["score"])) < 1.01


def test_figure6_draws_performance_and_share(computed, tmp_path):
    figure6(computed, tmp_path / "figure6")
    tidy = pd.read_csv(tmp_path / "figure6.csv")
    assert list(tidy["detector"].unique()) == ["ssim", "mahalanobis", "knn"]
    curve = tidy[tidy["detector"] == "ssim"].reset_index(drop=True)
    assert len(curve) == len(SHARES) and curve["retained"].is_monotonic_decreasing
    assert np.allclose(curve["retained"], SHARES, atol=0.02)
    frame = measures.read(computed[0].folder / "ood.parquet")
    children = frame[frame["group"] == "accept"]
    assert curve["auc"][0] == pytest.approx(roc_auc_score(children["pneumonia"], children["p_Pneumonia"]))
    scores = measures.read(computed[1].folder / "ood.parquet").set_index("image")["s_ssim"]
    kept = children[scores[children["image"]].to_numpy() <= curve["cut_off"][10]]
    assert curve["auc"][10] == pytest.approx(roc_auc_score(kept["pneumonia"], kept["p_Pneumonia"]))


def test_figure7_draws_computed_pictures_only(computed, real, tmp_path):
    figure7(computed, tmp_path / "computed")
    figure7(real, tmp_path / "real")
    tall, flat = (image.imread(tmp_path / f"{name}.png").shape[0] for name in ("computed", "real"))
    assert tall > 1.8 * flat
    assert "Source of photograph-crops. CC BY." in (tmp_path / "computed.md").read_text()
    assert "(b) is not drawn" in (tmp_path / "real.md").read_text()
    tidy = pd.read_csv(tmp_path / "real.csv")
    frame = measures.read(real[1].folder / "ood.parquet")
    for name, part in (("mnist", frame[frame["set"] == "mnist"]), ("chest", measures.chest(frame))):
        row = tidy[(tidy["set"] == name) & (tidy["detector"] == "l1") & (tidy["quantile"] == 0.95)]
        assert row["value"].item() == pytest.approx(part["s_l1"].quantile(0.95))


def test_the_local_ssim_is_that_of_the_score():
    rng = np.random.default_rng(0)
    picture = (127 + 80 * np.sin(np.arange(64) / 6)[:, None] * np.cos(np.arange(64) / 4)).astype(np.uint8)
    other = np.clip(picture + rng.normal(size=(64, 64)) * 20, 0, 255).astype(np.uint8)
    pair = (each[None, ..., None].astype(np.float32) / 255 for each in (picture, other))
    assert 1 - ood_samples.ssim_map(picture, other)[5:-5, 5:-5].mean() == pytest.approx(
        float(distances.ssim(*pair)[0]), abs=2e-4
    )
    same = ood_samples.error_in_red(picture, picture)
    assert (same[..., 0] == same[..., 1]).all() and (same[..., 1] == same[..., 2]).all()
    half = other.copy()
    half[:, :32] = picture[:, :32]
    red = ood_samples.error_in_red(picture, half).astype(int)
    excess = red[..., 0] - red[..., 1]
    assert excess[:, :26].max() <= 1 and excess[:, 38:].mean() > 40


def test_runs_that_do_not_fit_together(computed, tmp_path):
    other = ood_runs.both(tmp_path, "release")
    with pytest.raises(UserError, match="scored different foreign images"):
        find([computed[0], other[1]])
    with pytest.raises(UserError, match="no run here names foreign images"):
        find(
            [
                type(run)(run.folder, {**run.config, "others": None}, run.card, run.environment, run.data)
                for run in computed
            ]
        )
    (other[0].folder / "ood.parquet").unlink()
    with pytest.raises(UserError, match=r"ood\.parquet is absent; run the stage ood"):
        find(other)
    (other[1].folder / "ood_examples.npz").unlink()
    with pytest.raises(UserError, match=r"ood_examples\.npz is absent"):
        ood_samples.read_examples(other[1])


def test_the_table_is_the_same_whatever_the_order(computed):
    assert table(find(computed)).equals(table(find(computed[::-1])))
