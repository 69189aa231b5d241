import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from xray_keras import files
from xray_keras.errors import UserError
from xray_keras.evaluation import intervals
from xray_keras.reporting.cohen2019.explanation_cells import METHODS
from xray_keras.reporting.cohen2019.explanation_examples import COLUMNS, figure8
from xray_keras.reporting.cohen2019.explanations import explanations
from xray_keras.reporting.runs import Run

PATIENTS = 20


def scored(without: tuple[str, ...] = ()) -> pd.DataFrame:
    """Masses and nodules of 20 patients; CAM hits 15 masses and no nodule, saliency 5 of each, the blob none."""
    rows = []
    for finding in ("Mass", "Nodule"):
        for k in range(PATIENTS):
            hits = {"saliency": k < 5, "saliency_all": k < 2, "cam": k < 15 and finding == "Mass", "cam_all": k == 0,
                    "grad_cam": k < 15 and finding == "Mass", "centre": False, "prior": k < 10}  # fmt: skip
            for method, hit in hits.items():
                if method not in without:
                    rows.append(
                        {"image": f"{k:08d}_000.png", "patient": str(k), "split": "test", "finding": finding,
                         "method": method, "hit": hit, "iou": (0.5 if hit else 0.01) + k / 100, "area": 0.04,
                         "inside": 3.0, "beside": 1.5}
                    )  # fmt: skip
    columns = ["image", "patient", "split", "finding", "method", "hit", "iou", "area", "inside", "beside"]
    return pd.DataFrame(rows, columns=columns)


def explain(run: Run, frame: pd.DataFrame, reason: str | None = None) -> Run:
    frame.to_parquet(run.folder / "explanations.parquet", index=False)
    facts = {"reason": reason, "most": 24, "variant": "paper", "repeats": 15, "map_side": 7,
             "seconds": {"prediction": 0.1, "one": 0.4, "all": 0.5}}  # fmt: skip
    files.write_json(run.folder / "explanations.json", facts)
    return run


@pytest.fixture
def run(make_classifiers) -> Run:
    run = make_classifiers()[0]
    rng = np.random.default_rng(0)
    truth = np.zeros((2, 16, 16), bool)
    truth[:, 4:9, 4:9] = True
    images = rng.integers(0, 255, (2, 16, 16)).astype(np.uint8)
    maps = {name: rng.normal(size=(2, 16, 16)).astype(np.float32) for name in COLUMNS}
    maps["cam"][:] = -1  # a constant map is drawn as nothing
    np.savez_compressed(
        run.folder / "explanation_examples.npz", finding="Cardiomegaly", names=np.array(["a.png", "b.png"]),
        images=images, probabilities=np.array([0.91, 0.4]), truth=truth, **maps,
    )  # fmt: skip
    return run


def cell(tidy: pd.DataFrame, finding: str, method: str, metric: str) -> pd.Series:
    (row,) = tidy[
        (tidy["finding"] == finding) & (tidy["method"] == method) & (tidy["metric"] == metric)
    ].index
    return tidy.loc[row]


def test_page_has_shares_differences_and_answers(run: Run, tmp_path: Path) -> None:
    explanations([explain(run, scored())], tmp_path / "explanations")
    page = (tmp_path / "explanations.md").read_text()
    assert page.splitlines()[2].startswith("Data: **phantom")
    line = next(line for line in page.splitlines() if line.startswith("| Mass"))
    low, high = intervals.wilson(15, 20)
    assert f"| 20 | 0.25 [0.11–0.47] | 0.10 [0.03–0.30] | 0.75 [{low:.2f}–{high:.2f}] |" in line
    assert "40 findings in 20 validation and test images of 20 patients" in page
    assert "1.25 times one class: 500 against 400 ms an image (medians of 15); 5.0 times a prediction" in page
    assert "the printed runtimes give 13 times" in page
    assert "7 × 7 cells; the gradient's hits minus CAM's −0.12 [" in page
    tidy = pd.read_csv(tmp_path / "explanations.csv")
    assert cell(tidy, "all", "cam", "hit")["value"] == 15 / 40
    assert cell(tidy, "all", "cam", "hit − centre")["value"] == 15 / 40
    assert cell(tidy, "all", "cam", "hit − prior")["value"] == pytest.approx(-5 / 40)
    assert cell(tidy, "all", "saliency", "hit − cam")["value"] == pytest.approx(-5 / 40)
    assert cell(tidy, "all", "cam", "hit − centre")["p"] < 0.01
    assert cell(tidy, "Nodule", "cam", "hit")["interval"] == "wilson"
    assert set(tidy["method"]) == set(METHODS)
    for heading in ("Pointing game", "Overlap", "Better than a map", "How dense", "The paper's sentences"):
        assert f"## {heading}" in page


