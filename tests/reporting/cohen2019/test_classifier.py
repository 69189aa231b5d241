import numpy as np
import pandas as pd
import pytest

from xray_keras import files
from xray_keras.datasets.findings import FINDINGS
from xray_keras.evaluation import calibration, half_draws, predictions
from xray_keras.papers import loader
from xray_keras.reporting import cohen2019, drawing
from xray_keras.reporting.cohen2019 import classifier

ROW = "CheXNet Weng et al. (2017) DenseNet-121"


@pytest.fixture(scope="module")
def two(make_classifiers):
    return make_classifiers()


def test_every_printed_cell_and_ours(two, tmp_path):
    cohen2019.table1(two, tmp_path / "table1")
    page = (tmp_path / "table1.md").read_text()
    for row, metrics in loader.table("cohen2019", "table1").rows.items():
        line = next(line for line in page.splitlines() if line.startswith(f"| {row} |"))
        assert all(f"| {cell.text} |" in line for cell in metrics[""])
    assert "Data: **phantom" in page and "17,920" in page
    cells = pd.read_csv(tmp_path / "table1.csv")
    assert len(cells) == 2 * (len(FINDINGS) + 1)
    mass = cells[(cells["model"] == ROW) & (cells["finding"] == "Mass")].iloc[0]
    assert mass["printed"] == "0.824 ± 0.009" and np.isnan(mass["difference"])
    test = predictions.rows(predictions.read(two[0].predictions), "test")
    spread = half_draws.spread(test["y_Mass"].to_numpy(), test["p_Mass"].to_numpy(), draws=10, share=0.5)
    assert mass["spread"] == pytest.approx(spread.deviation)
    assert f"{mass['value']:.3f} ± {spread.deviation:.3f} [{mass['low']:.3f}–{mass['high']:.3f}]" in page


def test_a_finding_without_a_positive_has_no_value(two, tmp_path):
    cohen2019.table1(two, tmp_path / "table1")
    line = next(
        line for line in (tmp_path / "table1.md").read_text().splitlines() if line.startswith("| Hernia")
    )
    assert line.endswith("| 0.889 ± 0.035 | – | – |") and "| 0 / 100 |" in line


def test_fine_tuning_against_the_last_layer(two, tmp_path):
    cohen2019.table1(two, tmp_path / "table1")
    page = (tmp_path / "table1.md").read_text()
    assert "## Does fine-tuning beat the last layer alone?" in page and "fine-tuning is better" in page
    swapped = [
        classifier.Column(run.card["row"], run.metrics, predictions.read(run.predictions)) for run in two
    ]
    assert [column.name for column in swapped] == [ROW, "last layer only"]


def test_figure3_shows_the_printed_areas(two, tmp_path, monkeypatch):
    kept = []
    monkeypatch.setattr(drawing, "save", lambda figure, output: kept.append(figure))
    for number, run in enumerate(two):
        cohen2019.figure3([run], tmp_path / f"figure{number}")
    said = [{panel.get_title(): panel.texts[0].get_text() for panel in figure.axes[:14]} for figure in kept]
    area = two[0].metrics["labels"]["Mass"]["auc"]["value"]
    assert said[0]["Mass"] == f"AUC {area:.3f}\nprinted 0.824"
    assert said[0]["Hernia"] == "no positive in test\nprinted 0.889"
    # Table 1 has no column for the last layer alone.
    assert not any("printed" in text for text in said[1].values())
    for figure in kept:
        drawing.plt.close(figure)


def test_figure3_stores_both_stars(two, tmp_path):
    cohen2019.figure3(two[:1], tmp_path / "figure3")
    cells = pd.read_csv(tmp_path / "figure3.csv")
    stored = calibration.read(two[0].folder)
    points = cells[cells["kind"] == "chosen on validation images"].set_index("finding")
    assert set(points.index) == set(FINDINGS) - {"Hernia"}
    test = predictions.rows(predictions.read(two[0].predictions), "test")
    called = test["p_Mass"] > stored["Mass"]
    assert points.loc["Mass", "threshold"] == stored["Mass"]
    assert points.loc["Mass", "tpr"] == pytest.approx(called[test["y_Mass"] == 1].mean())
    assert points.loc["Mass", "fpr"] == pytest.approx(called[test["y_Mass"] == 0].mean())
    best = cells[cells["kind"] == "chosen on the test images, as printed"].set_index("finding")
    curve = cells[(cells["kind"] == "curve") & (cells["finding"] == "Mass")]
    assert best.loc["Mass", "tpr"] - best.loc["Mass", "fpr"] == pytest.approx(
        (curve["tpr"] - curve["fpr"]).max()
    )
    assert (best["tpr"] - best["fpr"] >= points["tpr"] - points["fpr"] - 1e-12).all()
    assert (tmp_path / "figure3.png").stat().st_size > 20_000


def test_operating_points_must_be_there(two, tmp_path):
    path = two[0].folder / calibration.FILE
    kept = path.read_text()
    path.unlink()
    with pytest.raises(Exception, match=r"operating_points\.json"):
        cohen2019.figure3(two[:1], tmp_path / "figure3")
    files.write_text(path, kept)


def test_notes_say_only_what_is_missing(two, tmp_path):
    cohen2019.table1(two, tmp_path / "table1")
    page = (tmp_path / "table1.md").read_text()
    notes = [line for line in page.partition("## Does")[0].splitlines() if line.startswith("- ")]
    assert notes == ["- Hernia: no positive in test.", "- mean: mean over 13 of 14 findings."]
