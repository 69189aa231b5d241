import dataclasses

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from xray_keras import files
from xray_keras.errors import UserError
from xray_keras.reporting import runs
from xray_keras.reporting.cohen2019 import reconstructions


@pytest.fixture
def run(tmp_path):
    """An ALI run with five examples, on the phantom."""
    folder = tmp_path / "sound" / "cohen2019" / "ali"
    config = {
        "dataset": "nih", "images": "all", "max_images": None, "labels": [], "split": "patient-80-20",
        "scale": "demo", "seed": 0, "trainer": "ali", "model_options": {"cycle": 20.0},
    }  # fmt: skip
    files.write_json(folder / "config.json", config)
    files.write_json(folder / "card.json", {"paper": "cohen2019", "row": "ALI", "source": "", "assumed": {}})
    counts = {"train": 70, "validation": 10, "test": 20}
    data = {"fingerprint": "f" * 64, "images": counts, "patients": 50, "leaked_patients": 0}
    files.write_json(folder / "environment.json", {"data": data})
    summary = {"origin": "phantom", "complete": False, "images": 100}
    files.write_json(tmp_path / "nih-all" / "summary.json", summary)
    history = pd.DataFrame({"epoch": [1, 2], "val_ssim": [0.3, 0.625], "val_l1": [0.2, 0.125]})
    history.to_csv(folder / "history.csv", index=False)
    images = np.random.default_rng(0).integers(0, 200, (5, 64, 64)).astype(np.uint8)
    distances = np.linspace(0.1, 0.5, 5)
    np.savez_compressed(
        folder / "reconstructions.npz",
        image=np.array([f"{k}.png" for k in range(5)]),
        input=images,
        reconstruction=images + 40,
        ssim=distances,
        l1=distances / 2,
        l2=distances / 3,
        latent=distances * 9,
    )
    return runs.read(folder)


def test_figure4_shows_computed_radiographs_and_every_distance(run, tmp_path):
    reconstructions.figure4([run], tmp_path / "figure4")
    page = (tmp_path / "figure4.md").read_text()
    for words in ("phantom", "SSIM 0.700", "SSIM 0.625, L1 0.125", "20 times the L1", "not for diagnosis"):
        assert words in page
    tidy = pd.read_csv(tmp_path / "figure4.csv")
    assert list(tidy["image"]) == [f"{k}.png" for k in range(5)]
    np.testing.assert_allclose(tidy["ssim"], np.linspace(0.1, 0.5, 5))
    with Image.open(tmp_path / "figure4.png") as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    assert (pixels[..., 0] - pixels[..., 1] > 50).mean() > 0.1  # red
    assert "<image" in (tmp_path / "figure4.svg").read_text()


def test_pictures_of_patients_stay_in_the_run(run, tmp_path):
    real = dataclasses.replace(run, data={**run.data, "origin": "release"})
    reconstructions.figure4([real], tmp_path / "figure4")
    page = (tmp_path / "figure4.md").read_text()
    assert "subset" in page and "not copied" in page
    assert "<image" not in (tmp_path / "figure4.svg").read_text()


def test_as_printed_nothing_is_said_of_a_cycle(run, tmp_path):
    printed = dataclasses.replace(run, config={**run.config, "model_options": {}})
    reconstructions.figure4([printed], tmp_path / "figure4")
    assert "ALICE" not in (tmp_path / "figure4.md").read_text()


def test_what_is_missing_is_named(run, tmp_path):
    with pytest.raises(UserError, match="needs a run of ALI"):
        reconstructions.figure4(
            [dataclasses.replace(run, config={**run.config, "trainer": "supervised"})], tmp_path / "x"
        )
    (run.folder / "reconstructions.npz").unlink()
    with pytest.raises(UserError, match=r"reconstructions\.npz is absent.*train the run again"):
        reconstructions.figure4([run], tmp_path / "x")
