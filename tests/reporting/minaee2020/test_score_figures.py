import numpy as np
import pytest
from PIL import Image

from tests.reporting.minaee2020 import fake_runs as fake
from tests.reporting.minaee2020.pages import folder_of, render
from xray_keras.reporting import drawing, minaee2020


def test_histograms_count_every_test_image(phantom):
    _, frame = render("figure8", phantom)
    assert len(frame) == 3 * 24 and list(frame.groupby("group")["images"].sum()) == [40, 120, 120]
    assert frame.groupby("group")["share"].sum().to_numpy() == pytest.approx(1)


def test_roc_holds_our_curves_and_the_printed_points(phantom):
    text, frame = render("figure10", phantom)
    assert set(frame["model"]) == set(fake.ROWS)
    assert (frame["kind"] == "printed").sum() == 17
    ours = frame.query("model == 'ResNet18' and kind == 'ours'")
    area = np.trapezoid(ours["tpr"], ours["fpr"])
    assert f"ResNet18: AUC {area:.3f}" in text


def test_the_roc_curves_stand_right_below_their_title(phantom):
    render("figure10", phantom)
    with Image.open(folder_of(phantom) / "figure10.png") as image:
        inked = (np.asarray(image.convert("L")) < 128).any(axis=1)
    begins = np.flatnonzero(inked[1:] & ~inked[:-1]) + 1
    ends = np.flatnonzero(inked[:-1] & ~inked[1:]) + 1
    title, panels = int(ends[0]), int(begins[1])
    assert (panels - title) / len(inked) < 0.06


def test_the_printed_matrix_stands_in_the_cells_of_figure_11_alone(phantom, monkeypatch, tmp_path):
    kept = []
    monkeypatch.setattr(drawing, "save", lambda figure, output: kept.append(figure))
    for name in ("figure11", "figure12"):
        getattr(minaee2020, name)(phantom, tmp_path / name)
    eleven, twelve = ([text.get_text() for text in figure.axes[0].texts] for figure in kept)
    assert [text.split("printed: ")[1] for text in eleven] == ["2703", "297", "1", "39"]
    assert not any("printed" in text for text in twelve)
    for figure in kept:
        drawing.plt.close(figure)
