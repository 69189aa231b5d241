import hashlib

import numpy as np
import pandas as pd
import pytest
from fake_source import manifest_of

from xray_keras.datasets import manifest
from xray_keras.datasets.findings import FINDINGS
from xray_keras.errors import UserError


def test_columns_are_the_agreed_ones():
    assert manifest.COLUMNS[:8] == (
        "image",
        "patient",
        "path",
        "follow_up",
        "age",
        "sex",
        "view",
        "official_split",
    )
    assert manifest.COLUMNS[8:] == FINDINGS


def test_a_manifest_survives_the_disk(tmp_path):
    frame = manifest_of(20)
    frame["patient"] = [f"{index:03d}" for index in range(20)]  # leading zeros must survive
    path = tmp_path / "folder" / "manifest.csv"
    manifest.write(frame.set_index(np.arange(100, 120)), path)
    again = manifest.read(path)
    pd.testing.assert_frame_equal(again, frame.astype({"path": "str", "sex": "str", "view": "str"}))
    assert again["path"].tolist() == [""] * 20
    assert {str(again[finding].dtype) for finding in FINDINGS} == {"int8"}
    assert hashlib.sha256(path.read_bytes()).hexdigest() == manifest.fingerprint(again)


def test_columns_are_written_in_order(tmp_path):
    frame = manifest_of(4)
    manifest.write(frame[frame.columns[::-1]], tmp_path / "manifest.csv")
    assert manifest.read(tmp_path / "manifest.csv").columns.tolist() == list(manifest.COLUMNS)


def test_the_fingerprint_is_of_the_content():
    frame = manifest_of(10)
    digest = manifest.fingerprint(frame)
    assert len(digest) == 64
    assert (
        manifest.fingerprint(frame.astype({"Mass": bool, "age": "int32"}).set_index("image", drop=False))
        == digest
    )
    assert manifest.fingerprint(frame.iloc[::-1]) != digest
    for column in manifest.COLUMNS:
        changed = frame.copy()
        value = changed.loc[3, column]
        changed.loc[3, column] = f"{value}x" if isinstance(value, str) else 1 - value
        assert manifest.fingerprint(changed) != digest, column


def test_fingerprints_are_pinned():
    """Caches and runs are named by them: another writer must give the same bytes."""
    digest = "b4c04fda3e949b4dc1eceac9f0e54856fb4898a372d74fce0f53e6394d9d243d"
    assert manifest.fingerprint(manifest_of(10)) == digest


def covid_manifest(images: int) -> pd.DataFrame:
    number = np.arange(images)
    covid = number % 3 == 0
    return pd.DataFrame(
        {
            "image": [f"{index}.png" for index in number],
            "patient": [f"phantom/{index:03d}" for index in number],
            "path": "",
            "source": "phantom",
            "group": np.where(covid, "covid", "normal"),
            "finding": np.where(covid, "COVID-19", "No Finding"),
            "official_split": np.array(["train_val", "test", "probe"])[number % 3],
            "copy": 0,
            "COVID-19": covid.astype(np.int8),
        }
    )


def test_the_covid_manifest_survives_the_disk(tmp_path):
    frame = covid_manifest(9)
    manifest.write(frame[frame.columns[::-1]], tmp_path / "manifest.csv")
    again = manifest.read(tmp_path / "manifest.csv")
    assert tuple(again.columns) == manifest.COVID_COLUMNS
    assert {name: str(dtype) for name, dtype in again.dtypes.items()} == {
        **dict.fromkeys(manifest.COVID_COLUMNS, "str"),
        "copy": "int64",
        "COVID-19": "int8",
    }
    pd.testing.assert_frame_equal(again, frame.astype(again.dtypes.to_dict()))
    digest = hashlib.sha256((tmp_path / "manifest.csv").read_bytes()).hexdigest()
    assert digest == manifest.fingerprint(frame) == manifest.fingerprint(again)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda frame: frame.drop(columns=["copy"]),
            "lacks copy: its columns must be image, patient, path, source",
        ),
        (lambda frame: frame.drop(columns=["group"]), "lacks group:"),
        (lambda frame: frame.assign(sex="M"), "has unknown sex"),
        (
            lambda frame: frame.assign(source="mimic"),
            "holds 'mimic' instead of covid-chestxray-dataset or chexpert",
        ),
        (
            lambda frame: frame.assign(group="ill"),
            "column group holds 'ill' instead of covid or normal or other",
        ),
        (lambda frame: frame.assign(official_split="train"), "instead of train_val or test or probe"),
        (lambda frame: frame.assign(copy=0.5), "column copy holds 0.5 instead of whole numbers"),
        (lambda frame: frame.assign(finding=""), "column finding holds '' instead of text"),
        (lambda frame: frame.assign(**{"COVID-19": 2}), "column COVID-19 holds 2 instead of 0 or 1"),
    ],
)
def test_what_is_no_covid_manifest_is_refused(change, message):
    with pytest.raises(UserError, match=message):
        manifest.validate(change(covid_manifest(4)))


