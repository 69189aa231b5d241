"""Phantom people for the audits of a generator's privacy."""

import numpy as np
import pandas as pd

from xray_keras.datasets.phantom.chest import Phantom

SIZE = 64


def pictures(seed: int, patients: int, each: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows of so many people, with so many images each at most, and the images."""
    phantom = Phantom(seed)
    rows = phantom.manifest(10 * patients).groupby("patient", sort=False).head(each)
    rows = rows[rows["patient"].isin(rows["patient"].unique()[:patients])].reset_index(drop=True)
    return rows, phantom.images(rows, SIZE)