def test_without_training_regions_there_is_no_such_baseline(run: Run, tmp_path: Path) -> None:
    """As with the release's own lists, where all boxes are on test images."""
    explanations([explain(run, scored(without=("prior",)))], tmp_path / "explanations")
    page = (tmp_path / "explanations.md").read_text()
    assert "mean training region |" in page and "| – | – |" in page
    assert not pd.read_csv(tmp_path / "explanations.csv")["metric"].str.contains("prior").any()


def test_without_regions_the_page_says_why(run: Run, tmp_path: Path) -> None:
    reason = "the release on disk has no BBox_List_2017.csv"
    explanations([explain(run, scored().head(0), reason)], tmp_path / "explanations")
    page = (tmp_path / "explanations.md").read_text()
    assert f"No explanation is scored: {reason}." in page
    assert "Pointing game" not in page
    assert "1.25 times one class" in page and "hits minus CAM's –" in page


def test_a_run_that_was_not_explained_is_named(make_classifiers, tmp_path: Path) -> None:
    run = make_classifiers()[1]
    for render in (explanations, figure8):
        with pytest.raises(UserError, match="run `xray-keras explain"):
            render([run], tmp_path / "x")


def red(path: Path) -> float:
    """Share of pixels that are rather red."""
    with Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    return float((pixels[..., 0] - pixels[..., 1] > 60).mean())


def test_figure8_shows_computed_radiographs(run: Run, tmp_path: Path) -> None:
    figure8([run], tmp_path / "figure8")
    page = (tmp_path / "figure8.md").read_text()
    assert (
        "phantom" in page
        and "Cardiomegaly in 2 held-out images, one a patient" in page
        and "a.png 0.91; b.png 0.40" in page
    )
    assert "The outline is where the finding is" in page and "not copied" not in page
    assert red(tmp_path / "figure8.png") > 0.02
    tidy = pd.read_csv(tmp_path / "figure8.csv")
    assert list(tidy["probability"]) == [0.91, 0.4]
    assert tidy["region"].to_list() == pytest.approx([25 / 256] * 2)
    assert not (run.folder / "figure8.png").exists()


def test_radiographs_of_patients_stay_in_the_run(run: Run, tmp_path: Path) -> None:
    real = dataclasses.replace(run, data={**run.data, "origin": "release"})
    figure8([real], tmp_path / "figure8")
    assert "not copied" in (tmp_path / "figure8.md").read_text()
    with Image.open(tmp_path / "figure8.png") as public, Image.open(run.folder / "figure8.png") as private:
        shown, kept = (np.asarray(each.convert("L")).astype(int) for each in (public, private))
    # Grey of the noise below: in the run's picture only.
    assert ((kept > 40) & (kept < 90)).mean() > 2 * ((shown > 40) & (shown < 90)).mean()


def test_no_image_to_show(run: Run, tmp_path: Path) -> None:
    np.savez_compressed(
        run.folder / "explanation_examples.npz", finding="", images=np.empty((0, 16, 16), np.uint8)
    )
    with pytest.raises(UserError, match="no held-out image"):
        figure8([run], tmp_path / "figure8")
