"""The manifest: one row an image, the only form in which a data set reaches the rest of the suite."""

import hashlib
import io
from pathlib import Path

import pandas as pd

from xray_keras import files
from xray_keras.datasets.findings import FINDINGS
from xray_keras.errors import UserError

TEXT = ("image", "patient", "path", "sex", "view", "official_split")
COLUMNS = ("image", "patient", "path", "follow_up", "age", "sex", "view", "official_split", *FINDINGS)
_VALUES = {"sex": ("M", "F"), "view": ("PA", "AP"), "official_split": ("train_val", "test")}
_DTYPES = {
    column: "str" if column in TEXT else "int8" if column in FINDINGS else "int64" for column in COLUMNS
}


def validate(frame: pd.DataFrame, source: str = "the manifest") -> None:
    """Check that `frame` is a manifest: its columns, unique images, whole numbers, labels 0 or 1.

    Args:
        frame: one row an image, columns `COLUMNS` in any order.
        source: what to name in the error, usually a path.

    Raises:
        UserError: the first thing that is wrong, with the row or column.
    """
    missing = [column for column in COLUMNS if column not in frame.columns]
    unknown = [str(column) for column in frame.columns if column not in COLUMNS]
    if missing or unknown:
        faults = [f"lacks {', '.join(missing)}"] if missing else []
        faults += [f"has unknown {', '.join(unknown)}"] if unknown else []
        raise UserError(
            f"{source} {' and '.join(faults)}: its columns must be {', '.join(COLUMNS)}; rebuild it"
        )
    if frame.columns.has_duplicates:
        raise UserError(f"{source} names a column twice; rebuild it")
    if frame.empty:
        raise UserError(f"{source} lists no image; rebuild it from a data set that has some")
    _check_cells(frame, source)
    twice = frame["image"][frame["image"].duplicated()]
    if len(twice):
        raise UserError(
            f"{source} lists {len(twice):,} images more than once (first: {twice.iloc[0]}); "
            "keep one row an image"
        )


def _check_cells(frame: pd.DataFrame, source: str) -> None:
    for column in COLUMNS:
        cells = frame[column]
        if column in FINDINGS:
            wrong, expected = ~cells.isin((0, 1)), "0 or 1"
        elif column in _VALUES:
            wrong, expected = ~cells.isin(_VALUES[column]), " or ".join(_VALUES[column])
        elif column in TEXT:
            wrong = cells.map(lambda cell: not isinstance(cell, str)).astype(bool)
            if column != "path":  # computed images have no file
                wrong |= cells == ""
            expected = "text"
        else:
            wrong = pd.Series(not pd.api.types.is_integer_dtype(cells), index=cells.index)
            expected = "whole numbers"
        if wrong.any():
            row = int(wrong.to_numpy().argmax())
            raise UserError(
                f"{source}, row {row + 1}, column {column} holds {cells.tolist()[row]!r} instead of {expected}; "
                "rebuild the manifest"
            )


def read(path: Path | str) -> pd.DataFrame:
    """Read a manifest that `write` wrote, with the same dtypes: str, int64, and int8 for findings.

    Raises:
        UserError: the file is absent, malformed or not a manifest.
    """
    try:
        frame = pd.read_csv(path, dtype=dict.fromkeys(TEXT, "str"), keep_default_na=False, encoding="utf-8")
    except FileNotFoundError:
        raise UserError(f"{path} is absent; write the manifest first") from None
    except (ValueError, OSError) as error:  # pandas' parser errors are ValueErrors
        reason = str(error).strip().splitlines()[0]
        raise UserError(f"{path} is not a readable CSV ({reason}); rebuild the manifest") from None
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
    """Boolean, aligned to `frame.index`: at least one finding is present."""
    return frame[list(FINDINGS)].any(axis=1)


def class_counts(frame: pd.DataFrame) -> dict[str, int]:
    """Images a finding, in the order of `FINDINGS`."""
    return {finding: int(frame[finding].sum()) for finding in FINDINGS}


def _normal(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[list(COLUMNS)].astype(_DTYPES)


def _csv(frame: pd.DataFrame) -> bytes:
    text = io.StringIO(newline="")
    _normal(frame).to_csv(text, index=False, lineterminator="\n")
    return text.getvalue().encode()
