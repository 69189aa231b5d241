"""The manifest: one row an image, the only form in which a data set reaches the rest of the suite.

There are four kinds, told apart by their columns: of ChestX-ray14 and its phantom (`COLUMNS`), of COVID-Xray-5k and
its phantom (`COVID_COLUMNS`), of the images that a gate should accept or reject (`OOD_COLUMNS`), and of pictures with
and without text (`SCENE_COLUMNS`).
"""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pandas as pd

from xray_keras import files, seals
from xray_keras.datasets import text_table
from xray_keras.datasets.findings import FINDINGS
from xray_keras.errors import Damaged, UserError, reason, shortened

COVID = "COVID-19"
TEXT = "Text"
COLUMNS = ("image", "patient", "path", "follow_up", "age", "sex", "view", "official_split", *FINDINGS)
COVID_COLUMNS = (
    "image",  # an augmented copy k of x is "x#k"
    "patient",
    "path",  # below the data folder
    "source",
    "group",
    "finding",
    "official_split",
    "copy",  # 0: an original
    COVID,
)
OOD_COLUMNS = (
    "image",
    "patient",
    "path",  # below the data folder
    "source",  # name of the data set
    "group",
    "official_split",
    "Pneumonia",
)
# A patient is the picture itself, width and height are of the upright original, outlines see `outlines.to_text`.
SCENE_COLUMNS = ("image", "patient", "path", "source", "width", "height", "official_split", "outlines", TEXT)


@dataclass(frozen=True)
class _Kind:
    """Columns in order, those that hold text, the values that some may hold, and labels, 0 or 1; others are int64."""

    columns: tuple[str, ...]
    text: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]
    labels: tuple[str, ...]

    def dtype(self, column: str) -> str:
        return "str" if column in self.text else "int8" if column in self.labels else "int64"


_NIH = _Kind(
    COLUMNS,
    ("image", "patient", "path", "sex", "view", "official_split"),
    {"sex": ("M", "F"), "view": ("PA", "AP"), "official_split": ("train_val", "test")},
    FINDINGS,
)
_COVID = _Kind(
    COVID_COLUMNS,
    ("image", "patient", "path", "source", "group", "finding", "official_split"),
    {
        "source": ("covid-chestxray-dataset", "chexpert", "nih", "phantom"),
        "group": ("covid", "normal", "other"),
        "official_split": ("train_val", "test", "probe"),
    },
    (COVID,),
)
_OOD = _Kind(
    OOD_COLUMNS,
    ("image", "patient", "path", "source", "group", "official_split"),
    {"group": ("accept", "reject"), "official_split": ("probe",)},
    ("Pneumonia",),
)
_SCENE = _Kind(
    SCENE_COLUMNS,
    ("image", "patient", "path", "source", "official_split", "outlines"),
    {
        "source": ("textdis", "msra-td500", "icdar", "photographs", "rendered"),
        "official_split": ("train_val", "test"),
    },
    (TEXT,),
)


_KINDS = (_NIH, _COVID, _OOD, _SCENE)
_TEXT = {column for kind in _KINDS for column in kind.text}
_LARGEST = 2**31 - 1  # that a whole number may be: products of two fit into 64 bits
_MAY_BE_EMPTY = ("path", "outlines")  # computed images have no file, pictures without text no outlines


def _kind(frame: pd.DataFrame) -> _Kind:
    """The kind with most of the frame's columns, so that an error can name those that miss."""
    found = set(frame.columns)
    return max(_KINDS, key=lambda kind: len(found & set(kind.columns)) - len(set(kind.columns) - found))


def validate(frame: pd.DataFrame, source: str = "the manifest") -> None:
    """Check that `frame` is a manifest: its columns, unique images, whole numbers, labels 0 or 1.

    Args:
        frame: one row an image, columns of one kind in any order.
        source: what to name in the error, usually a path.

    Raises:
        UserError: the first thing that is wrong, with the row or column.
    """
    kind = _kind(frame)
    missing = [column for column in kind.columns if column not in frame.columns]
    unknown = [str(column) for column in frame.columns if column not in kind.columns]
    if missing or unknown:
        faults = [f"lacks {', '.join(missing)}"] if missing else []
        faults += [f"has unknown {', '.join(unknown)}"] if unknown else []
        columns = shortened(", ".join(kind.columns), 100)
        raise UserError(
            f"{source} {shortened(' and '.join(faults), 120)}: its columns must be {columns}; rebuild it"
        )
    if frame.columns.has_duplicates:
        raise UserError(f"{source} names a column twice; rebuild it")
    if frame.empty:
        raise UserError(f"{source} lists no image; rebuild it from a data set that has some")
    _check_cells(frame, kind, source)
    twice = frame["image"][frame["image"].duplicated()]
    if len(twice):
        raise UserError(
            f"{source} lists {len(twice):,} images more than once (first: {shortened(twice.iloc[0])}); "
            "keep one row an image"
        )


