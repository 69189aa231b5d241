"""Predictions, the interface between any framework and the evaluation: read, write, select, join.

One row an image: `image`, optionally `patient` and `split`, then ``y_<label>`` (0/1) and ``p_<label>``
(0 to 1) for each label. Parquet or CSV, by the file's suffix; further columns pass through untouched.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from xray_keras.errors import Damaged, UserError, reason
from xray_keras.evaluation import parquet
from xray_keras.evaluation.checks import check_labels, labels, validate
from xray_keras.files import publish

__all__ = ["check_labels", "clusters", "labels", "merge", "read", "rows", "same_images", "validate", "write"]


def read(path: Path | str) -> pd.DataFrame:
    """Read and validate predictions from ``.parquet`` or ``.csv``.

    Returns:
        the file's columns; `image`, `patient`, `split` as str, ``y_`` as int8, ``p_`` as float64.

    Raises:
        UserError: the file is absent, unreadable or not valid (see `checks.validate`).
    """
    path = Path(path)
    readers = {".parquet": _read_parquet, ".csv": _read_csv}
    if path.suffix.lower() not in readers:
        raise UserError(f"{path} is neither .parquet nor .csv; save the predictions as one of them")
    if not path.is_file():
        raise UserError(f"{path} is absent; run the prediction first, or correct the path")
    try:
        frame = readers[path.suffix.lower()](path)
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror or error}); check the file") from error
    validate(frame, str(path))
    truths, probabilities = ([f"{kind}_{label}" for label in labels(frame)] for kind in "yp")
    identity = [name for name in ("image", "patient", "split") if name in frame]
    # Through float64: "1.0" is a fine truth in a CSV, but no integer literal.
    frame = frame.astype(dict.fromkeys(truths + probabilities, "float64"))
    return frame.astype(dict.fromkeys(truths, "int8") | dict.fromkeys(identity, "str"))


def write(frame: pd.DataFrame, path: Path | str) -> None:
    """Validate `frame` and write it atomically as parquet, without the index.

    Raises:
        UserError: the predictions are not valid, or `path` cannot be written.
    """
    validate(frame, str(path))
    with publish(path) as temporary:
        frame.to_parquet(temporary, index=False)


def rows(frame: pd.DataFrame, split: str) -> pd.DataFrame:
    """The rows of "validation", "test" or "probe"; without a column `split` all rows are test rows."""
    if "split" not in frame:
        return frame if split == "test" else frame.iloc[:0]
    return frame[frame["split"] == split]


def clusters(frame: pd.DataFrame) -> np.ndarray:
    """Cluster of each row, int64 (N,) in 0 … G−1: its patient, or itself where no patient is given.

    Numbered in the order of the patients' names, so that the order of the rows does not matter.
    """
    column = "patient" if "patient" in frame else "image"
    codes, _ = pd.factorize(frame[column].astype(str), sort=True)
    return codes.astype(np.int64)


def same_images(frames: Sequence[pd.DataFrame], sources: Sequence[str] | None = None) -> list[pd.DataFrame]:
    """Bring frames of the same images into the row order of the first.

    Raises:
        UserError: a frame is not valid; two differ in images, patients, splits or in the truth of a
            shared label.
    """
    names = list(sources) if sources is not None else [f"predictions {i}" for i in range(1, len(frames) + 1)]
    for frame, name in zip(frames, names, strict=True):
        validate(frame, name)
    first = frames[0].reset_index(drop=True)
    aligned = [first]
    for frame, name in zip(frames[1:], names[1:], strict=True):
        other = set(frame["image"]).symmetric_difference(first["image"])
        if other:
            raise UserError(
                f"{names[0]} and {name} hold different images ({len(other)} in one only, such as "
                f"{min(other)!r}); predict the same split with both"
            )
        frame = frame.set_index("image").loc[first["image"]].reset_index()
        for column in ("patient", "split", *(f"y_{label}" for label in labels(first))):
            if (column in frame) != (column in first) and column in ("patient", "split"):
                raise UserError(f"only one of {names[0]} and {name} has a column {column!r}; give it to both")
            if column in frame and (differ := (frame[column] != first[column]).to_numpy()).any():
                image = first["image"].iloc[int(differ.argmax())]
                raise UserError(
                    f"{names[0]} and {name} disagree on {column} of image {image!r}; "
                    "predict both from the same manifest"
                )
        aligned.append(frame)
    return aligned


def merge(frames: Sequence[pd.DataFrame], sources: Sequence[str] | None = None) -> pd.DataFrame:
    """Join predictions of different labels for the same images, such as 14 single-label runs.

    Args:
        frames: at least one, each with its own labels; row order and further columns are the first's.
        sources: the files' names, for the sentence; "predictions 1", … by default.

    Raises:
        UserError: no frame; a label in two frames; else as `same_images`.
    """
    if not frames:
        raise UserError("there are no predictions to merge; run at least one model first")
    aligned = same_images(frames, sources)
    names = [label for frame in aligned for label in labels(frame)]
    for name in names:
        if names.count(name) > 1:
            raise UserError(
                f"the label {name!r} is in two of the predictions to merge; leave one of them out"
            )
    pairs = [frame[[f"{kind}_{name}" for name in labels(frame) for kind in "yp"]] for frame in aligned[1:]]
    return pd.concat([aligned[0], *pairs], axis=1)


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        return parquet.read(path)
    except Damaged as error:
        raise UserError(
            f"{path} is not a parquet file or is damaged ({error}); delete it and write it again"
        ) from error


def _read_csv(path: Path) -> pd.DataFrame:
    """Text cells; by hand, because pandas takes surplus cells of a row for an index, silently."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.reader(opened, strict=True)
            table = [(reader.line_num, row) for row in reader if row]
    except UnicodeDecodeError:
        raise UserError(f"{path} is not UTF-8 text; save it as CSV in UTF-8") from None
    except csv.Error as error:
        raise UserError(f"{path} is a malformed CSV ({reason(error)}); save it again") from error
    if not table:
        raise UserError(f"{path} is empty; run the prediction again, or remove the file")
    header = [name.strip() for name in table[0][1]]
    if len(header) > parquet.MOST_COLUMNS:
        raise UserError(f"{path} has {len(header):,} columns; save those of {parquet.MOST_COLUMNS:,} at most")
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        raise UserError(
            f"{path} separates its columns by semicolons or tabs; save it with commas and decimal points"
        )
    for line, row in table[1:]:
        if len(row) != len(header):
            raise UserError(
                f"{path} has {len(row)} cells in line {line} but {len(header)} columns; "
                "check for decimal commas and cut lines"
            )
    return pd.DataFrame([row for _, row in table[1:]], columns=header, dtype=object)
