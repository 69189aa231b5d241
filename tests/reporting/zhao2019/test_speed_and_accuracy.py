import json
import shutil

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score, roc_auc_score

from tests.reporting.zhao2019.made_up_students import SKILL, write_student
from tests.training.scene_world import scenes
from xray_keras import files
from xray_keras.datasets import outlines, region_labels
from xray_keras.errors import UserError
from xray_keras.evaluation import evaluate, predictions, speed
from xray_keras.reporting import runs, zhao2019

SMALL, LARGE = [256, 341], [500, 667]
PRINTED_ROWS = {"MSP-Net": "MSP-Net", "Teacher Network": "Teacher Network", "Our proposed": "Student Network"}
OTHERS = {"MSP-Net": 1.0, "Teacher Network": 2.5}
"""Skill of what Table II does not have."""


def measured(msp=2.0, msp_same=0.6, teacher=0.5, student=0.005):
    """What `timed_networks` would have found, a little more each round."""

    def turns(network, framework, size, seconds):
        each = [[[seconds * (1 + k / 100)] * 2, [seconds * 0.99] * 2] for k in range(5)]
        return {"network": network, "framework": framework, "device": "cpu", "size": size, "turns": each}

    return {
        "networks": {
            "MSP-Net": {"parameters": 136_365_890, "stored": 136_365_890, "own": LARGE},
            "Teacher Network": {"parameters": 16_030_530, "stored": 16_030_530, "own": SMALL},
            "Student Network": {"parameters": 86_882, "stored": 87_234, "own": SMALL},
        },
        "same": SMALL,
        "turns": [
            turns(network, framework, size, seconds)
            for framework in ("keras", "onnxruntime")
            for network, size, seconds in (
                ("MSP-Net", LARGE, msp), ("MSP-Net", SMALL, msp_same),
                ("Teacher Network", SMALL, teacher), ("Student Network", SMALL, student),
            )
        ],
        "absent": [{"framework": name, "device": "gpu", "reason": "no GPU"} for name in ("keras", "onnxruntime")],
        "disagreement": 6e-7, "versions": {"keras": "3", "onnxruntime": "1"}, "gpu": None, "seconds": 60.0,
    }  # fmt: skip


def write_speed(run, found):
    machine = {**speed.describe(found), "load_before": 0.5, "load_after": 1.0}
    content = {"machine": machine, "method": speed.METHOD, **speed.summary(found)}
    files.write_json(run.folder / "speed.json", json.loads(json.dumps(content)))


def evaluated(run):
    files.write_json(
        run.folder / "metrics.json", evaluate.evaluate(predictions.read(run.predictions), resamples=50)
    )
    return run


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    base = tmp_path_factory.mktemp("runs")
    rows = ("Our proposed", 1), ("MSP-Net", 0), ("Our proposed", 0), ("Teacher Network", 0), ("Hard label", 0)
    with pytest.MonkeyPatch.context() as patched:
        for row, skill in OTHERS.items():
            patched.setitem(SKILL, row, skill)
        made = [evaluated(write_student(base, row, seed)) for row, seed in rows]
    write_speed(made[1], measured())
    return made


@pytest.fixture(scope="module")
def page(trained):
    output = trained[0].folder.parents[2] / "reports" / "table1"
    zhao2019.table1(trained, output)
    return output


def part(output, heading):
    return output.with_suffix(".md").read_text().split(f"## {heading}\n")[1].split("\n## ")[0]


def table(output, heading):
    lines = [line for line in part(output, heading).splitlines() if line.startswith("| ")]
    head, _, *rows = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]
    return head, rows


def test_quality_is_scikit_learns_beside_the_printed(page, trained):
    _, rows = table(page, "Recall, precision and F")
    rows = {row[0]: row[1:] for row in rows}
    assert list(rows) == ["CNN Coding*", "CMDRNN*", "MSP-Net", "Teacher Network", "Student Network"]
    for run in trained[1:4]:
        row = PRINTED_ROWS[run.card["row"]]
        test = pd.read_parquet(run.predictions).query("split == 'test'")
        called = test["p_Text"] > 0.5
        values = [score(test["y_Text"], called) for score in (recall_score, precision_score, f1_score)]
        values.append(roc_auc_score(test["y_Text"], test["p_Text"]))
        for value, cell in zip(values, [*rows[row][1:6:2], rows[row][6]], strict=True):
            assert cell.startswith(f"{value:.3f} [")
    assert rows["Student Network"][0:5:2] == ["94.0%", "92.0%", "93.0%"]
    assert rows["CNN Coding*"] == ["89.8%", "not run", "90.3%", "not run", "90.1%", "not run", "not run"]


