import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.metrics import accuracy_score, f1_score, recall_score, roc_auc_score

from experiments.gan_notes import _laboratory
from tests.reporting.gan_notes.laboratory_page import (
    PICTURES,
    by_name,
    cells,
    mean,
    networks,
    number,
    pictures,
    sections,
    tidy,
)
from tests.reporting.gan_notes.laboratory_runs import LABELS, REAL, TEST
from xray_keras.evaluation import arms
from xray_keras.papers import loader
from xray_keras.reporting import gan_notes
from xray_keras.reporting.gan_notes import found

FIGURES = (
    "augmentation",
    "mixture",
    "generated-only",
    "diversity",
    "overtrained",
    "privacy",
    "anonymity",
    "attacks",
)


def test_the_page_asks_for_what_the_experiments_train():
    assert set(found.SHARES) == set(_laboratory.SHARES) and found.SHARES[-1] == found.SCARCE
    shown = {found.REAL, found.ONLY, *found.AUGMENTED}
    assert shown == set(_laboratory.SHOWN)
    assert {found.REPEATED, found.BALANCED} == set(_laboratory.BALANCED)
    assert {found.OVERTRAINED} == set(_laboratory.OVERTRAINED)
    shares = found._by_share({**_laboratory.SHOWN, **_laboratory.SHARES_GENERATED, **_laboratory.OVERTRAINED})
    assert list(shares) == [0, 0.25, 0.5, 0.75, 1]
    assert shares[0] == "real" and shares[0.5] == "GAN" and shares[1] == "generated only"
    assert len(found._pairs({**_laboratory.SHOWN, **_laboratory.SIMPLE})) == 4


def test_arms_are_means_over_seeds_and_labels(written, lab):
    run = by_name(lab, "classifiers_sixteenth")
    values = {arm: mean(run, arm, roc_auc_score) for arm in ("real", "GAN")}
    row = number(written, "augmentation", "GAN", "mean AUC", "sixteenth")
    assert row["value"] == pytest.approx(values["GAN"]) and row["low"] < row["value"] < row["high"]
    assert row["n"] == TEST
    gain = number(written, "augmentation", "GAN", "mean AUC − real", "sixteenth")
    assert gain["value"] == pytest.approx(values["GAN"] - values["real"]) and gain["p"] < 0.02
    line = cells(sections(written)["Augmentation by real and generated images"], "30", "GAN")
    assert line[2].startswith(f"{values['GAN']:.3f} [")
    per_seed = [
        np.mean([roc_auc_score(part[f"y_{label}"], part[f"p_{label}"]) for label in LABELS])
        for part in networks(run, "GAN")
    ]
    assert line[3] == f"{np.std(per_seed, ddof=1):.3f}"


def test_differences_are_those_of_the_evaluation_and_corrected_over_the_table(written, lab):
    lines = sections(written)["What does each add to real images alone?"]
    frame = pd.read_parquet(by_name(lab, "classifiers_quarter").folder / "arms.parquet")
    expected = arms.difference(frame, "classical and GAN", "real", resamples=200)["mean"]["auc"]
    line = cells(lines, "120", "classical and GAN")
    low, high = expected["interval"]
    assert line[2] == f"{expected['difference']:+.3f} [{low:+.3f} to {high:+.3f}]" and line[5] == "better"
    assert float(line[3]) == round(expected["p"], 3) and float(line[4]) == pytest.approx(
        12 * expected["p"], abs=0.001
    )
    assert cells(lines, "480", "classical")[5] == "not shown"
    assert len([line for line in lines if line.startswith("| ")]) == 2 + 12
    text = "\n".join(sections(written)["Augmentation by real and generated images"])
    assert "same number of steps (120 with 480 images; 120 with 120 images" in text


def test_shares_of_generated_images_in_their_order(written, lab):
    run = by_name(lab, "classifiers_all")
    lines = sections(written)["The share of generated images"]
    assert [line.split(" | ")[0] for line in lines if " % |" in line] == [
        "| 0 %",
        "| 25 %",
        "| 50 %",
        "| 75 %",
        "| 100 %",
    ]
    area = mean(run, "75 % generated", roc_auc_score)
    assert cells(lines, "75 %")[1].startswith(f"{area:.3f} [") and cells(lines, "0 %")[3] == "–"
    assert (
        cells(sections(written)["In short"], "Which share of generated images is best?")[1]
        == "50 %, better than none"
    )


