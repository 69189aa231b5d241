"""What the paper scale costs: steps by hand, and the committed page from the committed numbers."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments import _steps
from experiments._paper_scale import counts, page

COMMITTED = Path(__file__).parents[1] / "reports" / "paper_scale"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # 51,759 images with a finding; 0.8 of them, less a tenth for validation; 128 a step; 33 batches held out
        ("ali2019/baseline_effusion", (37266, 50, 1, 292 * 50, 33 * 50, 0)),
        # 13,317 with effusion; 64 a step, the last one of fewer left out
        ("ali2019/infogan_effusion", (9589, 250, 1, 149 * 250, 17 * 250, 0)),
        # three arms of three seeds
        ("ali2019/with_gan_effusion", (37266, 50, 9, 292 * 50 * 9, 33 * 50 * 9, 0)),
        # all 112,120 images, less an eighth of the training side; 16 a step
        ("cohen2019/chexnet", (78484, 20, 1, 4906 * 20, 701 * 20, 0)),
        # 496 and 2,000 to learn from, a fifth of them held out; all and 3,040 of the test pass once, 20 at a time
        ("minaee2020/resnet18", (1997, 100, 1, 0, 277, 0)),
        # 11,302 pictures less a tenth, one by one, 30 epochs and 10 before them, the teacher asked each time
        ("zhao2019/student", (10172, 40, 1, 10172 * 40, 1130 * 40, 10172 * 40)),
        ("zhao2019/student_hard", (10172, 30, 1, 10172 * 30, 1130 * 30, 0)),
    ],
)
def test_steps_follow_from_settings_and_printed_counts(name, expected):
    assert counts.work(name) == expected


def test_the_committed_page_is_made_of_the_committed_numbers(tmp_path):
    page.write(pd.read_csv(COMMITTED.with_suffix(".csv")), tmp_path / "page")
    for suffix in (".csv", ".md"):
        assert (tmp_path / f"page{suffix}").read_bytes() == COMMITTED.with_suffix(suffix).read_bytes()


NAMES = ["experiment", "size", "batch", "cpu", "wall", "forward", "peak", "load"]


def test_hours_are_steps_and_answers_times_seconds(tmp_path):
    points = [
        ("ali2019/baseline_effusion", 128, 128, 1.2, 1.4, 0.3, 2.0, 1.0),
        ("minaee2020/resnet18", 224, 20, 0.0, 0.0, 2.6, 1.5, 1.0),
        ("zhao2019/teacher", 256, 1, 2.0, 2.0, 0.5, 3.0, 1.0),
        ("zhao2019/student_hard", 256, 1, 0.04, 0.05, 0.01, 0.5, 1.0),
    ]
    page.write(pd.DataFrame(points, columns=NAMES), tmp_path / "page")
    text = (tmp_path / "page.md").read_text()
    assert (
        "| ali2019/baseline_mass | 37,266 | 50 | 14,600 | 1.2 | 5 | 2.0 |" in text
    )  # 14,600 × 1.2 s + 1,650 × 0.3 s
    assert "| minaee2020/resnet18 | 1,997 | 100 | – | – | 0.2 | 1.5 |" in text  # 277 × 2.6 s
    # 406,880 × (0.04 + 0.5) s + 45,200 × 0.01 s
    assert "| zhao2019/student | 10,172 | 40 | 406,880 | 0.04 | 61 | 0.5 |" in text
    assert "Not measured: ali2019/baseline_cardiomegaly" in text


@pytest.mark.parametrize(
    "name", ["ali2019/infogan_effusion", "cohen2019/ali", "gan_notes/identity", "zhao2019/student_hard"]
)
def test_a_step_of_every_trainer_learns(name):
    config = _steps.settings(name, "demo") | {"batch_size": 4}
    step = _steps.training(config)
    first, second = step(), step()
    assert first.keys() == second.keys() and all(np.isfinite(float(value)) for value in second.values())
    assert any(float(first[key]) != float(second[key]) for key in first)
