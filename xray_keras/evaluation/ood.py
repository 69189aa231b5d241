"""How well a score tells foreign images from those of the training distribution, with 95 % intervals.

The frame of these functions has one row an image: `image`, `patient`, `set` ("chest": images of the training
distribution that were held out of training), `split`, `group` ("chest", "accept", "reject"), `pneumonia` (0, 1, or −1
where unknown), and scores ``s_<detector>``, larger is more outlying.

- AUROC and AUPR take foreign images as positive (Hendrycks & Gimpel, ICLR 2017, their "AUPR Out"); AUPR is the average
  precision, which depends on how many images either side has.
- FPR95: the cut-off is the smallest score that 95 % of the chest images do not exceed; FPR95 is the share of foreign
  images that it lets pass. Chest images are the positives here, as in ODIN (Liang et al., ICLR 2018) and as a gate
  works; Hendrycks et al. (ICLR 2019) turn the sides round.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from xray_keras.errors import Damaged, UserError, reason
from xray_keras.evaluation import bootstrap, intervals, parquet, predictions
from xray_keras.evaluation.metrics import Cell, cell

CHEST, ACCEPT, REJECT = "chest", "accept", "reject"
ALL_REJECTED = "all rejected sets"
AUROC, AUPR, FPR95, PASSED = "AUROC", "AUPR", "FPR95", "passed"
KEPT = 0.95  # share of chest images that the cut-off lets pass
COLUMNS = ("image", "patient", "set", "split", "group", "pneumonia")


def read(path: Path) -> pd.DataFrame:
    """The scores that the stage "ood" left.

    Raises:
        UserError: the file is absent, damaged, or lacks columns, scores or test images.
    """
    try:
        frame = parquet.read(path)
    except FileNotFoundError:
        raise UserError(f"{path} is absent; run the stage ood first") from None
    except (Damaged, OSError) as error:
        raise UserError(
            f"{path} is damaged ({reason(error)}); delete it and run the stage ood again"
        ) from None
    check(frame, str(path))
    return frame


def check(frame: pd.DataFrame, source: str) -> None:
    """Raise a UserError unless the frame has the columns, finite scores and held-out chest images."""
    missing = [name for name in COLUMNS if name not in frame]
    if missing or not detectors(frame):
        raise UserError(
            f"{source} lacks {', '.join(missing) or 'scores (s_<detector>)'}; run the stage ood again"
        )
    if frame[[f"s_{name}" for name in detectors(frame)]].isna().to_numpy().any():
        raise UserError(f"{source} holds scores that are no numbers; run the stage ood again")
    if chest(frame).empty or (frame["group"] == CHEST).all():
        raise UserError(
            f"{source} needs test images of the run's own and of another set; run the stage ood again"
        )


def detectors(frame: pd.DataFrame) -> list[str]:
    """The detectors whose scores a frame holds, in its order."""
    return [str(name)[2:] for name in frame if str(name).startswith("s_")]


def sets(frame: pd.DataFrame) -> dict[str, str]:
    """Foreign sets and their groups, those to accept first, then in the order of the frame."""
    foreign = frame[frame["group"] != CHEST].drop_duplicates("set")
    pairs = dict(zip(foreign["set"], foreign["group"], strict=True))
    return dict(sorted(pairs.items(), key=lambda pair: pair[1] != ACCEPT))


def chest(frame: pd.DataFrame, split: str = "test") -> pd.DataFrame:
    """The run's own held-out images of a split."""
    return frame[(frame["group"] == CHEST) & (frame["split"] == split)]


def cut_off(scores: np.ndarray) -> float:
    """The smallest score that 95 % of `scores` (N,) do not exceed."""
    return float(np.sort(scores)[_last_kept(len(scores))])


def summarise(frame: pd.DataFrame, *, resamples: int = 1000, seed: int = 0) -> pd.DataFrame:
    """Every detector on every foreign set, and on all sets to reject together, against the chest test images.

    Returns:
        One number a row: detector, set, group, metric (AUROC, AUPR, FPR95), value, low, high, method, reason (why an
        end is missing, or None), inside and outside (images), all of them also where there is no interval.

    Raises:
        UserError: see `check`.
    """
    check(frame, "the frame")
    inside = chest(frame)
    foreign = {name: frame[frame["set"] == name] for name in sets(frame)}
    rejected = frame[frame["group"] == REJECT]
    if rejected["set"].nunique() > 1:
        foreign[ALL_REJECTED] = rejected
    rows = []
    for name, outside in foreign.items():
        both = pd.concat([inside, outside])
        clusters = predictions.clusters(both)
        weights = bootstrap.weights(int(clusters.max()) + 1, resamples, seed)
        for detector in detectors(frame):
            found = compare(both[f"s_{detector}"].to_numpy(np.float64), len(inside), clusters, weights)
            for metric, number in found.items():
                low, high = number["interval"] or (None, None)
                rows.append(
                    {
                        "detector": detector,
                        "set": name,
                        "group": outside["group"].iloc[0],
                        "metric": metric,
                        "value": number["value"],
                        "low": low,
                        "high": high,
                        "method": number["method"],
                        "reason": number["reason"],
                        "inside": len(inside),
                        "outside": len(outside),
                    }
                )
    return pd.DataFrame(rows)


