import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from tests.reporting.conftest import environment
from xray_keras import files
from xray_keras.errors import UserError
from xray_keras.evaluation import arms
from xray_keras.papers import loader
from xray_keras.reporting import ali2019, runs
from xray_keras.reporting.ali2019 import augmented_reading

ARMS = {"without": {}, "with": {"generated": 0.3, "kept": 0.5}, "unselected": {"generated": 0.3}}
IMAGES, SEEDS = 160, 2


def write_arms(base, finding, *, skill=0.6, kind="phantom", given=tuple(ARMS)):
    """Networks that tell images apart equally well; those with GAN images call far more of them positive."""
    folder = base / "sound" / "ali2019" / f"gan_{finding.lower()}"
    settings = {
        "dataset": "nih", "images": "labelled", "max_images": None, "labels": [finding], "split": "patient-80-20",
        "scale": "paper" if kind == "full" else "demo", "seed": 0, "size": 64, "learning_rate": 1e-4, "weights": None,
        "precision": "float32", "trainer": "arms", "arms": {name: ARMS[name] for name in given}, "arm_seeds": SEEDS,
    }  # fmt: skip
    files.write_json(folder / "config.json", settings)
    card = {"paper": "ali2019", "row": "BaselineModel", "source": "", "assumed": {"selection": "upper half"}}
    files.write_json(folder / "card.json", card)
    counts = {"train": 500, "validation": 60, "test": 100}
    data = {"fingerprint": "f" * 64, "images": counts, "patients": 330, "leaked_patients": 0}
    files.write_json(folder / "environment.json", environment(data))
    origin = "phantom" if kind == "phantom" else "release"
    summary = {"origin": origin, "complete": kind == "full", "images": 660}
    files.write_json(base / "nih-labelled" / "summary.json", summary)
    rng = np.random.default_rng(len(finding))
    frame = pd.DataFrame(
        {
            "image": [f"{i}.png" for i in range(IMAGES)],
            "patient": [str(i // 2) for i in range(IMAGES)],
            "split": np.where(np.arange(IMAGES) < 60, "validation", "test"),
            f"y_{finding}": rng.permutation(IMAGES) % 4 == 0,
        }
    ).astype({f"y_{finding}": "int8"})
    parts = []
    for seed in range(SEEDS):
        noise = rng.normal(size=IMAGES)
        for arm in given:
            shift = {"without": -1.5, "with": 0.5, "unselected": 0.2}[arm]
            wobble = 0.3 * rng.normal(size=IMAGES)
            logit = skill * (2 * frame[f"y_{finding}"] - 1) + noise + wobble + shift
            parts.append(frame.assign(arm=arm, seed=seed, **{f"p_{finding}": 1 / (1 + np.exp(-logit))}))
    pd.concat(parts, ignore_index=True).to_parquet(folder / "arms.parquet", index=False)
    contents = {}
    for arm in given:
        extra = 0 if arm == "without" else 200
        entry = {"real": 500, "generated": extra, "positives": {finding: 100 + extra}}
        shown = {
            "real": 5000 - 10 * extra // 2,
            "generated": 10 * extra // 2,
            "positives": {finding: 1000 + 4 * extra},
        }
        contents[arm] = {**entry, "shown": shown, "steps": 160, "seconds": 9.0}
    files.write_json(folder / "arms.json", contents)
    return runs.read(folder)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    base = tmp_path_factory.mktemp("runs")
    return [write_arms(base, name) for name in ("Nodule", "Pneumonia", "Effusion", "Infiltration")]


@pytest.fixture(scope="module")
def written(trained, tmp_path_factory):
    output = tmp_path_factory.mktemp("reports") / "table3"
    ali2019.table3(trained, output)
    return output


def sections(output):
    text = output.with_suffix(".md").read_text()
    return {part.split("\n")[0]: part.splitlines() for part in text.split("## ")[1:]}


def cells(lines, *start):
    line = next(line for line in lines if line.startswith("| " + " | ".join(start) + " |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_printed_cells_beside_means_over_seeds(written, trained):
    printed = loader.table("ali2019", "table3")
    tidy = pd.read_csv(written.with_suffix(".csv"), dtype={"printed": str}).set_index(
        ["finding", "metric", "arm"]
    )
    for finding in ("Infiltration", "Effusion", "Nodule"):
        for metric in printed.metrics:
            for arm, row in (("with", "w/ GAN"), ("without", "w/o GAN")):
                assert (
                    tidy.loc[(finding, metric, arm), "printed"] == printed.number(row, finding, metric).text
                )
    frame = pd.read_parquet(trained[2].folder / "arms.parquet")
    test = frame[(frame["split"] == "test") & (frame["arm"] == "with")]
    per_seed = test.groupby("seed")
    auc = np.mean([roc_auc_score(part["y_Effusion"], part["p_Effusion"]) for _, part in per_seed])
    f1 = np.mean([f1_score(part["y_Effusion"], part["p_Effusion"] > 0.5) for _, part in per_seed])
    assert tidy.loc[("Effusion", "AUC", "with"), "value"] == pytest.approx(auc)
    assert tidy.loc[("Effusion", "F1", "with"), "value"] == pytest.approx(f1)
    assert tidy.loc[("Effusion", "AUC", "with"), "sd"] > 0
    line = cells(sections(written)["With and without GAN images"], "Effusion", "23 / 100", "AUC")
    assert line[3] == "0.6493" and line[5] == "0.6238" and line[4].startswith(f"{auc:.3f} [")


def test_findings_stand_in_the_printed_order_then_others(written):
    lines = sections(written)["With and without GAN images"]
    names = [line.split(" | ")[0].strip("| ") for line in lines if line.startswith("| ")][2:]
    assert list(dict.fromkeys(names)) == ["Infiltration", "Effusion", "Nodule", "Pneumonia"]
    assert cells(lines, "Pneumonia", cells(lines, "Pneumonia")[1], "F1")[3] == "–"


def test_differences_are_paired_and_corrected_over_findings(written, trained):
    frame = pd.read_parquet(trained[2].folder / "arms.parquet")
    expected = arms.difference(frame, "with", "without")["labels"]["Effusion"]["default/recall"]
    line = cells(sections(written)["What do the GAN images add?"], "Effusion", "Recall")
    assert line[2] == "+0.1841"
    assert line[3] == f"{expected['difference']:+.3f}"
    low, high = expected["interval"]
    assert line[4] == f"{low:+.3f} to {high:+.3f}" and low > 0
    p, corrected = float(line[5]), float(line[6])
    assert p == round(expected["p"], 3) and corrected == pytest.approx(4 * p, abs=0.003)


def test_the_gain_is_one_of_calls_not_of_ranking(written):
    lines = sections(written)["How the printed gains arise at a fixed threshold"]
    theirs, ours = cells(lines, "Infiltration", "printed"), cells(lines, "Infiltration", "ours")
    assert theirs[2] == f"{0.2888 / 0.5031:.2f} → {0.4758 / 0.4309:.2f}" and theirs[3:] == [
        "+0.085",
        "−0.061",
        "−0.040",
    ]
    before, after = map(float, ours[2].split(" → "))
    assert after > 2 * before and abs(float(ours[5].replace("−", "-"))) < 0.05
    notes = "\n".join(lines)
    assert (
        "printed: more images are called positive for Infiltration, Atelectasis, Effusion. Of these 3"
        in notes
    )
    assert "of these 3 rises f1 in 3, accuracy in 0, auc in 1." in notes.lower()
    assert (
        "printed: fewer images are called positive for Nodule. Of these 1 rises F1 in 0, Accuracy in 1"
        in notes
    )
    assert augmented_reading.called(0.5, None) is augmented_reading.called(0.5, 0.0) is None


def test_sentences_recomputed_from_both(written):
    raises, boosts, sizes = [
        line for line in sections(written)["The paper's sentences, recomputed"] if line.startswith("- ")
    ]
    assert loader.claims("ali2019")["gan_raises_f1_and_recall"].statement in raises
    printed, ours = raises.split("Ours:")
    assert "F1 rises in 3 of 3, Nodule does not; Recall rises in 3 of 3, Nodule does not." in printed
    assert "Recall rises in 2 of 2, Nodule rises" in ours and "Intervals exclude 0 for" in ours
    assert (
        "Accuracy rises in 0 of 3" in boosts and "AUC rises in 1 of 3 (Effusion), Nodule does not." in boosts
    )
    assert "(10k images)" in sizes and "Pneumonia 100" in sizes and "Nodule 6,331" in sizes


def test_what_is_behind_it(written):
    found = sections(written)
    assert cells(found["What the networks were shown"], "Effusion", "without")[4:6] == ["20.0 %", "20.0 %"]
    assert cells(found["What the networks were shown"], "Effusion", "with")[2:6] == [
        "500",
        "200",
        "42.9 %",
        "36.0 %",
    ]
    assert cells(found["Does the discriminator's selection matter?"], "Effusion", "AUC")[2] != "–"
    assert len([line for line in found["Every arm"] if line.startswith("| Effusion")]) == 3
    text = written.with_suffix(".md").read_text()
    for words in (
        "phantom",
        "64 × 64 pixels",
        "Mean over 2 seeds",
        "1,000 resamples of whole patients",
        "upper half",
    ):
        assert words in text
    assert "Δ +" not in text and "✓" not in text


def test_only_the_papers_data_at_its_scale_are_compared(tmp_path):
    ali2019.table3([write_arms(tmp_path, "Effusion", kind="full")], tmp_path / "table3")
    line = cells(
        sections(tmp_path / "table3")["With and without GAN images"], "Effusion", "23 / 100", "Accuracy"
    )
    assert "Δ" in line[4] and ("✗" in line[4] or "✓" in line[4])


def test_without_an_unselected_arm_nothing_is_said_of_selection(tmp_path):
    ali2019.table3([write_arms(tmp_path, "Effusion", given=("without", "with"))], tmp_path / "table3")
    assert "Does the discriminator's selection matter?" not in sections(tmp_path / "table3")


def test_unsuitable_runs_are_named(tmp_path):
    run = write_arms(tmp_path, "Effusion")
    with pytest.raises(UserError, match=r"two of the runs are of one finding \(Effusion, Effusion\)"):
        ali2019.table3([run, run], tmp_path / "table3")
    (run.folder / "arms.parquet").write_bytes(b"PAR1")
    with pytest.raises(UserError, match=r"arms\.parquet cannot be read"):
        ali2019.table3([run], tmp_path / "table3")
    (run.folder / "arms.parquet").unlink()
    with pytest.raises(UserError, match=r"arms\.parquet is absent"):
        ali2019.table3([run], tmp_path / "table3")
    run.config["arms"] = {"without": {}}
    with pytest.raises(UserError, match='no single finding with the arms "without" and "with"'):
        ali2019.table3([run], tmp_path / "table3")
