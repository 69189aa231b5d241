"""Reading, writing, selecting and joining predictions."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from xray_keras.errors import UserError
from xray_keras.evaluation import predictions

Cohort = Callable[..., pd.DataFrame]


def test_parquet_and_csv_hold_the_same_numbers(cohort: Cohort, tmp_path: Path) -> None:
    frame = cohort()
    frame["p_Mass"] = np.random.default_rng(1).random(len(frame), dtype=np.float32)
    frame["r00"] = 0.25
    predictions.write(frame, tmp_path / "p.parquet")
    frame.to_csv(tmp_path / "p.csv", index=False)
    binary, text = predictions.read(tmp_path / "p.parquet"), predictions.read(tmp_path / "p.csv")
    for read in (binary, text):
        assert read["patient"].tolist() == frame["patient"].tolist()  # leading zeros survive
        assert (read["y_Mass"].dtype, read["p_Mass"].dtype) == (np.int8, np.float64)
        assert (read["y_Mass"] == frame["y_Mass"]).all()
        assert list(read) == list(frame)
    assert (binary["p_Mass"] == frame["p_Mass"]).all()
    np.testing.assert_allclose(text["p_Mass"], binary["p_Mass"], rtol=1e-7)


def test_csv_of_other_tools(tmp_path: Path) -> None:
    path = tmp_path / "torch.CSV"
    path.write_bytes(b'\xef\xbb\xbfimage,,y_Mass,p_Mass\r\nNA,0,1.0,1e-3\r\n\r\n"b, c.png",1,0,.5\r\n')
    frame = predictions.read(path)
    assert frame["image"].tolist() == ["NA", "b, c.png"]
    assert frame["y_Mass"].tolist() == [1, 0]
    assert frame["p_Mass"].tolist() == [0.001, 0.5]
    assert len(predictions.rows(frame, "test")) == 2
    assert predictions.rows(frame, "validation").empty
    assert predictions.clusters(frame).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("p.csv", b"", "is empty"),
        ("p.csv", b"image,y_Mass,p_Mass\n", "has no row"),
        ("p.csv", b"image;y_Mass;p_Mass\na.png;1;0,5\n", "semicolons or tabs"),
        ("p.csv", b"image\ty_Mass\tp_Mass\na.png\t1\t0.5\n", "semicolons or tabs"),
        ("p.csv", b"image,y_Mass,p_Mass\na.png,1,0,5\n", "4 cells in line 2 but 3 columns.*decimal commas"),
        ("p.csv", b"image,y_Mass,p_Mass\na.png,1,0.5\nb.png,1\n", "2 cells in line 3 but 3 columns.*cut"),
        ("p.csv", b'image,y_Mass,p_Mass\n"a.png,1,0.5\n', "malformed CSV"),
        ("p.csv", "image,y_Mass,p_Mass\n".encode("utf-16"), "not UTF-8"),
        ("p.parquet", b"image,y_Mass", "not a parquet file or is damaged"),
        ("p.parquet", b"", "not a parquet file or is damaged"),
        ("p.xlsx", b"", "neither .parquet nor .csv"),
        ("absent.csv", None, "is absent; run the prediction"),
    ],
)
def test_bad_files(tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=said) as raised:
        predictions.read(tmp_path / name)
    assert str(raised.value).startswith(str(tmp_path / name))
    assert "\n" not in str(raised.value)


def test_write_refuses_what_read_would(cohort: Cohort, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"p\.parquet has p_Mass = nan"):
        predictions.write(cohort().assign(p_Mass=np.nan), tmp_path / "p.parquet")
    assert not list(tmp_path.iterdir())


def test_clusters_are_patients_whatever_the_row_order(cohort: Cohort) -> None:
    frame = cohort()
    shuffled = frame.sample(frac=1, random_state=3)
    by_image = pd.Series(predictions.clusters(shuffled), shuffled.index).sort_index()
    assert (by_image == predictions.clusters(frame)).all()
    assert by_image.groupby(frame["patient"]).nunique().max() == 1
    assert set(by_image) == set(range(frame["patient"].nunique()))


def test_merge_joins_single_label_runs(cohort: Cohort) -> None:
    whole = cohort(labels=("Mass", "Edema", "Hernia"))
    identity = ["image", "patient", "split"]
    runs = [whole[[*identity, f"y_{label}", f"p_{label}"]] for label in ("Mass", "Edema", "Hernia")]
    runs[1] = runs[1].sample(frac=1, random_state=0)
    pd.testing.assert_frame_equal(predictions.merge(runs), whole)
    pd.testing.assert_frame_equal(predictions.merge(runs[:1]), runs[0])


def test_merge_refuses_runs_that_disagree(cohort: Cohort) -> None:
    first = cohort(labels=("Mass",))
    second = first.rename(columns={"y_Mass": "y_Edema", "p_Mass": "p_Edema"})
    for other, said in (
        (second.iloc[1:], r"a\.csv and b\.csv hold different images \(1 in one only, such as '00000000_000"),
        (second.assign(patient="7"), "disagree on patient of image '00000000_000"),
        (second.assign(split="test"), "disagree on split of image"),
        (second.drop(columns="patient"), "only one of a.csv and b.csv has a column 'patient'"),
        (first.assign(y_Mass=1 - first["y_Mass"]), "disagree on y_Mass"),
        (first, "label 'Mass' is in two"),
        (second.assign(p_Edema=2.0), r"b\.csv has p_Edema = 2\.0"),
    ):
        with pytest.raises(UserError, match=said):
            predictions.merge([first, other], ["a.csv", "b.csv"])
    with pytest.raises(UserError, match="no predictions to merge"):
        predictions.merge([])
    with pytest.raises(UserError, match="predictions 1 and predictions 2"):
        predictions.merge([first, second.iloc[1:]])
