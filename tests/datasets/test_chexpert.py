import pytest
from covid_trees import chexpert_row, write_chexpert

from xray_keras.datasets import chexpert
from xray_keras.errors import UserError

ROWS = [
    chexpert_row(1, No_Finding="1.0"),
    chexpert_row(2, No_Finding="1.0", Support_Devices="1.0"),
    chexpert_row(3, Edema="1.0", Pneumonia="-1.0"),
    chexpert_row(4, Edema="1.0", Pneumonia="0.0"),
    chexpert_row(4, 2, "lateral", Edema="1.0"),
    chexpert_row(5),
    chexpert_row(6, Fracture="-1.0"),
    chexpert_row(64541, part="valid", Pleural_Other="1.0", Edema="0.0"),
    chexpert_row(7, Lung_Lesion="1.0"),
]


def test_single_categories_of_frontal_images(tmp_path):
    write_chexpert(tmp_path, ROWS, absent=(7,))
    frame, summary = chexpert.read(tmp_path, "skip")
    assert frame["finding"].tolist() == ["No Finding", "Edema", "Pleural Other"]
    assert frame["group"].tolist() == ["normal", "other", "other"]
    assert frame["patient"].tolist() == [
        "chexpert/patient00001",
        "chexpert/patient00004",
        "chexpert/patient64541",
    ]
    assert frame["image"].iloc[2] == "valid/patient64541/study1/view1_frontal.jpg"
    assert all((tmp_path / path).is_file() for path in frame["path"])
    assert summary.left_out == {
        "lateral view": 1,
        "no category": 1,
        "several categories or an uncertain one": 3,
        "file missing": 1,
    }
    assert summary.rows == len(ROWS) == sum(summary.left_out.values()) + summary.single


def test_missing_files_are_an_error_unless_skipped(tmp_path):
    write_chexpert(tmp_path, ROWS, absent=(7,))
    with pytest.raises(UserError, match=r"1 of the 4 .*patient00007/.*MISSING=skip"):
        chexpert.read(tmp_path)
    everyone = tuple(range(1, 8))
    write_chexpert(tmp_path / "b", ROWS[:5], absent=everyone)
    with pytest.raises(UserError, match="2 of the 2"):
        chexpert.read(tmp_path / "b", "skip")


@pytest.mark.parametrize("change", [("1.0", "2.0"), (",Frontal,", ",Oblique,"), ("/patient00001/", "/p1/")])
def test_rows_that_are_not_chexperts(change, tmp_path):
    root = write_chexpert(tmp_path, ROWS)
    text = (root / "train.csv").read_text()
    (root / "train.csv").write_text(text.replace(*change))
    with pytest.raises(UserError, match=r"train\.csv, image 1, has a path, a view or a label .*download"):
        chexpert.read(tmp_path)


def test_absent_files_and_columns(tmp_path):
    with pytest.raises(UserError, match=r"CheXpert-v1\.0-small is not a folder; unpack"):
        chexpert.read(tmp_path)
    root = write_chexpert(tmp_path, ROWS)
    (root / "valid.csv").write_text("Path,Sex\nx,M\n")
    with pytest.raises(UserError, match=r"valid\.csv has no column frontal/lateral, no finding"):
        chexpert.read(tmp_path)
    (root / "valid.csv").unlink()
    with pytest.raises(UserError, match=r"valid\.csv is absent; download"):
        chexpert.read(tmp_path)
