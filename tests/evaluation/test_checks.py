"""Every bad table of predictions gets one sentence that names the file and the remedy."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from xray_keras.errors import UserError
from xray_keras.evaluation import checks


def _good() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "image": ["a.png", "b.png", "c.png"],
            "patient": ["1", "1", "2"],
            "split": ["test", "test", "validation"],
            "y_Mass": [0, 1, 1],
            "p_Mass": [0.0, 0.25, 1.0],
        }
    )


def test_good_predictions_pass() -> None:
    checks.validate(_good(), "good.csv")
    checks.validate(_good().drop(columns=["patient", "split"]), "anyone.csv")
    checks.validate(_good().assign(r00=0.5, y_Mass=[False, True, True]), "regions.csv")
    assert checks.labels(_good()) == ("Mass",)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.drop(columns="image"), "no column 'image'.*columns found: patient, split"),
        (lambda f: f[["image", "patient"]], "no label; give each one the columns y_<label>"),
        (lambda f: f.drop(columns="p_Mass"), "y_Mass but no p_Mass"),
        (lambda f: f.drop(columns="y_Mass"), "p_Mass but no y_Mass"),
        (lambda f: f.rename(columns={"p_Mass": "p_mass"}), "y_Mass but no p_Mass"),
        (lambda f: pd.concat([f, f[["p_Mass"]]], axis=1), "column 'p_Mass' more than once"),
        (lambda f: f.iloc[:0], "no row; run the prediction again"),
        (lambda f: f.assign(p_Mass=[0.1, np.nan, 0.2]), "p_Mass = nan for image 'b.png'; give every image"),
        (lambda f: f.assign(p_Mass=[0.1, np.inf, 0.2]), "p_Mass = inf for image 'b.png'; give every image"),
        (lambda f: f.assign(p_Mass=[0.1, "", 0.2]), "p_Mass = nothing for image 'b.png'; give every image"),
        (lambda f: f.assign(y_Mass=[0, None, 1]), "y_Mass = nan for image 'b.png'; give every image"),
        (lambda f: f.assign(p_Mass=[0.1, -2.5, 1.7]), "p_Mass = -2.5 for image 'b.png'.*apply a sigmoid"),
        (lambda f: f.assign(p_Mass=[3.0, 42.0, 100.0]), "p_Mass = 3.0 .*divide by 100"),
        (lambda f: f.assign(p_Mass=[0.1, 1.7, 0.2]), "p_Mass = 1.7 .*apply a sigmoid"),
        (lambda f: f.assign(p_Mass=[0.1, 86.0, -0.2]), "p_Mass = 86.0 .*apply a sigmoid"),
        (lambda f: f.assign(p_Mass=[0.5, 1.0000001, 0.0]), "p_Mass = 1.0000001 .*clip"),
        (lambda f: f.assign(p_Mass=["0.1", "0,25", "0.2"]), "p_Mass = '0,25' .*decimal point"),
        (lambda f: f.assign(p_Mass=["0.1", "high", "0.2"]), "p_Mass = 'high' .*not a number"),
        (lambda f: f.assign(y_Mass=[0, 1, 2]), "y_Mass = 2 for image 'c.png'; a truth is 0 or 1"),
        (lambda f: f.assign(y_Mass=[0, 0.5, 1]), "y_Mass = 0.5 for image 'b.png'; a truth is 0 or 1"),
        (lambda f: f.assign(y_Mass=[0, -1, 1]), "y_Mass = -1 for image 'b.png'"),
        (lambda f: f.assign(image=["a.png", "a.png", "c.png"]), r"'a.png' more than once \(test, test\)"),
        (
            lambda f: f.assign(image=["a.png", "b.png", "a.png"]),
            r"'a.png' more than once \(test, validation\)",
        ),
        (lambda f: f.assign(split=["test", "train", "test"]), "unknown split 'train'"),
        (lambda f: f.assign(split=["test", None, "test"]), "no split in data row 2"),
        (lambda f: f.assign(patient=["1", " ", "2"]), "no patient in data row 2"),
        (lambda f: f.assign(image=[None, "b.png", "c.png"]), "no image in data row 1"),
    ],
)
def test_one_sentence_for_each_bad_table(change: Callable[[pd.DataFrame], pd.DataFrame], said: str) -> None:
    with pytest.raises(UserError, match=said) as raised:
        checks.validate(change(_good()), "runs/bad.csv")
    sentence = str(raised.value)
    assert sentence.startswith("runs/bad.csv has ")
    assert "\n" not in sentence


def test_unknown_label_names_the_closest_one() -> None:
    frame = _good().rename(columns={"y_Mass": "y_pleural thickening", "p_Mass": "p_pleural thickening"})
    with pytest.raises(
        UserError, match=r"x\.csv has the unknown label 'pleural thickening'.*'Pleural_Thickening'"
    ):
        checks.check_labels(frame, ("Mass", "Pleural_Thickening"), "x.csv")
    with pytest.raises(UserError, match="known labels: Hernia"):
        checks.check_labels(_good(), ("Hernia",), "x.csv")
    checks.check_labels(_good(), ("Hernia", "Mass"), "x.csv")
