import os
import pickle
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import yaml
from nih_tree import ROWS, TEST, write_csv, write_lists, write_png, write_release

from xray_keras.datasets import manifest, nih
from xray_keras.datasets.findings import FINDINGS
from xray_keras.errors import UserError

SHARED = Path(__file__).parents[3] / "shared"
REAL = SHARED / "data" / nih.FOLDER


@pytest.fixture
def root(tmp_path):
    return write_release(tmp_path / nih.FOLDER)


@pytest.mark.parametrize("edition", [2017, 2020])
@pytest.mark.parametrize("folders", [1, 2])
def test_both_editions_and_both_layouts(edition, folders, tmp_path):
    root = write_release(tmp_path / "nih", edition=edition, folders=folders)
    frame, summary = nih.Release(root).read_manifest()
    manifest.validate(frame)
    assert frame["image"].tolist() == [row[0] for row in ROWS]
    assert frame["patient"].tolist() == ["1", "1", "2", "3", "3"]
    assert frame["age"].tolist() == [57, 58, 80, 81, 81]
    assert frame["follow_up"].tolist() == [0, 1, 0, 0, 1]
    assert frame["sex"].tolist() == list("MMFFF") and frame["view"].tolist() == ["PA", "PA", "AP", "PA", "PA"]
    assert frame["official_split"].tolist() == ["train_val"] * 3 + ["test"] * 2
    named = [{finding for finding in FINDINGS if frame.loc[row, finding]} for row in range(5)]
    assert named == [set(row[1].split("|")) - {"No Finding"} for row in ROWS]
    assert all((root / path).is_file() for path in frame["path"])
    below = "images/" if folders == 1 else "images_002/images/"
    assert frame.loc[1, "path"] == f"{below}00000001_001.png"
    assert summary.csv.endswith("v2020.csv") == (edition == 2020)
    assert (summary.images_listed, summary.images_on_disk, summary.missing, summary.extra) == (5, 5, 0, 0)
    assert (summary.patients, summary.labelled) == (3, 3)
    assert summary.class_counts["Cardiomegaly"] == 2 and sum(summary.class_counts.values()) == 6
    assert not summary.complete  # complete is said of the official 112,120 alone


def test_the_corrected_edition_wins(root):
    write_csv(root, tuple((row[0], "Mass", *row[2:]) for row in ROWS), edition=2017)
    _, summary = nih.Release(root).read_manifest()
    assert summary.csv == "Data_Entry_2017_v2020.csv" and summary.class_counts["Mass"] == 0


@pytest.mark.parametrize(("age", "years"), [("7", 7), ("060Y", 60), ("013M", 1), ("100D", 0), ("414", 414)])
def test_ages_are_whole_years(root, age, years):
    write_csv(root, (*ROWS[:4], (*ROWS[4][:4], age, *ROWS[4][5:])))
    assert nih.Release(root).read_manifest()[0]["age"].iloc[-1] == years


