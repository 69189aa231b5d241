import base64
import io
import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tests.reporting.zhao2019.region_runs import write_population, write_run
from xray_keras.datasets.scenes import cached as cached_scenes
from xray_keras.errors import UserError
from xray_keras.reporting import zhao2019
from xray_keras.reporting.zhao2019 import example_panels, examples
from xray_keras.reporting.zhao2019.example_panels import REGIONS


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    base = tmp_path_factory.mktemp("phantom")
    listed = write_population(base, "phantom")
    runs = [write_run(base, listed, row, seed) for row, seed in
            (("Our proposed", 1), ("Our proposed", 0), ("Hard label", 0), ("Teacher Network", 0))]  # fmt: skip
    zhao2019.figure5(runs, base / "figure5")
    return base, runs


def frame_of(scores):
    """Name → (text, p)."""
    return pd.DataFrame(
        {"image": list(scores), "y_Text": [one[0] for one in scores.values()],
         "p_Text": [one[1] for one in scores.values()]}
    )  # fmt: skip


def test_pictures_are_chosen_by_the_rule():
    scores = {"a": (1, 0.9), "b": (1, 0.99), "c": (1, 0.51), "d": (1, 0.5), "e": (1, 0.2),
              "f": (0, 0.01), "g": (0, 0.5), "h": (0, 0.3), "i": (0, 0.6), "j": (0, 0.8)}  # fmt: skip
    assert examples.choose(frame_of(scores)) == {
        "text found, surest": "b",
        "text found, least sure": "c",
        "text missed, surest": "e",
        "no text, surest": "f",
        "no text, least sure": "g",
        "false alarm, surest": "j",
    }


def test_no_picture_is_drawn_twice_and_none_invented():
    chosen = examples.choose(frame_of({"a": (1, 0.9), "f": (0, 0.1), "e": (0, 0.1)}))
    assert chosen["text found, surest"] == "a" and chosen["text found, least sure"] is None
    assert chosen["text missed, surest"] is None and chosen["false alarm, surest"] is None
    assert (chosen["no text, surest"], chosen["no text, least sure"]) == ("e", "f")


def test_teacher_and_the_first_seed_of_the_proposed_student_are_drawn(drawn):
    base, runs = drawn
    tidy = pd.read_csv(base / "figure5.csv", dtype={"image": str})
    assert tidy["network"].tolist() == ["Teacher Network", "Our proposed"] * 6
    for run in (runs[1], runs[3]):
        found = pd.read_parquet(run.predictions).set_index("image")
        lines = tidy[tidy["network"] == run.card["row"]].dropna(subset="image")
        assert np.allclose(lines[REGIONS], found.loc[lines["image"], REGIONS])
        called = found.loc[lines["image"], REGIONS].to_numpy() > 0.5
        assert lines["above half, 5 × 5"].tolist() == called[:, :25].sum(axis=1).tolist()
        assert lines["above half, 3 × 3"].tolist() == called[:, 25:].sum(axis=1).tolist()
    chosen = tidy.set_index("choice")["image"]
    assert set(chosen["false alarm, surest"]) == {"40"} and set(chosen["text missed, surest"]) == {"36"}


def test_the_page_says_the_rule_and_the_data(drawn):
    page = (drawn[0] / "figure5.md").read_text()
    for words in ("computed, n = 48 pictures", "Teacher Network and Our proposed", "not by eye", "greatest of its 34",
                  "Chosen by the scores of Our proposed, seed 0", "not in the paper's text"):  # fmt: skip
        assert words in page, words
    assert "not copied" not in page and "nan" not in page
    # pictures stand in the SVG as images, one for each network and choice
    assert (drawn[0] / "figure5.svg").read_text().count("<image") == 12
    assert not (drawn[1][1].folder / "figure5.png").exists()


