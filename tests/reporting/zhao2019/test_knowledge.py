import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score

from tests.reporting.conftest import environment
from xray_keras import files
from xray_keras.errors import UserError
from xray_keras.papers import loader
from xray_keras.reporting import runs, zhao2019
from xray_keras.reporting.zhao2019 import knowledge

ROWS = list(loader.table("zhao2019", "table2").rows)
SKILL = dict(zip(ROWS, (0.8, 1.2, 1.6, 2.0), strict=True))
PICTURES = 400


def write_student(base, row, seed):
    """A student that tells text from none the better the later its row stands."""
    folder = base / "sound" / "zhao2019" / f"{row.replace(' ', '_')}-{seed}"
    config = {
        "dataset": "scene_text", "images": "all", "max_images": None, "labels": ["Text"], "split": "official",
        "scale": "demo", "seed": seed, "size": 128, "learning_rate": 1e-3, "weights": None, "precision": "float32",
    }  # fmt: skip
    files.write_json(folder / "config.json", config)
    files.write_json(
        folder / "card.json", {"paper": "zhao2019", "row": row, "source": "", "assumed": {"layers": "lost"}}
    )
    counts = {"train": 500, "validation": 100, "test": 300}
    data = {"fingerprint": "f" * 64, "images": counts, "patients": 900, "leaked_patients": 0}
    files.write_json(folder / "environment.json", environment(data))
    about = {"own": False, "found": 900, "images": 900, "left_out": {}}
    summary = {"origin": "phantom", "complete": False, "dataset": "scene_text", "images": 900, "text": 450}
    files.write_json(base / "scene_text-all" / "summary.json", {**summary, "sets": {"rendered": about}})
    pd.DataFrame({"epoch": [1, 2], "loss": [1.0, 0.5]}).to_csv(folder / "history.csv", index=False)
    rng = np.random.default_rng(seed)
    truth = np.arange(PICTURES) % 2
    odds = SKILL[row] * (2 * truth - 1) + rng.normal(0, 1.5, PICTURES)
    names = [f"rendered/{k}" for k in range(PICTURES)]
    frame = pd.DataFrame(
        {
            "image": names,
            "patient": names,
            "split": np.where(np.arange(PICTURES) < 100, "validation", "test"),
            "y_Text": truth.astype("int8"),
            "p_Text": 1 / (1 + np.exp(-odds)),
            "r00": 0.5,
        }
    )
    frame.to_parquet(folder / "predictions.parquet", index=False)
    return runs.read(folder)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    base = tmp_path_factory.mktemp("runs")
    students = [write_student(base, row, seed) for seed in (0, 1, 2) for row in ROWS]
    zhao2019.table2(students, base / "reports" / "table2")
    return base / "reports" / "table2", students


def test_means_over_seeds_are_scikit_learns(written):
    output, students = written
    tidy = pd.read_csv(output.with_suffix(".csv")).set_index(["row", "metric"])
    text = output.with_suffix(".md").read_text()
    for row in ROWS:
        for metric, score in (
            ("Recall", recall_score),
            ("Precision", precision_score),
            ("F-measure", f1_score),
        ):
            values = []
            for run in students:
                if run.card["row"] == row:
                    test = pd.read_parquet(run.predictions).query("split == 'test'")
                    values.append(score(test["y_Text"], test["p_Text"] > 0.5))
            found = tidy.loc[(row, metric)]
            assert found["value"] == pytest.approx(np.mean(values), abs=1e-12)
            assert found["sd"] == pytest.approx(np.std(values, ddof=1), abs=1e-12)
            assert found["low"] < found["value"] < found["high"] and found["seeds"] == 3
            cell = loader.table("zhao2019", "table2").number(row, metric).text
            assert found["printed"] == cell
            assert (
                f"| {row} | {metric} | {cell} | {np.mean(values):.3f} ± {np.std(values, ddof=1):.3f} ["
                in text
            )


def test_every_step_is_tested_on_the_same_pictures(written):
    lines = written[0].with_suffix(".md").read_text().split("## What does each step add?")[1].splitlines()
    for more, less in knowledge.STEPS:
        chosen = [line for line in lines if line.startswith(f"| {more} − {less} |")]
        assert [line.split(" | ")[1] for line in chosen] == list(knowledge.PATHS)
    whole = next(line for line in lines if line.startswith("| Our proposed − Hard label | F-measure |"))
    cells = [cell.strip() for cell in whole.strip("|").split("|")]
    assert cells[2] == "+0.035" and float(cells[3]) > 0.05 and float(cells[5]) < 0.01


def test_it_says_that_no_camera_took_the_pictures(written):
    text = written[0].with_suffix(".md").read_text()
    assert "computed, n = 900 pictures with rendered fonts; no camera took them" in text
    assert "150 of 300 test pictures have text; 3 seeds a row" in text and "not for diagnosis" in text


def test_steps_of_absent_rows_are_left_out(tmp_path):
    students = [write_student(tmp_path, row, 0) for row in ROWS[:2]]
    zhao2019.table2(students, tmp_path / "table2")
    text = (tmp_path / "table2.md").read_text()
    assert "Soft label − Hard label" in text and "Our proposed" not in text
    assert " ± " not in text.split("## What the paper")[0].split("## The student")[1]


def test_a_seed_twice_is_refused(tmp_path):
    students = [write_student(tmp_path, ROWS[0], 0)] * 2
    with pytest.raises(UserError, match="two runs of 'Hard label' have the seed 0"):
        zhao2019.table2(students, tmp_path / "table2")
