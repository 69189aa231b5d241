import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from xray_keras.evaluation import points
from xray_keras.evaluation.metrics import cell


def test_a_cell_in_three_columns():
    assert points.with_ends("auc", cell(0.5, (0.4, 0.7), "delong")) == {
        "auc": 0.5,
        "auc_low": 0.4,
        "auc_high": 0.7,
    }
    assert np.isnan(list(points.with_ends("auc", cell(None, reason="no positive")).values())).all()


def test_means_over_the_labels():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"image": [f"{k}.png" for k in range(60)], "patient": np.arange(60) // 2, "age": 40})
    targets, p = rng.integers(0, 2, (60, 3)).astype(np.float32), rng.random((60, 3)).astype(np.float32)
    found = points.diagnosed(frame, targets, p)
    assert found["auc"]["value"] == pytest.approx(
        np.mean([roc_auc_score(targets[:, k], p[:, k]) for k in range(3)])
    )
    accuracy = found["operating_points"]["default"]["accuracy"]["value"]
    assert accuracy == pytest.approx(((p > 0.5) == targets).mean())
    low, high = found["auc"]["interval"]
    assert low < found["auc"]["value"] < high
