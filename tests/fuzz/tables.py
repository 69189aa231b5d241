"""Readers of tables: predictions, scores, results and lists of what was trained on."""

import io
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from tests.fuzz.reader import Files, Outside, Reader

IMAGES = ("00000001_000.png", "00000001_001.png", "00000002_000.png", "00000003_000.png")


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


_EMPTY = "73c1a9bb6cd1ef5e3f2ea2a9aae3ab4a0c6f4bd10f4d5ea0d9f6e7fa6ee4b5c0"


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


def _read_training_list(path: Path) -> None:
    from xray_keras.evaluation import leaks

    leaks.check(path, path)


READERS = (
    Reader(
        "predictions",
        _predictions,
        _read_predictions,
        ("evaluation.predictions", "evaluation.parquet"),
        _swollen,
    ),
    Reader("ood", _ood, _read_ood, ("evaluation.ood",)),
    Reader("table", _tables, _read_table, ("audit.table_file",)),
    Reader("training_list", _training_lists, _read_training_list, ("evaluation.leaks",), whole=False),
)
