"""How a classifier fares on the images that an outlier cut-off retains, as the cut-off tightens (cohen2019 Figure 6).

The frame is that of `ood`: rows of one set whose `pneumonia` is known, with a classifier's probability beside the
scores.
"""

import numpy as np
import pandas as pd

from xray_keras.evaluation import bootstrap, intervals, predictions
from xray_keras.evaluation.metrics import Cell, cell


def tightened(frame: pd.DataFrame, detector: str, p: str, shares: np.ndarray) -> pd.DataFrame:
    """A classifier's performance on the images that a tightening cut-off retains (Figure 6).

    Args:
        frame: rows of one set whose `pneumonia` is known.
        detector: whose score is cut off.
        p: column of the classifier's probability.
        shares: of the images to retain, each in (0, 1].

    Returns:
        One row a share: cut_off, retained (share), images, positives, auc, low, high; auc is NaN where one class is
        left.
    """
    score, truth = frame[f"s_{detector}"].to_numpy(np.float64), frame["pneumonia"].to_numpy() == 1
    clusters = predictions.clusters(frame)
    rows = []
    for share in shares:
        limit = float(np.sort(score)[max(1, round(share * len(score))) - 1])
        kept = score <= limit
        auc = low = high = np.nan
        if 0 < truth[kept].sum() < kept.sum():
            _, numbers = np.unique(clusters[kept], return_inverse=True)
            area = intervals.auc(truth[kept].astype(np.float64), frame[p].to_numpy()[kept], numbers)
            auc, (low, high) = area.value, area.interval
        rows.append(
            {
                "cut_off": limit,
                "retained": float(kept.mean()),
                "images": int(kept.sum()),
                "positives": int(truth[kept].sum()),
                "auc": auc,
                "low": low,
                "high": high,
            }
        )
    return pd.DataFrame(rows)


def gain(
    frame: pd.DataFrame, detector: str, p: str, share: float, *, resamples: int = 1000, seed: int = 0
) -> Cell:
    """AUC on the `share` of images with the smallest scores, less the AUC on all: its value and bootstrap interval.

    Arguments as in `tightened`; both AUCs come from the same resamples, patients drawn whole, at a fixed cut-off.
    """
    limit = tightened(frame, detector, p, np.array([share]))["cut_off"].iloc[0]
    kept = (frame[f"s_{detector}"] <= limit).to_numpy()
    truth, probability = frame["pneumonia"].to_numpy(np.float64), frame[p].to_numpy(np.float64)
    if not 0 < truth[kept].sum() < kept.sum():
        return cell(None, reason="one class is left")
    clusters = predictions.clusters(frame)
    groups = int(clusters.max()) + 1
    drawn = np.vstack([np.ones((1, groups), np.uint16), bootstrap.weights(groups, resamples, seed)])
    whole, _ = bootstrap.ranking(truth, probability, clusters, drawn)
    part, _ = bootstrap.ranking(truth[kept], probability[kept], clusters[kept], drawn)
    spread, reason = bootstrap.interval((part - whole)[1:])
    return cell(part[0] - whole[0], spread, "bootstrap", reason)
