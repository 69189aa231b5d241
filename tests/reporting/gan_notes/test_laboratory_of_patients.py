import re

from tests.reporting.gan_notes import laboratory_runs
from tests.reporting.gan_notes.laboratory_page import PICTURES
from xray_keras.reporting import gan_notes


def test_of_patients_no_picture_is_drawn(quick, tmp_path):
    gan_notes.laboratory(laboratory_runs.write(tmp_path / "runs", kind="subset"), tmp_path / "laboratory")
    text = (tmp_path / "laboratory.md").read_text()
    assert "No picture of a patient" in text and "subset, n = 640" in text
    for name in PICTURES:
        assert not list(tmp_path.glob(f"laboratory-{name}.*"))
    for kept in (
        "infogan_sixteenth/neighbours.npz",
        "infogan_all/deidentified.npz",
        "classifiers_all/attacks.npz",
    ):
        assert f"`{kept}`" in text
    assert not any(re.search("<image", path.read_text()) for path in tmp_path.glob("*.svg"))
    assert "On a subset a verdict is of these images" in text
    assert "0.10 / 0.40 flagged" in text and "0.080 → 0.970" in text