def test_bars_of_several_classifiers(written, lab):
    run = by_name(lab, "classifiers_all")
    for arm in ("real, random forest", "generated only, nearest neighbours", "generated only"):
        expected = mean(run, arm, lambda y, p: accuracy_score(y, p > 0.5))
        assert number(written, "trained on generated images", arm, "accuracy")["value"] == pytest.approx(
            expected
        )
    loss = number(
        written,
        "trained on generated images",
        "generated only, random forest",
        "accuracy − real, random forest",
    )
    pair = [
        mean(run, f"{arm}, random forest", lambda y, p: accuracy_score(y, p > 0.5))
        for arm in ("generated only", "real")
    ]
    assert loss["value"] == pytest.approx(pair[0] - pair[1])
    lines = sections(written)["Trained on generated images alone, tested on real ones"]
    names = [line.split(" | ")[0].strip("| ") for line in lines if " | AUC | " in line]
    assert names == ["CNN", "logistic regression", "random forest", "nearest neighbours"]
    part = networks(run, "real")[0]
    shares = np.array([part[f"y_{label}"].mean() for label in LABELS])
    constant = np.maximum(shares, 1 - shares).mean()
    row = number(written, "trained on generated images", "always the more frequent answer", "accuracy")
    assert row["value"] == pytest.approx(constant)
    assert f"has {constant:.3f}" in "\n".join(lines)


def test_the_rarest_label_is_balanced(written, lab):
    run = by_name(lab, "classifiers_all")
    lines = sections(written)["Class balance: Cardiomegaly, the rarest label"]
    parts = networks(run, "balanced, generated")
    recall = np.mean([recall_score(part["y_Cardiomegaly"], part["p_Cardiomegaly"] > 0.5) for part in parts])
    line = cells(lines, "balanced, generated")
    assert line[1] == "192 / 680" and line[2].startswith(f"{recall:.3f} [")
    row = number(written, "class balance", "balanced, generated", "AUC, Cardiomegaly − balanced, repeated")
    areas = [
        np.mean(
            [roc_auc_score(part["y_Cardiomegaly"], part["p_Cardiomegaly"]) for part in networks(run, arm)]
        )
        for arm in ("balanced, generated", "balanced, repeated")
    ]
    assert row["value"] == pytest.approx(areas[0] - areas[1])
    tuned = number(written, "class balance", "real", "F1, tuned threshold, Cardiomegaly")["value"]
    best = [
        max(f1_score(part["y_Cardiomegaly"], part["p_Cardiomegaly"] > t) for t in np.linspace(0, 1, 101))
        for part in networks(run, "real")
    ]
    assert 0 < tuned <= np.mean(best) + 1e-9


def test_audits_stand_as_the_stage_wrote_them(written):
    near = sections(written)["Privacy audit: are generated images nearer to training patients?"]
    line = cells(near, "30 images, over-trained", "identity")
    assert line[2:5] == ["80.0 % [72.0–88.0]", "< 0.001", "< 0.001"] and line[6] == "0.700 [0.600–0.800]"
    screen = cells(sections(written)["The screen for near copies"], "30 images, over-trained")
    assert screen[1:] == ["1.0 % (99)", "60 / 500", "12.0 % [11.0–13.0]", "1 / 50", "2.0 % [1.0–3.0]"]
    known = sections(written)["Re-identification, before and after the screen"]
    assert cells(known, "30 images, over-trained", "all")[2] == "45.0 % [37.0–53.0]"
    assert cells(known, "30 images, over-trained", "those that pass the screen")[4].startswith(
        "+0.060 [−0.040"
    )
    assert "60.0 % [52.0–68.0] of unseen test patients" in "\n".join(known)
    planted = sections(written)["Copies hidden among the generated images"]
    assert cells(planted, "480 images", "mirrored")[2:] == ["20", "20", "20"]
    assert "240 of 240 flagged" in "\n".join(sections(written)["In short"])
    row = number(written, "privacy", "all", "matched by identity, difference", "sixteenth")
    assert (row["value"], row["low"], row["high"]) == pytest.approx((0.38, 0.28, 0.48))


def test_the_price_is_read_where_a_blind_guess_is_as_good(written):
    answer = cells(
        sections(written)["In short"],
        "Which AUC is left once a patient is known no better than by a blind guess?",
    )
    assert answer[1] == "untouched, 62.0 % [52.0–72.0] are known, at an AUC of 0.800 [0.700–0.900]"
    assert answer[2] == (
        "blur 0.600 [0.500–0.900]; pixelation never so; projection 0.700 [0.600–0.900]; latent edit 0.750 "
        "[0.650–0.900]; projection, labels kept 0.700 [0.600–0.900]"
    )
    row = number(written, "anonymity", "blur", "re-identified", "0.25")
    assert (row["value"], row["n"]) == (pytest.approx(0.47), 40)


