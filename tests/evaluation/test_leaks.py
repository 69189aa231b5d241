"""What a model has seen of a test set, on lists small enough to count by hand and on NIH's own where they are."""

import json
from pathlib import Path

import pandas as pd
import pytest

from xray_keras import files
from xray_keras.errors import UserError
from xray_keras.evaluation import leaks
from xray_keras.evaluation.leaks import Leaks

TRAINING = "00000001_000.png\n00000001_001.png\n00000002_000.png\n00000004_000.png\n"
# One image trained on; another of its patient; another of a patient trained on; two of patients never seen.
TEST = "00000001_001.png\n00000001_002.png\n00000002_007.png\n00000003_000.png\n00000005_000.png\n"
EXPECTED = Leaks(images=5, patients=4, seen_images=1, seen_patients=2, exposed_images=3)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def training(tmp_path: Path) -> Path:
    return write(tmp_path / "train.txt", TRAINING)


@pytest.fixture
def test_list(tmp_path: Path) -> Path:
    return write(tmp_path / "test.txt", TEST)


def test_images_and_patients_are_counted(training: Path, test_list: Path) -> None:
    found = leaks.check(training, test_list)
    assert found == EXPECTED
    assert (found.image_share, found.patient_share) == (1 / 5, 1 / 2)
    assert leaks.describe(found) == (
        "1 of 5 test images (20.0%) and 2 of 4 test patients (50.0%) are in the training list. 3 test images (60.0%) "
        "are of patients trained on: scores on them say little."
    )


def test_a_list_against_itself_and_against_strangers(training: Path, tmp_path: Path) -> None:
    assert leaks.check(training, training) == Leaks(4, 3, 4, 3, 4)
    strangers = leaks.check(training, write(tmp_path / "other.txt", "00000009_000.png\n"))
    assert strangers == Leaks(1, 1, 0, 0, 0)
    assert "None has been seen" in leaks.describe(strangers)


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"{name} 0 1 0\n" for name in TRAINING.split()),
        "".join(f"images_001/images/{name}\n" for name in TRAINING.split()),
        "".join(f"{name},0,1\n" for name in TRAINING.split()),
        "Image Index,Finding Labels,Patient ID\n"
        + "".join(f"{n},Mass,{int(n[:8])}\n" for n in TRAINING.split()),
        "\ufeffimage,patient\n" + "".join(f"{name},{name[:8]}\n" for name in TRAINING.split()),
        "path\n" + "".join(f"images\\{name}\n\n" for name in TRAINING.split()),
    ],
    ids=["columns", "folders", "commas", "nih", "manifest", "paths"],
)
def test_every_kind_of_list_says_the_same(text: str, test_list: Path, tmp_path: Path) -> None:
    assert leaks.check(write(tmp_path / "list.csv", text), test_list) == EXPECTED


def test_a_manifest_knows_patients_that_names_do_not(tmp_path: Path) -> None:
    manifest = write(tmp_path / "manifest.csv", "image,patient\nx_1.png,7\nx_2.png,7\ny_1.png,8\n")
    seen = write(tmp_path / "train.txt", "x_1.png\n")
    assert leaks.check(seen, manifest) == Leaks(3, 2, 1, 1, 2)


def test_names_that_folders_tell_apart_keep_them(tmp_path: Path) -> None:
    names = ["a/study1/view1.jpg", "b/study1/view1.jpg", "c/study1/view1.jpg"]
    seen, test = (
        write(tmp_path / "train.txt", "\n".join(names[:2])),
        write(tmp_path / "test.txt", "\n".join(names[1:])),
    )
    assert leaks.check(seen, test) == Leaks(2, 2, 1, 1, 1)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_of_predictions_only_test_rows_count(suffix: str, training: Path, tmp_path: Path) -> None:
    names = TEST.split()
    frame = pd.DataFrame({"image": names, "patient": [str(int(name[:8])) for name in names]})
    frame = frame.assign(split="test", y_Mass=0, p_Mass=0.5)
    frame.loc[5] = ["00000004_000.png", "4", "validation", 1, 0.5]
    path = tmp_path / f"predictions.{suffix}"
    frame.to_csv(path, index=False) if suffix == "csv" else frame.to_parquet(path, index=False)
    assert leaks.check(training, path) == EXPECTED


def test_a_card_names_the_list(training: Path, test_list: Path, tmp_path: Path) -> None:
    card = {"training_list": {"file": "train.txt", "sha256": files.sha256(training)}}
    write(tmp_path / "model.json", json.dumps(card))
    assert leaks.check(tmp_path / "model.keras", test_list) == EXPECTED
    assert leaks.check(tmp_path / "model.json", test_list) == EXPECTED
    training.write_text(TRAINING + "00000003_000.png\n", encoding="utf-8")
    with pytest.raises(UserError, match="sha256 differs"):
        leaks.check(tmp_path / "model.json", test_list)
    training.unlink()
    with pytest.raises(UserError, match=r"train\.txt is absent"):
        leaks.check(tmp_path / "model.json", test_list)
    for content in ({"training_list": None}, []):
        write(tmp_path / "model.json", json.dumps(content))
        with pytest.raises(UserError, match="names no training list"):
            leaks.check(tmp_path / "model.keras", test_list)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "lists no image"),
        (b"\n \n", "lists no image"),
        (b"\x89PNG\r\n\xff", "not a list in UTF-8"),
        (b"name,label\nx,1\n", "none is image"),
        (b"image,patient\nx.png\n", "row 2"),
        (b"image,split\nx.png,validation\n", "only test rows"),
    ],
)
def test_bad_lists_are_refused_by_name(content: bytes, sentence: str, training: Path, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(UserError, match=rf"bad\.csv .*{sentence}"):
        leaks.check(training, path)
    with pytest.raises(UserError, match=r"absent\.txt is absent"):
        leaks.check(tmp_path / "absent.txt", training)


def test_official_lists_share_nobody() -> None:
    folder = Path(__file__).parents[3] / "shared" / "data" / "nih-chestxray14"
    if not (folder / "test_list.txt").is_file():
        pytest.skip(f"needs {folder}")
    training, test = folder / "train_val_list.txt", folder / "test_list.txt"
    assert leaks.check(training, test) == Leaks(25596, 2797, 0, 0, 0)
    assert leaks.check(test, test) == Leaks(25596, 2797, 25596, 2797, 25596)
    assert leaks.check(folder / "Data_Entry_2017_v2020.csv", test).image_share == 1
