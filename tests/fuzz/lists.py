"""Readers of tables, lists, facts and settings: CSV, Parquet, text, YAML, JSON."""

import io
import json
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd

from tests.fuzz.pictures import npy
from tests.fuzz.reader import Files, Outside, Reader

IMAGES = ("00000001_000.png", "00000001_001.png", "00000002_000.png", "00000003_000.png")


def _manifests() -> list[Files]:
    from xray_keras.datasets import manifest

    nih = {"image": IMAGES[0], "patient": "1", "path": "images/a.png", "follow_up": 0, "age": 57, "sex": "M"}
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


def _frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    rows = {"image": IMAGES, "patient": ["1", "1", "2", "3"], "split": ["test"] * 3 + ["validation"]}
    return pd.DataFrame({**rows, "y_Mass": [0, 1, 0, 1], "p_Mass": rng.uniform(size=4)})


def _parquet(frame: pd.DataFrame) -> bytes:
    made = io.BytesIO()
    frame.to_parquet(made, index=False)
    return made.getvalue()


def _predictions() -> list[Files]:
    return [{"a.csv": _frame().to_csv(index=False).encode()}, {"a.parquet": _parquet(_frame())}]


def _swollen(outside: Outside) -> Mapping[str, Files]:
    wide = pd.DataFrame({"image": ["x" * 100_000] * 3000, "y_Mass": 1, "p_Mass": 0.5})
    return {
        "texts that swell": {"a.parquet": _parquet(wide)},
        "no parquet": {"a.parquet": b"PAR1" + bytes(99) + b"PAR1"},
    }


def _read_predictions(path: Path) -> None:
    from xray_keras.evaluation import predictions

    predictions.clusters(predictions.read(path))


def _ood() -> list[Files]:
    frame = pd.DataFrame(
        {
            "image": IMAGES,
            "patient": ["1", "1", "2", "3"],
            "set": ["chest", "chest", "cifar", "cifar"],
            "split": "test",
            "group": ["chest", "chest", "reject", "reject"],
            "pneumonia": -1,
            "s_ssim": [0.1, 0.2, 0.3, 0.4],
        }
    )
    return [{"ood.parquet": _parquet(frame)}]


def _read_ood(path: Path) -> None:
    from xray_keras.evaluation import ood

    ood.read(path)


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


def _read_releases(path: Path) -> None:
    from xray_keras.datasets import chexpert, covid_chestxray, mura

    data = path.parents[1]
    found = [part.read(data)[0] for part in (chexpert, covid_chestxray)]
    listed = [str(each) for frame in found for each in frame["path"]]
    listed += [entry.path for entry in mura.read(data, data / "MURA-v1.1").entries]
    for each in listed:
        if not (data / each).resolve().is_relative_to(data.resolve()):
            raise RuntimeError(f"{each} leads out of the data folder")


def _climbing_release(outside: Outside) -> Mapping[str, Files]:
    (sound,) = _releases()
    climbs = (
        b"patientid,finding,view,modality,filename,folder\n2,COVID-19,PA,X-ray,../../../secret.bin,images\n"
    )
    return {"a file name that climbs": {**sound, "covid-chestxray-dataset/metadata.csv": climbs}}


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


def _tables() -> list[Files]:
    return [
        {
            "a.csv": b"model,accuracy,recall,precision,F1,n\nA,91%,80.0,70.0,74.67,1000\nB,90%,81.5,70.1,75.4,1000\n"
        },
        {"a.csv": "Modell;Sens;Spec;AUC\nA;0,91;0,8;0,912 ± 0,01\n".encode()},
    ]


def _read_table(path: Path) -> None:
    from xray_keras.audit import table_file

    table_file.read(path)


def _training_lists() -> list[Files]:
    return [
        {"a.txt": b"00000001_000.png 0 1\n00000002_001.png 1 0\n"},
        {"a.csv": b"image,patient,split\na/b.png,0012,test\nb.png,7,train\n"},
        {"a.parquet": _parquet(_frame())},
        {
            "a.json": json.dumps({"training_list": {"file": "a.training.txt", "sha256": _EMPTY}}).encode(),
            "a.training.txt": b"a.png\n",
        },
    ]


_EMPTY = "73c1a9bb6cd1ef5e3f2ea2a9aae3ab4a0c6f4bd10f4d5ea0d9f6e7fa6ee4b5c0"


def _read_training_list(path: Path) -> None:
    from xray_keras.evaluation import leaks

    leaks.check(path, path)


def _patients() -> list[Files]:
    return [{"a.csv": b"image,patient\na.png,0012\nb.png,x\n"}]


def _read_patients(path: Path) -> None:
    from xray_keras.evaluation import picture_patients

    picture_patients.read(path)


def _facts() -> list[Files]:
    folder = resources.files("xray_keras.papers")
    shortest = min(
        (each for each in folder.iterdir() if each.name.endswith(".yaml") and each.name != "schema.yaml"),
        key=lambda each: len(each.read_bytes()),
    )
    return [{"a.yaml": shortest.read_bytes()}]


