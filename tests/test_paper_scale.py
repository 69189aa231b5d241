"""What the paper scale costs: steps by hand, and the committed page from the committed numbers."""

from pathlib import Path

import pandas as pd
import pytest

from experiments._paper_scale import counts, page

COMMITTED = Path(__file__).parents[1] / "reports" / "paper_scale"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # 51,759 images with a finding; 0.8 of them, less a tenth for validation; 128 a step
        ("ali2019/baseline_effusion", (37266, 50, 292 * 50, 1)),
        # 13,317 with effusion; 64 a step, the last one of fewer left out
        ("ali2019/infogan_effusion", (9588, 250, 149 * 250, 1)),
        # three arms of three seeds
        ("ali2019/with_gan_effusion", (37266, 50, 292 * 50 * 9, 9)),
        # all 112,120 images, less an eighth of the training side; 16 a step
        ("cohen2019/chexnet", (78484, 20, 4906 * 20, 1)),
    ],
)
def test_steps_follow_from_settings_and_printed_counts(name, expected):
    assert counts.work(name) == expected


def test_the_committed_page_is_made_of_the_committed_numbers(tmp_path):
    page.write(pd.read_csv(COMMITTED.with_suffix(".csv")), tmp_path / "page")
    for suffix in (".csv", ".md"):
        assert (tmp_path / f"page{suffix}").read_bytes() == COMMITTED.with_suffix(suffix).read_bytes()


def test_hours_are_steps_times_seconds(tmp_path):
    points = [("ali2019/baseline_effusion", 128, 128, 1, 1.2, 1.4, 2.0, 1.0)]
    names = ["experiment", "size", "batch", "steps", "cpu", "wall", "peak", "load"]
    page.write(pd.DataFrame(points, columns=names), tmp_path / "page")
    text = (tmp_path / "page.md").read_text()
    assert "| ali2019/baseline_mass | 37,266 | 50 | 14,600 | 1.20 | 5 | 2.0 |" in text  # 14,600 × 1.2 s
    assert "Not measured: ali2019/baseline_cardiomegaly" in text
