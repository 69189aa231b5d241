import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tests.reporting.ali2019.gan_runs import write_gan
from xray_keras.errors import UserError
from xray_keras.reporting import ali2019


def two(base, kind="phantom"):
    return [
        write_gan(base, "infogan_pneumonia", "Pneumonia", kid=900.0, training=40, kind=kind),
        write_gan(base, "infogan_nodule", "Nodule", kind=kind),
        write_gan(base, "infogan_effusion", kind=kind),
    ]


def test_computed_pictures_are_drawn_and_measured(tmp_path):
    ali2019.figure4(two(tmp_path), tmp_path / "figure4")
    page = (tmp_path / "figure4.md").read_text()
    for words in (
        "phantom", "Effusion: 364 training images, 27 epochs", "KID of 100 [90 to 110]",
        "Pneumonia: 40 training images", "farther than blurred", "none is chosen", "naked eye",
        "Rows of 4: radiographs, generated from Effusion, generated from Pneumonia",
    ):  # fmt: skip
        assert words in page, words
    assert "Nodule" not in page
    assert (tmp_path / "figure4.svg").read_text().count("<image") == 12
    with Image.open(tmp_path / "figure4.png") as picture:
        pixels = np.asarray(picture.convert("L"))
    # The first row is of bright radiographs, the others are dark.
    parts = [part[part < 250].mean() for part in np.array_split(pixels[60:-10, 120:], 3)]
    assert parts[0] > parts[1] + 50 and parts[0] > parts[2] + 50
    tidy = pd.read_csv(tmp_path / "figure4.csv")
    assert list(tidy["kid"]) == [100, -2, 500, 4000, 900, -2, 500, 4000]


def test_of_patients_no_picture_is_drawn(tmp_path):
    ali2019.figure4(two(tmp_path, "subset"), tmp_path / "figure4")
    page = (tmp_path / "figure4.md").read_text()
    assert "subset" in page and "not copied" in page and "`samples/`" in page
    assert "<image" not in (tmp_path / "figure4.svg").read_text()


def test_one_finding_is_enough_and_none_is_an_error(tmp_path):
    runs = two(tmp_path)
    ali2019.figure4(runs[:1], tmp_path / "figure4")
    assert (
        "Effusion"
        not in (tmp_path / "figure4.md").read_text().split("The paper says")[0].split("Printed:")[1]
    )
    with pytest.raises(UserError, match="needs a GAN of Effusion or Pneumonia"):
        ali2019.figure4(runs[1:2], tmp_path / "figure4")
    (runs[0].folder / "samples.npz").unlink()
    with pytest.raises(UserError, match=r"samples\.npz is absent"):
        ali2019.figure4(runs, tmp_path / "figure4")