def test_the_attack_and_the_airliner(written):
    lines = sections(written)["Accuracy under attack"]
    assert cells(lines, "PGD", "4")[2:] == ["0.480 [0.440–0.520]", "0.480 [0.440–0.520]", "32.0 % [0.0–90.0]"]
    assert "At ε = 8 FGSM leaves fewer right decisions than PGD" in "\n".join(lines)
    text = "\n".join(sections(written)["An adversarial example"])
    printed = loader.claims("gan_notes")["airliner_probability"].values
    assert (
        f"slide {printed['slide']}" in text
        and "Cardiomegaly (absent): 0.080 → 0.970, called from 0.150" in text
    )
    assert "ε = 8 brings PGD's accuracy below one half" in "\n".join(sections(written)["In short"])


def test_every_figure_stands_on_the_page_with_its_numbers_in_words(written):
    images = pictures(written)
    assert set(images) == {f"laboratory-{name}.png" for name in FIGURES + PICTURES}
    for name in images:
        with Image.open(written.with_name(name)) as picture:
            assert picture.size[0] > 500
        assert written.with_name(name).with_suffix(".svg").is_file()
    told = tidy(written)
    for name, section, metric in (
        ("augmentation", "augmentation", "mean AUC"),
        ("privacy", "privacy", "membership AUC"),
        ("attacks", "adversarial examples", "accuracy"),
    ):
        values = told[(told["section"] == section) & (told["metric"] == metric)]["value"]
        assert len(values) and all(f"{value:.3f}" in images[f"laboratory-{name}.png"] for value in values)
    assert written.with_name("laboratory-neighbours.svg").read_text().count("<image") == 6 * 8
    assert written.with_name("laboratory-deidentified.svg").read_text().count("<image") == 6 * 4
    assert written.with_name("laboratory-adversarial.svg").read_text().count("<image") == 3 * 3


def test_the_csv_has_the_numbers_of_every_topic(written):
    frame = tidy(written)
    assert list(frame) == ["section", "of", "share", "metric", "value", "low", "high", "p", "n"]
    assert not frame.duplicated(["section", "of", "share", "metric"]).any()
    counts = frame["section"].value_counts()
    assert counts["augmentation"] == 3 * (5 * 2 + 4)
    assert counts["share of generated images"] == 5 * 4 + 4
    assert counts["adversarial examples"] == 3 * 6 * 3
    assert counts["anonymity"] == 5 * 5 * 4
    assert counts["nearest images"] == 3 * 8 * 2
    needing = [claim for claim in loader.claims("gan_notes").values() if claim.needs]
    assert counts["claims"] == len(needing) == 20


def test_data_and_settings_are_said(written):
    text = written.with_suffix(".md").read_text()
    for words in (
        "phantom",
        "demo",
        "classifiers_all, arms: ours",
        "infogan_all, infogan: ours",
        "not for diagnosis",
    ):
        assert words in text
    setup = sections(written)["How the laboratory is set up"]
    assert cells(setup, "classifiers_quarter")[1:6] == [
        "6 arms of classifiers",
        "a quarter of them",
        "120",
        "32",
        "2",
    ]
    assert cells(setup, "infogan_sixteenth")[3] == str(REAL["sixteenth"])
    assert cells(setup, "identity")[2:4] == ["validation patients with several images", "of 60"]
    assert "test: 100 images of 50 patients" in "\n".join(setup)


def test_pixels_tell_of_diversity(written):
    lines = sections(written)["How far are pictures from each other?"]
    line = cells(lines, "480")
    assert line[3] == "0.75" and line[7].startswith("0.0 % [0.0–3.7")
    # Noise of 8 and of 30 gray levels, each of two pictures.
    assert float(line[4][:5]) == pytest.approx(2**0.5 * 8 / 255, rel=0.05)
    assert float(line[5][:5]) == pytest.approx(2**0.5 * 30 / 255, rel=0.05)
    assert number(written, "diversity", "generated", "turned by 5 degrees or more", "all")["value"] == 0


def test_pages_are_the_same_twice(written, lab, quick, tmp_path):
    gan_notes.laboratory(list(reversed(lab)), tmp_path / "laboratory")
    names = sorted(path.name for path in written.parent.iterdir())
    assert names == sorted(path.name for path in tmp_path.iterdir()) and len(names) == 2 + 2 * 11
    for name in names:
        assert (tmp_path / name).read_bytes() == (written.parent / name).read_bytes(), name
