"""Where a finding is: NIH's hand-drawn boxes and the phantom's masks, as boolean images.

The boxes are those of BBox_List_2017.csv, drawn on images of 1024 px: about a thousand, of eight findings, all on
images of the official test list. The phantom has a mask for each finding of each image.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from xray_keras.datasets import nih, nih_files
from xray_keras.datasets.decoding import Source
from xray_keras.datasets.findings import FINDINGS
from xray_keras.datasets.phantom.chest import Phantom

BOX_SIDE = 1024
"""Pixels of the images that the boxes were drawn on."""


def absent(source: Source) -> str | None:
    """Why a source says of no finding where it is; None where it may."""
    if isinstance(source, Phantom):
        return None
    if not isinstance(source, nih.Release):
        return "nobody has outlined findings in these images"
    if not (source.root / nih_files.BOXES_FILE).is_file():
        return f"the release on disk has no {nih_files.BOXES_FILE}"
    return None


def outlined(source: Source, rows: pd.DataFrame, labels: Sequence[str]) -> pd.DataFrame:
    """Which findings, of those that are labelled as present, have a region in which image.

    Args:
        source: of a population, see `populations.source`.
        rows: of its manifest.
        labels: findings to look for; others are passed over.

    Returns:
        columns `row` (position in `rows`) and `finding`, by row, then in the order of `labels`; empty for a source
        without regions.

    Raises:
        UserError: the file of boxes is malformed.
    """
    labels = [label for label in labels if label in FINDINGS]
    present = rows[labels].to_numpy() == 1
    if absent(source) is not None:
        present[:] = False
    elif isinstance(source, nih.Release):
        boxes = source.boxes()
        drawn = set(zip(boxes["image"], boxes["finding"], strict=True))
        present &= [[(image, label) in drawn for label in labels] for image in rows["image"]]
    row, column = np.nonzero(present)
    return pd.DataFrame({"row": row, "finding": np.array(labels, object)[column]})


def masks(source: Source, rows: pd.DataFrame, findings: Sequence[str], size: int) -> np.ndarray:
    """The region of one finding an image.

    Args:
        source: see `outlined`.
        rows: of its manifest; an image may stand there several times.
        findings: as many as rows, each outlined in its image.
        size: side of the masks, pixels. Images are squashed to squares, so a box scales by one factor an axis.

    Returns:
        bool (B, size, size). Several boxes of one finding are united; a box that is smaller than a pixel is the
        pixel of its centre. A mask of the phantom may be empty: a finding can be too faint to show.
    """
    if isinstance(source, Phantom):
        columns = [FINDINGS.index(finding) for finding in findings]
        first, inverse = np.unique(rows["image"].to_numpy(str), return_index=True, return_inverse=True)[1:]
        return source.masks(rows.iloc[first], size)[inverse, columns]
    assert isinstance(source, nih.Release)
    found = np.zeros((len(rows), size, size), bool)
    drawn = dict(list(source.boxes().groupby(["image", "finding"])))
    for mask, image, finding in zip(found, rows["image"], findings, strict=True):
        for x, y, w, h in drawn[image, finding][["x", "y", "w", "h"]].to_numpy() * (size / BOX_SIDE):
            mask[_covered(y, h), _covered(x, w)] = True
    return found


def _covered(start: float, length: float) -> slice:
    """The pixels whose centres lie between, or the one in the middle."""
    first, end = round(start), round(start + length)
    if first == end:
        first = int(start + length / 2)
        end = first + 1
    return slice(first, end)