def scene_manifest(images: int) -> pd.DataFrame:
    number = np.arange(images)
    names = [f"msra-td500/{index}.JPG" for index in number]
    return pd.DataFrame(
        {
            "image": names,
            "patient": names,
            "path": names,
            "source": "msra-td500",
            "width": 400 + number,
            "height": 300,
            "official_split": np.array(["train_val", "test"])[number % 2],
            "outlines": np.where(number % 3 == 0, "0 0 10.25 0 10 10;#1 1 5 1 5 5 1 5", ""),
            "Text": (number % 3 == 0).astype(np.int8),
        }
    )


def test_the_scene_manifest_survives_the_disk(tmp_path):
    frame = scene_manifest(9)
    manifest.write(frame[frame.columns[::-1]], tmp_path / "manifest.csv")
    again = manifest.read(tmp_path / "manifest.csv")
    assert tuple(again.columns) == manifest.SCENE_COLUMNS
    assert {name: str(dtype) for name, dtype in again.dtypes.items()} == {
        **dict.fromkeys(manifest.SCENE_COLUMNS, "str"),
        "width": "int64",
        "height": "int64",
        "Text": "int8",
    }
    pd.testing.assert_frame_equal(again, frame.astype(again.dtypes.to_dict()))
    assert again["outlines"].tolist()[:2] == ["0 0 10.25 0 10 10;#1 1 5 1 5 5 1 5", ""]
    assert manifest.fingerprint(frame) == manifest.fingerprint(again)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda frame: frame.drop(columns=["outlines"]),
            "lacks outlines: its columns must be image, patient, path, source, width, height",
        ),
        (lambda frame: frame.drop(columns=["width", "height"]), "lacks width, height:"),
        (lambda frame: frame.assign(group="text"), "has unknown group"),
        (lambda frame: frame.assign(source="coco"), "holds 'coco' instead of textdis or msra-td500 or icdar"),
        (lambda frame: frame.assign(official_split="probe"), "instead of train_val or test"),
        (lambda frame: frame.assign(width=400.5), "column width holds 400.5 instead of whole numbers"),
        (lambda frame: frame.assign(outlines=None), "column outlines holds None instead of text"),
        (lambda frame: frame.assign(patient=""), "column patient holds '' instead of text"),
        (lambda frame: frame.assign(Text=2), "column Text holds 2 instead of 0 or 1"),
    ],
)
def test_what_is_no_scene_manifest_is_refused(change, message):
    with pytest.raises(UserError, match=message):
        manifest.validate(change(scene_manifest(4)))


def test_labelled_and_class_counts():
    frame = manifest_of(60)
    assert manifest.labelled(frame).tolist() == [
        any(frame.loc[row, finding] for finding in FINDINGS) for row in range(60)
    ]
    assert 0 < manifest.labelled(frame).sum() < 60
    counts = manifest.class_counts(frame)
    assert tuple(counts) == FINDINGS and sum(counts.values()) == manifest.labelled(frame).sum()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.drop(columns=["Mass", "sex"]), "lacks sex, Mass"),
        (lambda frame: frame.assign(weight=1), "has unknown weight"),
        (lambda frame: frame.iloc[:0], "lists no image"),
        (lambda frame: pd.concat([frame, frame.iloc[:2]]), "2 images more than once .first: 00000000_000"),
        (lambda frame: pd.concat([frame, frame[["Mass"]]], axis=1), "names a column twice"),
        (lambda frame: frame.assign(Mass=[0, 1, 2, 0]), "row 3, column Mass holds 2 instead of 0 or 1"),
        (lambda frame: frame.assign(Mass=[0, 1, np.nan, 0]), "row 3, column Mass holds nan"),
        (lambda frame: frame.assign(age=40.5), "row 1, column age holds 40.5 instead of whole numbers"),
        (lambda frame: frame.assign(sex="X"), "column sex holds 'X' instead of M or F"),
        (lambda frame: frame.assign(view=""), "column view holds '' instead of PA or AP"),
        (lambda frame: frame.assign(official_split="train"), "column official_split holds 'train'"),
        (lambda frame: frame.assign(patient=7), "column patient holds 7 instead of text"),
        (lambda frame: frame.assign(image=["a", "", "b", "c"]), "row 2, column image holds ''"),
        (lambda frame: frame.assign(path=None), "column path holds None instead of text"),
    ],
)
def test_what_is_no_manifest_is_refused(change, message, tmp_path):
    frame = change(manifest_of(4))
    with pytest.raises(UserError, match=message):
        manifest.validate(frame)
    with pytest.raises(UserError, match=r"manifest\.csv"):
        manifest.write(frame, tmp_path / "manifest.csv")
    assert not (tmp_path / "manifest.csv").exists()


@pytest.mark.parametrize(
    "content", [b"", b"a,b\n1,2,3\n4,5,6,7,8\n", b"image\n\xff\xfe\n", b"image,age\nx,1\n"]
)
def test_malformed_files_are_named(content, tmp_path):
    path = tmp_path / "manifest.csv"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"manifest\.csv"):
        manifest.read(path)


def test_absent_files_are_named(tmp_path):
    with pytest.raises(UserError, match=r"manifest\.csv is absent"):
        manifest.read(tmp_path / "manifest.csv")