def test_the_student_is_the_run_of_the_lowest_seed(page):
    text = part(page, "Runs")
    assert "Our_proposed-0" in text and "Our_proposed-1" not in text and "Hard" not in text


def test_sizes_are_printed_and_counted(page):
    _, rows = table(page, "Parameters")
    assert ["MSP-Net", "136.40M", "136,365,890", "no", "10"] in rows
    assert ["Student Network", "0.087M", "86,882", "yes", "10"] in rows
    assert ["CMDRNN*", "–", "–", "–", "not run"] in rows


def test_times_stand_beside_the_printed_at_their_own_size_alone(page):
    _, rows = table(page, "Time of one picture")
    msp = [row for row in rows if row[:3] == ["MSP-Net", "CPU", "Keras"]]
    assert [row[3:5] for row in msp] == [["500×667", "9.53s"], ["256×341", "–"]]
    assert msp[0][5:] == ["2,040 [2,020–2,060]", "1,980", "10"]
    student = next(row for row in rows if row[:3] == ["Student Network", "CPU", "ONNX Runtime"])
    assert student[3:] == ["256×341", "54.03ms", "5.10 [5.05–5.15]", "4.95", "10"]
    assert ["Teacher Network", "GPU", "–", "–", "2.60ms", "not measured: no GPU", "–", "–"] in rows
    assert ["CNN Coding*", "GPU", "–", "–", "460ms", "not run", "–", "–"] in rows
    assert "1 thread; no GPU" in part(page, "Time of one picture")


def test_ratios_at_both_sizes(page):
    _, rows = table(page, "How many times as fast")
    assert ["MSP-Net / Student Network", "CPU", "Keras", "500×667 / 256×341", "176×", "400 [400–400]"] in rows
    assert ["MSP-Net / Student Network", "CPU", "Keras", "both 256×341", "–", "120 [120–120]"] in rows
    assert ["MSP-Net / Student Network", "GPU", "–", "–", "3.8×", "not measured: no GPU"] in rows
    teacher = next(row for row in rows if row[:2] == ["MSP-Net / Teacher Network", "CPU"])
    assert teacher[4] == "9.53s / 2.24s = 4.25" and teacher[5].startswith("4 [")
    alike = [row[3:5] for row in rows if row[:3] == ["Teacher Network / Student Network", "CPU", "Keras"]]
    assert alike == [["both 256×341", "2.24s / 54.03ms = 41.5"]]
    assert "500 pixels high by that of one of 256" in part(page, "How many times as fast")
    assert "which has 3.8 times the pixels" in part(page, "How many times as fast")


def verdicts(output):
    _, rows = table(output, "What the paper says")
    return {row[0]: (row[2].strip("*"), row[4]) for row in rows}


CPU = "on the CPU the student is 176 times as fast as a compared method"
GPU = "on the GPU the student is 3.8 times as fast as a compared method"
FASTEST = "the student is faster than every other method"
BETTER = "the teacher is better and faster than MSP-Net"
HEIGHTS = "images get a short edge of 256 pixels, MSP-Net a height of 500"


def test_the_papers_sentences_are_decided(page):
    found = verdicts(page)
    assert found[CPU] == (
        "holds here",
        "Keras 400×, at the same size 120×; ONNX Runtime 400×, at the same size 120×",
    )
    assert found[GPU] == ("not measured", "not measured: no GPU")
    assert found[FASTEST][0] == "holds here" and "CMDRNN are not run" in found[FASTEST][1]
    assert found[BETTER][0] == "holds here" and "F of the teacher less MSP-Net's +0." in found[BETTER][1]
    assert found[HEIGHTS][0] == "does not hold here" and "MSP-Net is trained at 128" in found[HEIGHTS][1]


