"""What COVID-Xray-5k takes from a collection of radiographs without COVID-19: rows of one category each, and counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from xray_keras.datasets.findings import NO_FINDING


@dataclass(frozen=True)
class Summary:
    """What the collection lists and what of it is used; plain values, for reports."""

    rows: int
    patients: int
    single: int
    """Images on disk with exactly one of the collection's categories."""
    left_out: Mapping[str, int]
    """Rows by the first reason that excludes them."""


def frame(
    source: str, *, image: Sequence[str], patient: Sequence[str], path: Sequence[str], finding: Sequence[str]
) -> pd.DataFrame:
    """One row an image: image, patient ("<source>/…"), path, source, group ("normal" or "other"), finding.

    Args:
        source: the collection.
        image, patient, path, finding: of each image; the path is below the data folder.
    """
    return pd.DataFrame(
        {
            "image": list(image),
            "patient": [f"{source}/{one}" for one in patient],
            "path": list(path),
            "source": source,
            "group": np.where(np.asarray(finding) == NO_FINDING, "normal", "other"),
            "finding": list(finding),
        }
    )