def test_other_spellings_of_the_csv(root):
    path = root / "Data_Entry_2017_v2020.csv"
    text = path.read_text().replace("Patient Gender", "Patient Sex").replace("\n", "\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())  # as Excel saves it
    assert len(nih.Release(root).read_manifest()[0]) == 5


def test_absent_images_are_an_error_or_are_skipped(root):
    for name in (ROWS[1][0], ROWS[3][0]):
        (root / "images" / name).unlink()
    write_png(root / "images" / "99999999_000.png")
    (root / "images" / "._00000001_000.png").write_bytes(b"")  # left by macOS
    release = nih.Release(root)
    with pytest.raises(
        UserError, match=r"2 of the 5 images .* \(first: 00000001_001.png, 00000003_000.png\)"
    ) as error:
        release.read_manifest()
    assert "MISSING=skip" in str(error.value) and "--missing skip" in str(error.value)
    frame, summary = release.read_manifest("skip")
    assert frame["image"].tolist() == [ROWS[index][0] for index in (0, 2, 4)] and frame.index.tolist() == [
        0,
        1,
        2,
    ]
    assert asdict(summary) == {
        "csv": "Data_Entry_2017_v2020.csv",
        "images_listed": 5,
        "images_on_disk": 3,
        "missing": 2,
        "extra": 1,
        "patients": 3,
        "patients_on_disk": 3,
        "labelled": 3,
        "labelled_on_disk": 1,
        "class_counts": dict.fromkeys(FINDINGS, 0)
        | {"Cardiomegaly": 2, "Emphysema": 1, "Hernia": 1, "Pleural_Thickening": 1, "Infiltration": 1},
        "class_counts_on_disk": dict.fromkeys(FINDINGS, 0) | {"Cardiomegaly": 1},
    }
    assert summary.as_json()["complete"] is False
    with pytest.raises(UserError, match="MISSING=error or MISSING=skip"):
        release.read_manifest("ignore")  # type: ignore[arg-type]


def test_a_folder_without_any_image_is_an_error_even_when_skipping(root):
    for row in ROWS:
        (root / "images" / row[0]).unlink()
    with pytest.raises(UserError, match="5 of the 5 images"):
        nih.Release(root).read_manifest("skip")


def test_an_absent_folder_says_what_to_download(tmp_path):
    with pytest.raises(UserError, match="is not a folder; download NIH ChestX-ray14") as error:
        nih.Release(tmp_path / "nowhere").read_manifest()
    for part in (str(tmp_path / "nowhere"), nih.LINK, "Wang et al.", "DATA"):
        assert part in str(error.value)
    assert "CVPR 2017" in nih.CITATION and nih.LINK in nih.LICENCE


def with_row(row: int, column: int, cell: str):
    def change(root: Path) -> None:
        rows = [list(cells) for cells in ROWS]
        rows[row][column] = cell
        write_csv(root, tuple(map(tuple, rows)))

    return change


def with_text(name: str, old: str, new: str):
    return lambda root: (root / name).write_text((root / name).read_text().replace(old, new))


CSV = "Data_Entry_2017_v2020.csv"


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (
            lambda root: (root / CSV).unlink(),
            "neither Data_Entry_2017_v2020.csv nor Data_Entry_2017.csv; download",
        ),
        (lambda root: (root / CSV).write_text(""), "v2020.csv is empty; download it again"),
        (lambda root: (root / CSV).write_text((root / CSV).read_text().split("\n")[0]), "v2020.csv is empty"),
        (lambda root: (root / CSV).write_bytes(b"Image Index\n\xff\xfe"), "not a readable CSV"),
        (lambda root: (root / CSV).write_text('Image Index\n"a\nb'), "not a readable CSV"),
        (with_text(CSV, "Finding Labels", "Labels"), "has no column Finding Labels"),
        (with_text(CSV, "Patient Gender", "Gender"), "has no column Patient Gender or Patient Sex"),
        (with_text(CSV, ",80,F,AP,2682,2749,0.143,0.143", ",80"), "line 4 has fewer than 7 cells"),
        (
            with_row(2, 1, "Fracture"),
            "line 4: 'Fracture' is not a finding of ChestX-ray14; use one of Atelectasis",
        ),
        (with_row(2, 1, ""), "line 4: '' is not a finding"),
        (
            with_row(2, 1, "Mass|No Finding"),
            "line 4: 'Mass|No Finding' says No Finding together with a finding",
        ),
        (with_row(3, 0, ROWS[0][0]), "lists 1 images more than once .first: 00000001_000.png"),
        (with_row(1, 4, "old"), "line 3: follow-up '1', age 'old'"),
        (with_row(1, 2, "-1"), "line 3: follow-up '-1'"),
        (with_row(1, 5, ""), "line 3: .* sex ''"),
        (with_row(1, 6, "LL"), "line 3: .* view 'LL'"),
        (with_row(1, 3, ""), "row 2, column patient holds ''"),
        (lambda root: (root / "test_list.txt").unlink(), "test_list.txt is absent; download"),
        (lambda root: (root / "test_list.txt").write_bytes(b"\xff"), "test_list.txt is not readable"),
        (
            lambda root: write_lists(root, ROWS, (*TEST, "x.png")),
            "test_list.txt names 1 images that .* lacks",
        ),
        (
            lambda root: (root / "test_list.txt").write_text(ROWS[0][0]),
            "1 images are in both train_val_list.txt and",
        ),
        (lambda root: (root / "test_list.txt").write_text(TEST[0]), "1 images of .* are in neither"),
    ],
)
def test_damaged_files_are_named(root, damage, message):
    damage(root)
    with pytest.raises(UserError, match=message.replace("|", r"\|")) as error:
        nih.Release(root).read_manifest()
    assert str(root) in str(error.value) and "; " in str(error.value)
    assert "\n" not in str(error.value)


