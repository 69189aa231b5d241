"""Readers of data sets as they are released, and of the manifests made of them."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from tests.fuzz.reader import Files, Outside, Reader


def _manifests() -> list[Files]:
    from xray_keras.datasets import manifest

    nih = {
        "image": "00000001_000.png",
        "patient": "1",
        "path": "images/a.png",
        "follow_up": 0,
        "age": 57,
        "sex": "M",
    }
    nih |= {"view": "PA", "official_split": "test"}
    covid = {"image": "a#0", "patient": "covid/1", "path": "a/b.png", "source": "nih", "group": "covid"}
    covid |= {"finding": "COVID-19", "official_split": "test", "copy": 0}
    scene = {"image": "a", "patient": "a", "path": "a.jpg", "source": "icdar", "width": 640, "height": 480}
    scene |= {"official_split": "test", "outlines": "1 2 30 2.5 30 40;#5 5 9 5 9 9"}
    ood = {
        "image": "a",
        "patient": "1",
        "path": "a.png",
        "source": "x",
        "group": "reject",
        "official_split": "probe",
    }
    found = []
    for row, columns in (
        (nih, manifest.COLUMNS),
        (covid, manifest.COVID_COLUMNS),
        (scene, manifest.SCENE_COLUMNS),
        (ood, manifest.OOD_COLUMNS),
    ):
        frame = pd.DataFrame([{name: row.get(name, 1) for name in columns}] * 2)
        frame.loc[1, "image"] = "other"
        found.append({"manifest.csv": frame.to_csv(index=False).encode()})
    return found


def _climbing(outside: Outside) -> Mapping[str, Files]:
    (first, *_) = _manifests()
    text = first["manifest.csv"]
    return {
        "a path that climbs": {"manifest.csv": text.replace(b"images/a.png", b"../secret.bin")},
        "an absolute path": {"manifest.csv": text.replace(b"images/a.png", str(outside.secret).encode())},
        "a column too many": {"manifest.csv": b"image," * 20_000 + b"\n" + b"1," * 20_000},
        "a huge number": {"manifest.csv": text.replace(b",57,", b"," + b"9" * 5000 + b",")},
    }


def _manifest(path: Path) -> None:
    from xray_keras.datasets import manifest

    manifest.fingerprint(manifest.read(path))


def _nih() -> list[Files]:
    from tests.datasets import nih_tree

    rows = "\n".join(",".join(row) + ",2682,2749,0.143,0.143" for row in nih_tree.ROWS)
    names = [row[0] for row in nih_tree.ROWS]
    return [
        {
            "Data_Entry_2017_v2020.csv": f"{nih_tree.HEADER_2020}\n{rows}\n".encode(),
            "train_val_list.txt": "\n".join(name for name in names if name not in nih_tree.TEST).encode(),
            "test_list.txt": "\n".join(nih_tree.TEST).encode(),
            "BBox_List_2017.csv": nih_tree.BOXES.encode(),
        }
    ]


def _read_nih(path: Path) -> None:
    from xray_keras.datasets import nih_files
    from xray_keras.datasets.overview import tally

    entries = nih_files.entries(path)
    nih_files.official(path.parent, path, {entry.image for entry in entries})
    nih_files.boxes(path.parent)
    tally._first_column(path)


def _releases() -> list[Files]:
    from xray_keras.datasets import chexpert

    columns = ["Path", "Sex", "Age", "Frontal/Lateral", "AP/PA", *chexpert.CATEGORIES]
    row = "CheXpert-v1.0-small/train/patient00001/study1/view1_frontal.jpg,Female,68,Frontal,AP,1.0"
    listed = f"{','.join(columns)}\n{row}{',' * (len(chexpert.CATEGORIES) - 1)}\n".encode()
    covid = b"patientid,finding,view,modality,filename,folder\n2,Pneumonia/Viral/COVID-19,PA,X-ray,a.jpeg,images\n"
    paths = b"MURA-v1.1/valid/XR_ELBOW/patient11185/study1_positive/image1.png\n"
    chex, mura, collected = "CheXpert-v1.0-small", "MURA-v1.1", "covid-chestxray-dataset"
    return [
        {
            f"{chex}/train.csv": listed,
            f"{chex}/valid.csv": listed,
            f"{chex}/train/patient00001/study1/view1_frontal.jpg": b"",
            f"{collected}/metadata.csv": covid,
            f"{collected}/images/a.jpeg": b"",
            f"{mura}/valid_image_paths.csv": paths,
            f"{mura}/{paths.decode().strip().partition('/')[2]}": b"",
        }
    ]


def _climbing_release(outside: Outside) -> Mapping[str, Files]:
    (sound,) = _releases()
    climbs = (
        b"patientid,finding,view,modality,filename,folder\n2,COVID-19,PA,X-ray,../../../secret.bin,images\n"
    )
    return {"a file name that climbs": {**sound, "covid-chestxray-dataset/metadata.csv": climbs}}


def _read_releases(path: Path) -> None:
    from xray_keras.datasets import chexpert, covid_chestxray, mura

    data = path.parents[1]
    found = [part.read(data)[0] for part in (chexpert, covid_chestxray)]
    listed = [str(each) for frame in found for each in frame["path"]]
    listed += [entry.path for entry in mura.read(data, data / "MURA-v1.1").entries]
    for each in listed:
        if not (data / each).resolve().is_relative_to(data.resolve()):
            raise RuntimeError(f"{each} leads out of the data folder")


def _boxes() -> list[Files]:
    return [
        {"a.txt": b"10 20 30 40\n1,2,30,2,30,40,1,40\n"},
        {"a.txt": b"0 0 100.5 200 50 20 0.1\n1 1 10 20 30 40 -1.5\n"},
        {"a.txt": b"1,2,30,2,30,40,1,40,Word\n1,2,30,2,30,40,1,40,###\n"},
    ]


def _read_boxes(path: Path) -> None:
    from xray_keras.datasets import box_files, outlines
    from xray_keras.errors import UserError

    refused = []
    for parse in (box_files.textdis, box_files.msra_td500, box_files.icdar):
        try:
            found = parse(path)
        except UserError as error:
            refused.append(error)
            continue
        polygons = [outlines.mended(each.polygon, 640, 480) for each in found]
        kept = [outlines.Outline(each, False) for each in polygons if each is not None]
        outlines.from_text(outlines.to_text(kept))
    if len(refused) == 3:
        raise refused[0]


def _patients() -> list[Files]:
    return [{"a.csv": b"image,patient\na.png,0012\nb.png,x\n"}]


def _read_patients(path: Path) -> None:
    from xray_keras.evaluation import picture_patients

    picture_patients.read(path)


READERS = (
    Reader("manifest", _manifests, _manifest, ("datasets.manifest", "datasets.text_table"), _climbing),
    Reader("nih", _nih, _read_nih, ("datasets.nih_files", "datasets.overview.tally")),
    Reader("releases", _releases, _read_releases, ("datasets.mura",), _climbing_release),
    Reader("boxes", _boxes, _read_boxes, ("datasets.box_files",)),
    Reader("patients", _patients, _read_patients, ("evaluation.picture_patients",)),
)
