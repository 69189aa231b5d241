import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score

from tests.reporting.zhao2019.made_up_students import ROWS, write_student
from xray_keras.errors import UserError
from xray_keras.papers import loader
from xray_keras.reporting import zhao2019
from xray_keras.reporting.zhao2019 import knowledge, knowledge_claims


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
    for more, less in knowledge_claims.PAIRS:
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


def verdicts(text):
    lines = text.split("## What the paper says")[1].split("##")[0].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "IV.C" in line]
    return {line[0]: (line[2].strip("*"), line[3]) for line in cells}


def test_better_students_bear_the_paper_out(written):
    found = verdicts(written[0].with_suffix(".md").read_text())
    word, numbers = found["the full training gives the best student"]
    assert word == "holds here" and numbers.count("standard error over seeds") == 3
    assert len(found) == len(knowledge_claims.CLAIMS)


def test_a_verdict_needs_pictures_and_seeds():
    def judged(value, interval, sd, seeds=3):
        arm = {"seeds": list(range(seeds)), "labels": {"Text": {knowledge_claims.F: {"sd": sd}}}}
        evaluated = {"arms": {"a": arm, "b": arm}}
        return knowledge_claims._judged(evaluated, ("a", "b"), {"difference": value, "interval": interval})

    # with sd 0.03 and three seeds a row the standard error is 0.03 · √(2/3) = 0.0245
    assert judged(0.05, (0.02, 0.08), 0.03) == "holds here"
    assert judged(0.048, (0.02, 0.08), 0.03) == "not shown"
    assert judged(0.05, (-0.01, 0.08), 0.03) == "not shown"
    assert judged(-0.05, (-0.08, -0.02), 0.03) == "does not hold here"
    assert judged(-0.315, (-0.35, -0.28), 0.367) == "not shown"  # one of three seeds collapsed
    assert judged(0.05, (0.02, 0.08), None, seeds=1) == judged(None, None, 0.03) == "not shown"
