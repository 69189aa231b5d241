import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score

from tests.reporting.zhao2019.made_up_students import ROWS, write_student
from xray_keras.errors import UserError
from xray_keras.papers import loader
from xray_keras.reporting import zhao2019
from xray_keras.reporting.zhao2019 import knowledge


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