def _hostile_yaml(outside: Outside) -> Mapping[str, Files]:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    run = f"!!python/object/apply:os.mkdir ['{outside.canary}']"
    return {
        "a tag that runs": {"a.yaml": run.encode()},
        "a tag that runs within": {"a.yaml": f"paper: {run}".encode()},
        "a tag of an object": {"a.yaml": b"!!python/object:os.system {}"},
        "a billion laughs": {"a.yaml": "\n".join(lines).encode()},
        "depth": {"a.yaml": b"[" * 50_000},
    }


def _read_facts(path: Path) -> None:
    from xray_keras.papers import loader

    loader.read(path)


def _settings() -> list[Files]:
    config = {
        "dataset": "nih",
        "images": "all",
        "max_images": None,
        "labels": ["Mass"],
        "uses": {},
        "size": 64,
    }
    points = {"criterion": "TPR - FPR", "labels": {"Mass": {"value": 0.4, "reason": None}}}
    environment = {"versions": {"keras": "3.15"}, "seed": 0}
    return [
        {
            "runs/base/sound/ali2019/row/config.json": json.dumps(config).encode(),
            "runs/base/sound/ali2019/row/operating_points.json": json.dumps(points).encode(),
            "runs/base/sound/ali2019/row/card.json": json.dumps(environment).encode(),
            "runs/base/sound/ali2019/row/environment.json": json.dumps(environment).encode(),
            "runs/base/nih-all/summary.json": json.dumps({"origin": "phantom"}).encode(),
            "runs/base/sound/ali2019/row/history.csv": b"epoch,loss,val_loss,val_auc\n1,0.5,0.6,0.7\n2,0.4,0.5,0.8\n",
        }
    ]


def _climbing_settings(outside: Outside) -> Mapping[str, Files]:
    (sound,) = _settings()
    first = next(iter(sound))
    changed = [
        {"dataset": "../secret.bin"},
        {"uses": {"teacher": {"row": "../../secret"}}},
        {"images": "/etc"},
    ]
    config = json.loads(sound[first])
    return {
        f"{change} leads out": {**sound, first: json.dumps({**config, **change}).encode()}
        for change in changed
    } | {"depth": {**sound, first: b"[" * 100_000}}


def _read_settings(path: Path) -> None:
    from xray_keras.evaluation import calibration
    from xray_keras.reporting import runs

    found = runs.read(path.parent)
    calibration.read(path.parent)
    _ = found.history


def _cache(path: Path) -> None:
    from xray_keras.datasets import cache

    np.asarray(cache.load(path)).sum()


def _kept(path: Path) -> None:
    from xray_keras import npz

    npz.read(path, "train the run again")


def _archive_seeds() -> list[Files]:
    from tests.fuzz.pictures import npz

    values = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.array(["x", "yz"]), "c": np.array(3)}
    return [{"a.npz": npz(**values)}, {"a.npz": npz(packed=False, **values)}]


def _hostile_archives(outside: Outside) -> Mapping[str, Files]:
    from tests.fuzz.hostile import archives

    return archives("a.npz", _archive_seeds()[0]["a.npz"], outside)


def _object_cache(outside: Outside) -> Mapping[str, Files]:
    from tests.fuzz.hostile import running

    return {"a pickled array": {"a.npy": npy(np.array([running(outside)], object), pickled=True)}}


READERS = (
    Reader("manifest", _manifests, _manifest, ("datasets.manifest", "datasets.text_table"), _climbing),
    Reader(
        "predictions",
        _predictions,
        _read_predictions,
        ("evaluation.predictions", "evaluation.parquet"),
        _swollen,
    ),
    Reader("ood", _ood, _read_ood, ("evaluation.ood",)),
    Reader("nih", _nih, _read_nih, ("datasets.nih_files", "datasets.overview.tally")),
    Reader("releases", _releases, _read_releases, ("datasets.mura",), _climbing_release),
    Reader("boxes", _boxes, _read_boxes, ("datasets.box_files",)),
    Reader("table", _tables, _read_table, ("audit.table_file",)),
    Reader("training_list", _training_lists, _read_training_list, ("evaluation.leaks",), whole=False),
    Reader("patients", _patients, _read_patients, ("evaluation.picture_patients",)),
    Reader("facts", _facts, _read_facts, ("papers.loader",), _hostile_yaml),
    Reader("settings", _settings, _read_settings, ("files", "reporting.runs"), _climbing_settings),
    Reader("npz", _archive_seeds, _kept, ("npz", "archives"), _hostile_archives),
    Reader(
        "cache",
        lambda: [{"a.npy": npy(np.zeros((2, 8, 8), np.uint8))}],
        _cache,
        ("datasets.cache",),
        _object_cache,
    ),
)
