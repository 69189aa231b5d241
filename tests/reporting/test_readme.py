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
    assert readme.results(tmp_path) == ""
    page.write_text("<!-- results -->\n<!-- /results -->\n")
    with pytest.raises(UserError, match="no headline table; run make table2 first"):
        readme.fill(page, tmp_path)
    (tmp_path / "phantom" / "cohen2019").mkdir(parents=True)
    (tmp_path / "phantom" / "cohen2019" / "table1.csv").write_text("not,a\ntable,1\n")
    with pytest.raises(UserError, match="is not as the suite wrote it"):
        readme.results(tmp_path)


def test_deep_covid_stands_beside_what_is_left_inside_one_collection(sixteen, tmp_path):
    ali2019.table2(sixteen, tmp_path / "phantom" / "ali2019" / "table2")
    assert "minaee2020" not in readme.results(tmp_path)
    for kind in ("phantom", "subset"):
        folder = tmp_path / kind / "minaee2020"
        folder.mkdir(parents=True)
        (folder / "table6.csv").write_text(
            "model,seed,at,printed,value,low,high\n"
            "ResNet18,0,source: printed,,0.9,0.8,0.95\n"
            "ResNet18,0,source: inside,,0.7,0.6,0.8\n"
            "ResNet18,1,source: printed,,0.1,0.1,0.1\n"
        )
    text = readme.results(tmp_path)
    assert "| ours, phantom | ours, subset of the releases | ours, subset of the releases, inside one" in text
    assert "| ResNet18 | 0.900 [0.800–0.950] | 0.900 [0.800–0.950] | 0.700 [0.600–0.800] |" in text


def test_the_text_networks_that_were_run_are_listed(sixteen, tmp_path):
    ali2019.table2(sixteen, tmp_path / "phantom" / "ali2019" / "table2")
    assert "zhao2019" not in readme.results(tmp_path)
    for kind in ("phantom", "subset"):
        folder = tmp_path / kind / "zhao2019"
        folder.mkdir(parents=True)
        (folder / "table1.csv").write_text(
            "row,metric,printed,value,low,high,n\n"
            "CMDRNN*,F-measure,91.8%,,,,\n"
            "Student Network,Recall,94.0%,0.1,0.1,0.1,400\n"
            "Student Network,F-measure,93.0%,0.8,0.7,0.9,400\n"
        )
    text = readme.results(tmp_path)
    assert "| ours, phantom (test n = 400) | ours, subset of the releases (test n = 400) |" in text
    assert "| Student Network | 93.0% | 0.800 [0.700–0.900] | 0.800 [0.700–0.900] |" in text
    assert "CMDRNN" not in text
