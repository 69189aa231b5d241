"""How often findings stand together in the NIH release: every label set with its number of images."""

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from xray_keras.datasets.findings import FINDINGS

_FILE = Path(__file__).with_name("nih_label_sets.csv")


@cache
def label_sets() -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int64]]:
    """The 801 distinct label sets of the NIH release and how many of its 112,120 images carry each.

    Counted from ``Data_Entry_2017_v2020.csv`` (Wang et al., CVPR 2017; NIH Clinical Center). Their marginals are
    the class counts printed by ali2019, section II.B.

    Returns:
        ``(sets, images)``: int8 (801, 14) in the order of ``FINDINGS``, and int64 (801,).
    """
    table = pd.read_csv(_FILE, keep_default_na=False)
    sets = np.array(
        [[finding in names.split("|") for finding in FINDINGS] for names in table["findings"]], np.int8
    )
    return sets, table["images"].to_numpy(np.int64)