def test_boxes(root):
    boxes = nih.Release(root).boxes()
    assert boxes.columns.tolist() == ["image", "finding", "x", "y", "w", "h"]
    assert boxes.iloc[0].tolist() == ["00000001_000.png", "Cardiomegaly", 225.5, 547.0, 86.75, 79.25]
    assert boxes["finding"].tolist() == ["Cardiomegaly", "Infiltration"]


@pytest.mark.parametrize(
    "line",
    [
        "a.png,Mass,1,2,3",
        "a.png,Mass,1,2,x,4",
        "a.png,Lump,1,2,3,4",
        "a.png,Mass,1000,2,25,4",
        "a.png,Mass,1,2,0,4",
    ],
)
def test_damaged_boxes_are_named(root, line):
    with (root / "BBox_List_2017.csv").open("a") as opened:
        opened.write(line + "\n")
    with pytest.raises(UserError, match=r"BBox_List_2017.csv, line 4: 'a.png"):
        nih.Release(root).boxes()
    (root / "BBox_List_2017.csv").unlink()
    with pytest.raises(UserError, match=r"BBox_List_2017.csv is absent"):
        nih.Release(root).boxes()


def test_pixels(root):
    release = pickle.loads(pickle.dumps(nih.Release(root)))
    frame, _ = release.read_manifest()
    pixels = release.images(frame.iloc[[3, 0]], 16)
    assert pixels.dtype == np.uint8 and pixels.shape == (2, 16, 16)
    np.testing.assert_array_equal(pixels[1], write_png(root / "copy" / ROWS[0][0]))
    assert release.images(frame, 5).shape == (5, 5, 5)
    (root / frame.loc[2, "path"]).write_bytes(b"")
    with pytest.raises(UserError, match=r"00000002_000.png is empty"):
        release.images(frame, 16)


def test_the_signature_sees_files_and_not_folders(root, tmp_path):
    frame, _ = nih.Release(root).read_manifest()
    signature = nih.Release(root).signature(frame)
    moved = root.rename(tmp_path / "moved")
    assert nih.Release(moved).signature(frame) == signature
    write_png(moved / "images" / ROWS[0][0], side=32)
    assert nih.Release(moved).signature(frame) != signature
    (moved / "images" / ROWS[0][0]).unlink()
    assert isinstance(nih.Release(moved).signature(frame), str)


def test_is_complete(root, monkeypatch):
    assert not nih.is_complete(root)
    monkeypatch.setattr(nih, "IMAGES", 5)
    assert nih.is_complete(root) and nih.is_complete(str(root))
    image = root / "images" / ROWS[0][0]
    image.rename(image.with_name("other.png"))
    assert not nih.is_complete(root)
    image.with_name("other.png").rename(image)
    (root / CSV).write_text("Finding Labels\nx\n")
    assert not nih.is_complete(root)
    (root / CSV).unlink()
    assert not nih.is_complete(root) and not nih.is_complete(root / "nowhere")


def test_is_complete_needs_the_standard_library_only(root):
    code = (
        "import sys; from xray_keras.datasets import nih; nih.is_complete(sys.argv[1]); "
        "print({'pandas', 'numpy', 'PIL', 'tensorflow'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(root)],
        capture_output=True,
        text=True,
        check=True,
        env=dict(os.environ),
    )
    assert done.stdout.strip() == "set()"


@pytest.mark.skipif(not REAL.is_dir(), reason="needs the official label files in ../shared")
def test_the_official_files_hold_the_printed_counts():
    release = nih.Release(REAL)
    frame, summary = release.read_manifest("skip")
    printed = yaml.safe_load((SHARED / "papers" / "ali2019.yaml").read_text())["datasets"][0]["class_counts"]
    assert summary.class_counts == {name.replace(" ", "_"): count for name, count in printed.items()}
    assert (summary.images_listed, summary.patients, summary.labelled) == (112_120, 30_805, 51_759)
    assert summary.images_on_disk == len(frame) == 1_715 and summary.patients_on_disk == 1_218
    assert not summary.complete and not nih.is_complete(REAL)
    assert len((REAL / "train_val_list.txt").read_text().split()) == 86_524
    assert len((REAL / "test_list.txt").read_text().split()) == 25_596
    boxes = release.boxes()
    assert len(boxes) == 984 and boxes["finding"].nunique() == 8
    assert release.images(frame.iloc[:2], 64).std() > 10