def stays_below(path: object) -> bool:
    """Whether a path is relative and does not climb: of whatever list it comes, it names something in its folder.

    A link that somebody made there may lead elsewhere; that is theirs to decide, and usual with large data sets.
    """
    parts = PurePosixPath(str(path)).parts
    return ".." not in parts and not str(path).startswith("/") and not set(str(path)) & set("\\\0")


def _check_cells(frame: pd.DataFrame, kind: _Kind, source: str) -> None:
    for column in kind.columns:
        cells = frame[column]
        if column in kind.labels:
            wrong, expected = ~cells.isin((0, 1)), "0 or 1"
        elif column in kind.values:
            wrong, expected = ~cells.isin(kind.values[column]), " or ".join(kind.values[column])
        elif column in kind.text:
            wrong = cells.map(lambda cell: not isinstance(cell, str)).astype(bool)
            if column not in _MAY_BE_EMPTY:
                wrong |= cells == ""
            expected = "text"
            if column == "path" and not wrong.any():
                wrong = ~cells.map(stays_below).astype(bool)
                expected = "a place below the data folder"
            elif column == "outlines" and not wrong.any():
                from xray_keras.datasets import outlines  # of scenes alone: it brings a library of geometry

                wrong = ~cells.map(outlines.is_written).astype(bool)
                expected = "outlines (x y x y x y …)"
        else:
            least = 1 if column in ("width", "height") else 0
            whole = pd.api.types.is_integer_dtype(cells)
            wrong = ~cells.between(least, _LARGEST) if whole else pd.Series(True, index=cells.index)
            expected = "whole numbers" + (f" from {least} to {_LARGEST:,}" if whole else "")
        if wrong.any():
            row = int(wrong.to_numpy().argmax())
            raise UserError(
                f"{source}, row {row + 1}, column {column} holds {shortened(repr(cells.tolist()[row]))} instead of "
                f"{expected}; rebuild the manifest"
            )


def read(path: Path | str) -> pd.DataFrame:
    """Read a manifest that `write` wrote, with the same dtypes: str, int64, and int8 for labels.

    Raises:
        UserError: the file is absent, malformed or not a manifest.
    """
    try:
        frame = text_table.cells(path, dict.fromkeys(_TEXT, "str"))
        seals.check(path)
    except FileNotFoundError:
        raise UserError(f"{path} is absent; write the manifest first") from None
    except (Damaged, OSError) as error:
        raise UserError(f"{path} is damaged ({reason(error)}); delete it and rebuild the manifest") from None
    validate(frame, str(path))
    return _normal(frame)


def write(frame: pd.DataFrame, path: Path | str) -> None:
    """Write `frame` atomically as CSV; the file's SHA-256 is `fingerprint(frame)`.

    Raises:
        UserError: `frame` is not a manifest, or the file cannot be written.
    """
    validate(frame, f"the manifest for {path}")
    with files.publish(path) as temporary:
        temporary.write_bytes(_csv(frame))


def fingerprint(frame: pd.DataFrame) -> str:
    """SHA-256 (64 hexadecimal digits) of the content: every cell and the order of the rows, not the index."""
    return hashlib.sha256(_csv(frame)).hexdigest()


def labelled(frame: pd.DataFrame) -> pd.Series:
    """Boolean, aligned to `frame.index`, of a ChestX-ray14 manifest: at least one finding is present."""
    return frame[list(FINDINGS)].any(axis=1)


def class_counts(frame: pd.DataFrame) -> dict[str, int]:
    """Images a finding of a ChestX-ray14 manifest, in the order of `FINDINGS`."""
    return {finding: int(frame[finding].sum()) for finding in FINDINGS}


def _normal(frame: pd.DataFrame) -> pd.DataFrame:
    kind = _kind(frame)
    return frame[list(kind.columns)].astype({column: kind.dtype(column) for column in kind.columns})


def _csv(frame: pd.DataFrame) -> bytes:
    text = io.StringIO(newline="")
    _normal(frame).to_csv(text, index=False, lineterminator="\n")
    return text.getvalue().encode()
