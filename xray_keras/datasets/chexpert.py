"""CheXpert in its official small layout: frontal radiographs with exactly one of the fourteen categories.

Source: Irvin et al., "CheXpert: A Large Chest Radiograph Dataset with Uncertainty Labels and Expert Comparison", AAAI
2019, and the release's own files: train.csv and valid.csv, whose column Path starts with the folder's name
(CheXpert-v1.0-small/train/patient00001/study1/view1_frontal.jpg), and the JPEGs there. A label is 1.0 (present), 0.0
(absent), -1.0 (uncertain) or empty (not mentioned).
"""

from pathlib import Path
from typing import Literal

import pandas as pd

from xray_keras import files
from xray_keras.datasets import negatives, text_table
from xray_keras.datasets.findings import NO_FINDING
from xray_keras.datasets.negatives import Summary
from xray_keras.errors import UserError, shortened

FOLDER = "CheXpert-v1.0-small"
SOURCE = "chexpert"
LINK = "https://stanfordmlgroup.github.io/competitions/chexpert/"
CITATION = (
    "J. Irvin, P. Rajpurkar, M. Ko et al.: CheXpert: A Large Chest Radiograph Dataset with Uncertainty Labels and "
    "Expert Comparison. AAAI 33, 2019, pp. 590-597."
)
LICENCE = f"Stanford University School of Medicine CheXpert Dataset Research Use Agreement ({LINK})."
CATEGORIES = (
    NO_FINDING,
    "Enlarged Cardiomediastinum",
    "Cardiomegaly",
    "Lung Opacity",
    "Lung Lesion",
    "Edema",
    "Consolidation",
    "Pneumonia",
    "Atelectasis",
    "Pneumothorax",
    "Pleural Effusion",
    "Pleural Other",
    "Fracture",
    "Support Devices",
)

_REMEDY = f"download {FOLDER} again from {LINK}"
_VALUES = {"": 0.0, "0.0": 0.0, "0": 0.0, "1.0": 1.0, "1": 1.0, "-1.0": -1.0, "-1": -1.0}


def read(data: Path, missing: Literal["error", "skip"] = "error") -> tuple[pd.DataFrame, Summary]:
    """Frontal radiographs with one category: exactly one label is 1.0, and no other is 1.0 or -1.0.

    Args:
        data: folder that holds `FOLDER`.
        missing: whether such images that are absent from the disk are an error, or skipped and counted.

    Returns:
        One row an image, in the order of train.csv, then valid.csv: image ("train/patient00001/…"), patient
        ("chexpert/patient00001"), path (below `data`), source, group ("normal" or "other"), finding (one of
        `CATEGORIES`). And the counts: every row of the files is a row here or is counted under one reason.

    Raises:
        UserError: a file is absent or malformed, or images miss.
    """
    root = data / FOLDER
    if not root.is_dir():
        raise UserError(
            f"{root} is not a folder; unpack {FOLDER} there, from {LINK}, or set DATA to the folder above it"
        )
    listed = pd.concat([_listed(root / name) for name in ("train.csv", "valid.csv")], ignore_index=True)
    labels = listed[list(CATEGORIES)]
    frontal = listed["frontal/lateral"] == "Frontal"
    single = (labels == 1).sum(axis=1).eq(1) & ~(labels == -1).any(axis=1)
    none = ~labels.isin((1, -1)).any(axis=1)
    wanted = listed[frontal & single]
    present = wanted["path"].map(lambda path: files.is_there(data / path)).astype(bool)
    absent = wanted["path"][~present].tolist()
    if absent and (missing == "error" or len(absent) == len(wanted)):
        raise UserError(
            f"{len(absent):,} of the {len(wanted):,} frontal radiographs with one category that {root} lists are not "
            f"on disk (first: {shortened(absent[0])}); {_REMEDY}, or use those present with MISSING=skip "
            "(--missing skip)"
        )
    kept = wanted[present]
    frame = negatives.frame(
        SOURCE,
        image=kept["path"].str.removeprefix(f"{FOLDER}/").tolist(),
        patient=kept["patient"].tolist(),
        path=kept["path"].tolist(),
        finding=labels.loc[kept.index].idxmax(axis=1).astype(str).tolist(),
    )
    left_out = {
        "lateral view": int((~frontal).sum()),
        "no category": int((frontal & none).sum()),
        "several categories or an uncertain one": int((frontal & ~none & ~single).sum()),
        "file missing": len(absent),
    }
    return frame, Summary(len(listed), listed["patient"].nunique(), len(frame), left_out)


def _listed(path: Path) -> pd.DataFrame:
    """Columns path, patient and frontal/lateral (str), and each of `CATEGORIES` (1, 0, -1)."""
    columns = [category.lower() for category in CATEGORIES]
    text = text_table.read(path, ("path", "frontal/lateral", *columns), _REMEDY)
    frame = text[["path", "frontal/lateral"]].assign(
        patient=text["path"].str.extract(rf"^{FOLDER}/\w+/(patient\d+)/\w+/\w+\.\w+$", expand=False)
    )
    for category, column in zip(CATEGORIES, columns, strict=True):
        frame[category] = text[column].map(_VALUES)
    wrong = frame.isna().any(axis=1) | ~text["frontal/lateral"].isin(("Frontal", "Lateral"))
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise UserError(
            f"{path}, image {row + 1}, has a path, a view or a label that is not CheXpert's "
            f"({shortened(text['path'].iloc[row])}); {_REMEDY}"
        )
    return frame
