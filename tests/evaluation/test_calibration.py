import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score, roc_curve

from xray_keras import files
from xray_keras.errors import UserError
from xray_keras.evaluation import calibration

RNG = np.random.default_rng(0)


def test_hand_computed_values():
    # opt 0.2: 0.1 / 0.4; 1 - 0.4 / 1.6
    np.testing.assert_allclose(
        calibration.calibrate([0, 0.1, 0.2, 0.6, 1], 0.2), [0, 0.25, 0.5, 0.75, 1], atol=1e-15
    )


def test_half_changes_nothing():
    p = np.linspace(0, 1, 11)
    np.testing.assert_allclose(calibration.calibrate(p, 0.5), p, atol=1e-15)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_inside_the_unit_interval_and_never_falling(opt, a, b):
    low, high = calibration.calibrate(sorted((a, b)), opt)
    assert 0 <= low <= high <= 1
    for p, scaled in zip(sorted((a, b)), (low, high), strict=True):
        assert (scaled <= 0.5) == (p <= opt) or np.isclose(scaled, 0.5)


def test_ends_take_the_limit():
    np.testing.assert_array_equal(calibration.calibrate([0, 0.5, 1], 0.0), [0, 0.75, 1])
    np.testing.assert_array_equal(calibration.calibrate([0, 0.5, 1], 1.0), [0, 0.25, 0.5])


@pytest.mark.parametrize("opt", [0.000468, 0.10652, 0.9])
def test_auc_stays(opt):
    y = RNG.integers(0, 2, 400)
    p = RNG.beta(1 + y, 3)
    assert roc_auc_score(y, calibration.calibrate(p, opt)) == roc_auc_score(y, p)


@pytest.mark.parametrize("p", [-0.1, 1.1, np.nan])
def test_a_logit_is_refused(p):
    with pytest.raises(UserError, match=r"score .* outside \[0, 1\].*one sigmoid"):
        calibration.calibrate([0.3, p], 0.5)
    with pytest.raises(UserError, match=r"operating point .* outside \[0, 1\]"):
        calibration.calibrate([0.3], p)


def frame() -> pd.DataFrame:
    y = RNG.integers(0, 2, 300)
    return pd.DataFrame(
        {
            "image": [f"i{k}" for k in range(300)],
            "patient": [f"p{k}" for k in range(300)],
            "split": ["validation"] * 200 + ["test"] * 100,
            "y_Mass": y,
            "p_Mass": RNG.beta(1 + 2 * y, 3),
            "y_Hernia": 0,
            "p_Hernia": 0.1,
        }
    )


def test_the_best_point_of_the_validation_rows_is_kept_with_the_model(tmp_path):
    found = frame()
    calibration.write(tmp_path, found)
    points = calibration.read(tmp_path)
    rows = found[found["split"] == "validation"]
    fpr, tpr, _ = roc_curve(rows["y_Mass"], rows["p_Mass"], drop_intermediate=False)
    called = rows["p_Mass"] > points["Mass"]
    ours = called[rows["y_Mass"] == 1].mean() - called[rows["y_Mass"] == 0].mean()
    assert ours == pytest.approx((tpr - fpr).max())
    stored = files.read_json(tmp_path / calibration.FILE)
    assert stored["images"] == 200 and points["Hernia"] == 0.5
    assert stored["labels"]["Hernia"]["reason"] == "no positive in validation; 0.5 instead"


def test_a_damaged_file_is_named(tmp_path):
    files.write_json(tmp_path / calibration.FILE, {"labels": {"Mass": 0.3}})
    with pytest.raises(UserError, match=r"operating_points\.json does not hold.*evaluate the run again"):
        calibration.read(tmp_path)
