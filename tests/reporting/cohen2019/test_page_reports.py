"""Figures 1, 2 and 9 and the times of section 5.2, from what a browser is said to have shown."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from xray_keras import files
from xray_keras.datasets.findings import FINDINGS
from xray_keras.errors import UserError
from xray_keras.reporting.cohen2019 import page, page_numbers

GRAY, RED = (60, 60, 60), (250, 20, 20)


def seen():
    """Three chests, one of them refused, and two foreign pictures; the page is off by 1e-6 once."""
    images = []
    for number, (name, distance) in enumerate(
        [("chest", 0.1), ("chest", 0.2), ("chest", 0.5), ("limbs", 0.9), ("digits", 0.8)]
    ):
        raw = np.linspace(0.1, 0.9, len(FINDINGS)).tolist()
        python = {"raw": raw, "distance": distance - 5e-7}
        shown = [p + 1e-6 * (number == 1 and k == 2) for k, p in enumerate(raw)]
        images.append({"image": f"{number}.png", "id": number, "set": name, "distance": distance,
                       "refused": distance > 0.3, "raw": shown, "python": python})  # fmt: skip
    steps = {"load": 1.0, "read": 0.03, "gate": 0.02, "classify": 0.2, "explain": 0.4}
    times = {
        threads: {
            step: {"median": k * s, "least": 0.5 * k * s, "most": 2 * k * s} for step, s in steps.items()
        }
        for threads, k in (("1", 1.0), ("2", 0.5))
    }
    return {
        "labels": list(FINDINGS), "threshold": 0.3, "storage": "float32", "bytes": 44_700_000, "parity": {},
        "given": False, "credits": {"limbs": "By somebody. CC0."},
        "browser": "Chromium 150", "processors": 2, "times": times, "images": images,
        "foreign_origins": [], "requests_while_examining": 0,
    }  # fmt: skip


@pytest.fixture
def run(make_classifiers):
    """A classifier that has been seen in a browser; gray photographs, one red."""

    def make(kind="phantom"):
        found = make_classifiers(kind)[0]
        folder = found.folder / "browser"
        folder.mkdir()
        Image.new("RGB", (300, 200), GRAY).save(folder / "page.png")
        for number in range(1, 6):
            Image.new("RGB", (50, 50), RED if number == 4 else GRAY).save(folder / f"{number}.png")
        files.write_json(found.folder / "browser.json", seen())
        return found

    return make


def colours(path):
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


def test_figure1_is_the_photograph_itself(run, tmp_path):
    page.figure1([run()], tmp_path / "figure1")
    pixels = colours(tmp_path / "figure1.png")
    assert pixels.shape == (200, 300, 3) and (pixels == GRAY).all()
    text = (tmp_path / "figure1.md").read_text()
    assert (
        "phantom" in text
        and "Chromium 150" in text
        and "was ready: 0" in text
        and "not for diagnosis" in text
    )


def test_figure2_shows_two_chests_and_every_foreign_set(run, tmp_path):
    page.figure2([run()], tmp_path / "figure2")
    tidy = pd.read_csv(tmp_path / "figure2.csv")
    assert list(tidy["set"]) == ["chest", "chest", "limbs", "digits"]
    assert list(tidy["refused"]) == [False, False, True, True]
    pixels = colours(tmp_path / "figure2.png")
    assert (pixels == RED).all(axis=-1).mean() > 0.02  # the fourth photograph is that of the limb
    assert "limbs: By somebody. CC0." in (tmp_path / "figure2.md").read_text()
    assert "refused: 0.90 of 0.30" in (tmp_path / "figure2.svg").read_text()


def test_photographs_of_patients_stay_in_the_run(run, tmp_path):
    page.figure2([run("subset")], tmp_path / "figure2")
    assert not (colours(tmp_path / "figure2.png") == RED).all(axis=-1).any()
    assert "Pictures of patients are not copied" in (tmp_path / "figure2.md").read_text()


def test_figure9_counts_the_differences_of_the_radiographs(run, tmp_path):
    page_numbers.figure9([run()], tmp_path / "figure9")
    text = (tmp_path / "figure9.md").read_text()
    assert "3 radiographs of the test set" in text and "Largest difference of any score 1.0e-06" in text
    assert "of the gate's distance 5.0e-07" in text and "up to 20 %, on average by 3 %" in text
    tidy = pd.read_csv(tmp_path / "figure9.csv")
    assert len(tidy) == 3 * len(FINDINGS)
    assert (tidy["browser"] - tidy["python"]).abs().max() == pytest.approx(1e-6)


def test_times_stand_beside_the_printed_ones(run, tmp_path):
    page_numbers.runtime([run()], tmp_path / "runtime")
    text = (tmp_path / "runtime.md").read_text()
    assert "| load the page and start the models | 12 ± 2 | 1.00 [0.50–2.00] | 0.50 [0.25–1.00] |" in text
    assert "| gate and classification | 1.3 ± 0.5 | 0.22 [0.11–0.44] | 0.11 [0.06–0.22] |" in text
    assert "| explanation by gradient, all findings | 17 ± 4 | 0.40 [0.20–0.80] |" in text
    tidy = pd.read_csv(tmp_path / "runtime.csv")
    assert tidy.loc[(tidy["step"] == "forward") & (tidy["threads"] == 1), "median"].item() == pytest.approx(
        0.22
    )


def test_a_run_that_no_browser_has_seen_is_named(make_classifiers, tmp_path):
    with pytest.raises(UserError, match=r"browser\.json is absent"):
        page_numbers.figure9(make_classifiers()[:1], tmp_path / "figure9")
