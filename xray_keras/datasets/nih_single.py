"""NIH ChestX-ray14 as a source of negatives: images without finding, and images with a single one.

Thirteen findings, as many as CheXpert has categories besides "No Finding": the release's rarest, of which it does not
hold enough single-label images, stays out.
"""

from pathlib import Path
from typing import Literal

import pandas as pd

from xray_keras.datasets import manifest, negatives, nih
from xray_keras.datasets.findings import FINDINGS, NO_FINDING
from xray_keras.datasets.negatives import Summary

SOURCE = "nih"
RAREST = "Hernia"
CATEGORIES = (NO_FINDING, *(finding for finding in FINDINGS if finding != RAREST))


def read(data: Path, missing: Literal["error", "skip"] = "error") -> tuple[pd.DataFrame, Summary]:
    """Images with exactly one of `CATEGORIES`.

    Args:
        data: folder that holds `nih.FOLDER`.
        missing: whether listed images that are absent from the disk are an error, or skipped and counted.

    Returns:
        One row an image, in the order of the release: image, patient ("nih/00000013"), path (below `data`), source,
        group ("normal" or "other"), finding. And the counts: every listed image is a row or is counted once.

    Raises:
        UserError: see `nih.Release.read_manifest`.
    """
    listed, counts = nih.Release(data / nih.FOLDER).read_manifest(missing)
    present = listed[list(FINDINGS)]
    number = present.sum(axis=1)
    several, rarest = number > 1, (number == 1) & (present[RAREST] == 1)
    kept = listed[~several & ~rarest]
    finding = present.loc[kept.index].idxmax(axis=1).where(manifest.labelled(kept), NO_FINDING)
    frame = negatives.frame(
        SOURCE,
        image=kept["image"].tolist(),
        patient=kept["patient"].str.zfill(8).tolist(),
        path=(f"{nih.FOLDER}/" + kept["path"]).tolist(),
        finding=finding.tolist(),
    )
    left_out = {
        "file missing": counts.missing,
        "several findings": int(several.sum()),
        f"{RAREST} alone": int(rarest.sum()),
    }
    return frame, Summary(counts.images_listed, counts.patients, len(frame), left_out)