def again(trained, tmp_path, found, rows=("MSP-Net", "Teacher Network", "Our proposed")):
    """The page from the same runs with other times."""
    base = tmp_path / "runs"
    shutil.copytree(trained[0].folder.parents[2], base)
    chosen = [runs.read(base / run.folder.relative_to(trained[0].folder.parents[2])) for run in trained]
    chosen = [run for run in chosen if run.card["row"] in rows]
    for run in chosen:
        (run.folder / "speed.json").unlink(missing_ok=True)
        if found and run.card["row"] == "MSP-Net":
            write_speed(run, found)
    zhao2019.table1(chosen, tmp_path / "table1")
    return tmp_path / "table1"


def test_slower_students_are_told(trained, tmp_path):
    found = verdicts(again(trained, tmp_path, measured(student=0.1)))
    assert found[CPU][0] == "does not hold here" and found[FASTEST][0] == "holds here"


def test_one_round_that_disagrees_leaves_a_sentence_open(trained, tmp_path):
    found = measured()
    found["turns"][-1]["turns"][2][0] = [0.6, 0.6]
    judged = verdicts(again(trained, tmp_path, found))
    assert judged[CPU][0] == judged[FASTEST][0] == "not shown"


def test_a_better_teacher_that_is_slower_does_not_beat(trained, tmp_path):
    found = verdicts(again(trained, tmp_path, measured(teacher=5.0)))
    assert found[BETTER][0] == "does not hold here"


def test_without_a_measurement_the_cells_say_how_to_get_one(trained, tmp_path):
    page = again(trained, tmp_path, None)
    _, rows = table(page, "Time of one picture")
    said = "not measured: give the run `MSP-Net-0` to `xray-keras speed`"
    assert ["MSP-Net", "CPU", "–", "–", "9.53s", said, "–", "–"] in rows
    assert verdicts(page)[CPU] == ("not measured", said)
    assert verdicts(page)[BETTER][0] == "not shown"
    assert str(tmp_path) not in page.with_suffix(".md").read_text()


def test_a_row_without_a_run_stays_empty(trained, tmp_path):
    page = again(trained, tmp_path, measured(), rows=("MSP-Net", "Our proposed"))
    rows = {row[0]: row[1:] for row in table(page, "Recall, precision and F")[1]}
    assert rows["Teacher Network"] == ["97.5%", "not run", "94.0%", "not run", "95.7%", "not run", "not run"]
    assert verdicts(page)[BETTER] == ("not measured", "the teacher or MSP-Net is not run")
    assert verdicts(page)[CPU][0] == "holds here"


def test_runs_of_another_table_alone_are_refused(trained, tmp_path):
    with pytest.raises(UserError, match="Table I needs a run of MSP-Net, Teacher Network, Our proposed"):
        zhao2019.table1([trained[-1]], tmp_path / "table1")


def test_the_csv_holds_every_number(page):
    tidy = pd.read_csv(page.with_suffix(".csv"))
    student = tidy[(tidy["row"] == "Student Network") & (tidy["metric"] == "ms")]
    assert set(student["framework"]) == {"keras", "onnxruntime"} and set(student["printed"]) == {"54.03ms"}
    np.testing.assert_allclose(student["value"], 5.1)
    ratio = tidy[(tidy["metric"] == "ratio") & (tidy["size"] == "same") & (tidy["framework"] == "keras")]
    assert dict(zip(ratio["row"], ratio["value"], strict=True)) == pytest.approx(
        {
            "MSP-Net / Student Network": 120,
            "Teacher Network / Student Network": 100,
            "MSP-Net / Teacher Network": 1.2,
        }
    )
    assert tidy.set_index(["row", "metric"]).loc[("Teacher Network", "Recall"), "printed"] == "97.5%"


def test_what_the_rules_call_text_is_counted(page):
    _, rows = table(page, "What the rules call text")
    drawn = scenes()
    expected = {"area": [], "msp_net": []}
    for row in drawn[drawn["Text"] == 1].itertuples():
        for rule, found in expected.items():
            labels = region_labels.label(outlines.from_text(row.outlines), row.width, row.height, rule)
            found.append(np.nansum(labels))
    for row, found in zip(rows, expected.values(), strict=True):
        counts = np.array(found)
        assert row[1:] == [f"{np.count_nonzero(counts) / 24:.1%}", f"{counts.sum() / 24:.1f}"]
    assert rows[0][1] == "100.0%" and float(rows[0][2]) > float(rows[1][2]) > 0
