from pathlib import Path

import pytest

from xray_keras.errors import UserError
from xray_keras.reporting import ali2019, readme

ROOT = Path(__file__).parents[2]


def test_the_committed_readme_shows_the_committed_reports():
    assert readme.results(ROOT / "reports") in (ROOT / "README.md").read_text()


def test_results_are_copied_between_the_markers(sixteen, tmp_path):
    ali2019.table2(sixteen, tmp_path / "reports" / "phantom" / "ali2019" / "table2")
    page = tmp_path / "README.md"
    page.write_text("before\n<!-- results -->\nold\n<!-- /results -->\nafter\n")
    readme.fill(page, tmp_path / "reports")
    text = page.read_text()
    assert "old" not in text and text.startswith("before\n") and text.endswith("after\n")
    assert "| PretrainedVGG16 | 0.7395 |" in text  # mean of the printed cells
    assert "phantom (test n = 100)" in text


def test_missing_markers_or_reports_are_named(tmp_path):
    page = tmp_path / "README.md"
    page.write_text("nothing")
    with pytest.raises(UserError, match="no markers"):
        readme.fill(page, tmp_path)
    with pytest.raises(UserError, match=r"no table2\.csv"):
        readme.results(tmp_path)