def test_regions_and_outlines_stand_where_they_belong(drawn):
    scenes = cached_scenes.open_cached(drawn[0] / "scene_text-all", 48)
    place = scenes.frame["image"].tolist().index("40")
    height, width = scenes.shape(place)
    called = np.zeros(34, bool)
    called[[7, 25 + 8]] = True
    figure = example_panels.plt.figure()
    panel = figure.subplots()
    example_panels._panel(panel, scenes, place, called, True)
    (fine,) = panel.patches
    assert fine.get_bbox().extents == pytest.approx(
        [2 * width / 5, height / 5, 3 * width / 5, 2 * height / 5]
    )
    (coarse,) = panel.lines
    assert coarse.get_xydata().min(axis=0) == pytest.approx([2 * width / 3, 2 * height / 3])
    assert coarse.get_xydata().max(axis=0) == pytest.approx([width, height])
    # neighbours are outlined as one
    called[25:] = [False, False, False, True, True, False, False, True, False]
    panel.clear()
    example_panels._panel(panel, scenes, place, called, True)
    (coarse,) = panel.lines
    assert len(np.unique(coarse.get_xydata(), axis=0)) >= 8
    example_panels.plt.close(figure)


def test_true_outlines_are_drawn(drawn):
    scenes = cached_scenes.open_cached(drawn[0] / "scene_text-all", 48)
    place = scenes.frame["image"].tolist().index("36")
    figure = example_panels.plt.figure()
    panel = figure.subplots()
    example_panels._panel(panel, scenes, place, np.zeros(34, bool), True)
    (outline,) = panel.patches
    (text,) = scenes.text(place)
    assert np.allclose(outline.get_xy()[:4], text.polygon)
    example_panels.plt.close(figure)


def test_of_photographs_no_pixel_is_copied(tmp_path):
    listed = write_population(tmp_path, "subset")
    run = write_run(tmp_path, listed, "Our proposed")
    zhao2019.figure5([run], tmp_path / "report" / "figure5")
    embedded = re.findall(r"base64,\s*([^\"]+)\"", (tmp_path / "report" / "figure5.svg").read_text())
    assert len(embedded) == 6
    for encoded in embedded:
        with Image.open(io.BytesIO(base64.b64decode(encoded))) as picture:
            assert len(picture.convert("RGB").getcolors()) == 1
    with (
        Image.open(tmp_path / "report" / "figure5.png") as drawn,
        Image.open(run.folder / "figure5.png") as shown,
    ):
        assert drawn.size == shown.size
        assert len(shown.convert("RGB").getcolors(2**24)) > 5 * len(drawn.convert("RGB").getcolors(2**24))
    page = (tmp_path / "report" / "figure5.md").read_text()
    assert (
        "Photographs are not copied into this repository" in page
        and "`figure5.png` in the run's folder" in page
    )
    tidy = pd.read_csv(tmp_path / "report" / "figure5.csv")
    assert len(tidy) == 6


def test_what_is_missing_is_said(tmp_path):
    listed = write_population(tmp_path, "phantom")
    run = write_run(tmp_path, listed, "Our proposed")
    frame = pd.read_parquet(run.predictions)
    kept = frame[~frame["image"].isin(("36", "40"))]
    kept.to_parquet(run.predictions, index=False)
    zhao2019.figure5([run], tmp_path / "figure5")
    page = (tmp_path / "figure5.md").read_text()
    assert "No test picture is of these kinds: text missed, surest; false alarm, surest." in page
    frame.drop(columns="r33").to_parquet(run.predictions, index=False)
    with pytest.raises(UserError, match="no probabilities of regions"):
        zhao2019.figure5([run], tmp_path / "figure5")


def test_networks_of_other_pictures_are_refused(tmp_path):
    listed = write_population(tmp_path, "phantom")
    runs = [write_run(tmp_path, listed, row) for row in ("Our proposed", "Teacher Network")]
    pd.read_parquet(runs[1].predictions).iloc[1:].to_parquet(runs[1].predictions, index=False)
    with pytest.raises(UserError, match="hold different images"):
        zhao2019.figure5(runs, tmp_path / "figure5")