def compare(scores: np.ndarray, inside: int, clusters: np.ndarray, weights: np.ndarray) -> dict[str, Cell]:
    """AUROC, AUPR and FPR95 of scores (N,), of which the first `inside` are of chest images.

    Args:
        scores: larger is more outlying.
        inside: number of chest images.
        clusters: patient of each image, int (N,).
        weights: bootstrap weights (B, G).
    """
    foreign = (np.arange(len(scores)) >= inside).astype(np.float64)
    area = intervals.auc(foreign, scores, clusters)
    _, resampled = bootstrap.ranking(foreign, scores, clusters, weights)
    once = np.ones((1, int(clusters.max()) + 1), np.uint16)
    _, precision = bootstrap.ranking(foreign, scores, clusters, once)
    spread, reason = bootstrap.interval(resampled)
    return {
        AUROC: cell(area.value, area.interval, area.method),
        AUPR: cell(precision[0], spread, "bootstrap", reason),
        FPR95: _passed_at_95(scores, inside, clusters, weights),
    }


def passed(frame: pd.DataFrame, detector: str, threshold: float) -> pd.DataFrame:
    """Share of the chest test images and of each foreign set that a fixed threshold lets pass.

    Returns:
        One row a set: detector, set, group, metric "passed", value, low, high (Wilson's interval, widened for images
        of one patient), outside (images).
    """
    parts = {CHEST: chest(frame)} | {name: frame[frame["set"] == name] for name in sets(frame)}
    rows = []
    for name, part in parts.items():
        kept = (part[f"s_{detector}"] <= threshold).to_numpy()
        low, high = _wilson(kept, predictions.clusters(part))
        rows.append(
            {
                "detector": detector,
                "set": name,
                "group": part["group"].iloc[0],
                "metric": PASSED,
                "value": float(kept.mean()),
                "low": low,
                "high": high,
                "method": "wilson",
                "reason": None,
                "outside": len(part),
            }
        )
    return pd.DataFrame(rows)


def _last_kept(count: int) -> int:
    """Index, among sorted scores, of the cut-off."""
    return int(np.ceil(round(KEPT * count, 9))) - 1


def _passed_at_95(scores: np.ndarray, inside: int, clusters: np.ndarray, weights: np.ndarray) -> Cell:
    """FPR95; its interval knows that the cut-off was estimated too, but for the ends, where it is Wilson's."""
    kept = scores[inside:] <= cut_off(scores[:inside])
    value = float(kept.mean())
    if value in (0, 1):
        return cell(value, _wilson(kept, clusters[inside:]), "wilson", "the cut-off is taken as known")
    resampled = np.concatenate(list(_resampled_passes(scores, inside, clusters, weights)))
    spread, reason = bootstrap.interval(resampled)
    return cell(value, spread, "bootstrap", reason)


def _resampled_passes(
    scores: np.ndarray, inside: int, clusters: np.ndarray, weights: np.ndarray
) -> Iterator[np.ndarray]:
    """FPR95 of each resample, in parts; NaN where a side was not drawn."""
    own, foreign = np.argsort(scores[:inside]), inside + np.argsort(scores[inside:])
    cuts, rising = scores[own], scores[foreign]
    step = max(1, 2_000_000 // len(scores))
    for start in range(0, len(weights), step):
        part = weights[start : start + step]
        of_own = np.cumsum(part[:, clusters[own]], axis=1, dtype=np.int64)
        of_foreign = np.cumsum(part[:, clusters[foreign]], axis=1, dtype=np.int64)
        drawn = (of_own[:, -1] > 0) & (of_foreign[:, -1] > 0)
        needed = np.ceil(np.round(KEPT * of_own[:, -1], 9))
        last = (of_own < needed[:, np.newaxis]).sum(axis=1)
        below = np.searchsorted(rising, cuts[np.minimum(last, inside - 1)], "right")
        counted = np.concatenate([np.zeros((len(part), 1), np.int64), of_foreign], axis=1)
        hits = np.take_along_axis(counted, below[:, np.newaxis], axis=1)[:, 0]
        yield np.where(drawn, hits / np.maximum(of_foreign[:, -1], 1), np.nan)


def _wilson(hits: np.ndarray, clusters: np.ndarray) -> intervals.Interval:
    _, numbers = np.unique(clusters, return_inverse=True)
    effect = intervals.design_effect(np.bincount(numbers, hits), np.bincount(numbers))
    return intervals.wilson(hits.sum() / effect, len(hits) / effect)
