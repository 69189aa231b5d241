from dataclasses import asdict
from pathlib import Path

import pytest
from covid_trees import EARLY, covid_row, write_covid

from xray_keras.datasets import covid_chestxray
from xray_keras.errors import UserError

DATA = Path(__file__).parents[3] / "shared" / "data"
ROWS = [
    covid_row("1", "a.png"),
    covid_row("1", "a_l.png", view="L"),
    covid_row("2", "b.png", "COVID-19, ARDS", "AP Supine"),
    covid_row("3", "c.png", "Pneumonia/Viral/COVID-19", "AP Erect"),
    covid_row("4", "d.png", view="Axial", modality="CT"),
    covid_row("5", "e.png", "Pneumonia/Viral/SARS"),
    covid_row("6", "f.png", "No Finding"),
    covid_row("7", "g.png", "todo"),
    covid_row("7", "g2.png", ""),
    covid_row("", "h.png"),
    covid_row("8", "absent.png"),
    covid_row("9", "i.png", view=""),
    covid_row("10", "j.png", modality="MRI"),
    covid_row("1", "k.png", "No Finding"),
    covid_row("11", "a.png"),
    covid_row("11", "l.png"),
    covid_row("12", ""),
]


def test_every_row_is_used_or_counted(tmp_path):
    write_covid(tmp_path, ROWS, absent=("absent.png",))
    frame, summary = covid_chestxray.read(tmp_path)
    assert frame["image"].tolist() == ["a.png", "b.png", "c.png", "e.png", "f.png", "l.png"]
    assert frame["group"].tolist() == ["covid", "covid", "covid", "other", "normal", "covid"]
    assert frame["finding"].tolist() == [*["COVID-19"] * 3, "Pneumonia/Viral/SARS", "No Finding", "COVID-19"]
    assert frame["path"].iloc[0] == "covid-chestxray-dataset/images/a.png"
    assert set(frame["source"]) == {"covid-chestxray-dataset"}
    assert summary.left_out == {
        "CT": 1,
        "neither X-ray nor CT": 1,
        "lateral view": 1,
        "view unknown": 1,
        "finding unknown": 2,
        "patient without id": 1,
        "file missing": 2,
        "listed twice": 1,
        "not of COVID-19, but of a patient with COVID-19": 1,
    }
    assert (summary.rows, summary.covid, summary.other) == (len(ROWS), 4, 2)
    assert sum(summary.left_out.values()) + len(frame) == len(ROWS)
    assert all(type(value) in (int, dict) for value in asdict(summary).values())


def test_two_ids_with_one_picture_are_one_patient(tmp_path):
    write_covid(tmp_path, ROWS, absent=("absent.png",))
    frame, summary = covid_chestxray.read(tmp_path)
    patients = frame.set_index("image")["patient"]
    assert patients["l.png"] == patients["a.png"] == "covid/1"
    assert summary.patients == 11  # twelve ids, two of which are one person


def test_the_first_editions_have_no_modality_and_no_folder(tmp_path):
    rows = [
        {"patientid": "1", "finding": "COVID-19", "view": "PA", "filename": "a.png"},
        {"patientid": "1", "finding": "COVID-19", "view": "CT", "filename": "b.png"},
        {"patientid": " 2 ", "finding": "SARS", "view": "PA", "filename": "c.png"},
    ]
    write_covid(tmp_path, rows, header=EARLY)
    frame, summary = covid_chestxray.read(tmp_path)
    assert frame["image"].tolist() == ["a.png", "c.png"] and summary.left_out["CT"] == 1
    assert frame["patient"].tolist() == ["covid/1", "covid/2"]


def test_short_rows_and_line_breaks_in_notes(tmp_path):
    root = write_covid(tmp_path, ROWS[:1])
    (root / "metadata.csv").write_text(
        'patientid,finding,view,filename,notes\n1,COVID-19,PA,a.png,"two\nlines"\n2,COVID-19,PA\n'
    )
    frame, summary = covid_chestxray.read(tmp_path)
    assert frame["image"].tolist() == ["a.png"] and summary.left_out["file missing"] == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"metadata\.csv is absent; take it again from https"),
        (b"", r"metadata\.csv is not a readable CSV .*; take it again"),
        (b"patientid,finding\n1,x\n", r"metadata\.csv has no column view, filename; take it again"),
        (b"patientid,finding,view,filename\n", r"metadata\.csv lists no image"),
        (b"patientid,finding,view,filename\n\xff\xfe,,,\n", r"metadata\.csv is not a readable CSV"),
        (b"patientid,finding,view,filename\n1,COVID-19,L,a.png\n", "holds no frontal radiograph"),
    ],
)
def test_malformed_metadata(content, message, tmp_path):
    root = write_covid(tmp_path, ROWS[:1])
    (root / "metadata.csv").unlink() if content is None else (root / "metadata.csv").write_bytes(content)
    with pytest.raises(UserError, match=message) as error:
        covid_chestxray.read(tmp_path)
    assert "\n" not in str(error.value)


def test_absent_folder_says_what_to_put_there(tmp_path):
    with pytest.raises(UserError, match=r"covid-chestxray-dataset is not a folder; clone https://github"):
        covid_chestxray.read(tmp_path)


@pytest.mark.skipif(not (DATA / covid_chestxray.FOLDER).is_dir(), reason="the real subset is not here")
def test_the_real_subset():
    frame, summary = covid_chestxray.read(DATA)
    assert summary.rows == 357 and summary.covid == 205
    assert sum(summary.left_out.values()) + len(frame) == summary.rows
    assert summary.left_out["lateral view"] == 43 and summary.left_out["listed twice"] == 4
    assert frame["image"].is_unique
