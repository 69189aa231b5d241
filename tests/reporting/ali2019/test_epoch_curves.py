import pandas as pd
import pytest
from PIL import Image

from xray_keras.reporting import ali2019


def test_figures_hold_the_histories(sixteen, tmp_path):
    ali2019.figure2(sixteen[-2:], tmp_path / "figure2")
    ali2019.figure3(sixteen[-2:], tmp_path / "figure3")
    with Image.open(tmp_path / "figure2.png") as image:
        assert image.size[0] > 500
    frame = pd.read_csv(tmp_path / "figure2.csv")
    assert set(frame["quantity"]) == {"loss", "val_loss"} and len(frame) == 8
    third = pd.read_csv(tmp_path / "figure3.csv")
    ours = third["part"] != "printed"
    assert set(third[ours]["value"]) == {0.2, 0.3}
    # Table II's fourteen printed F1 of InceptionV3, added by hand.
    assert third[~ours]["run"].tolist() == ["PretrainedInceptionV3"]
    assert third[~ours]["value"].item() == pytest.approx(3.992938 / 14)
    assert "phantom" in (tmp_path / "figure3.md").read_text()
    assert "<svg" in (tmp_path / "figure3.svg").read_text()
