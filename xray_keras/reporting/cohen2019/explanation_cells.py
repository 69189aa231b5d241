"""What the page of explanations counts: scores by finding and method, and their differences."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd

from xray_keras.datasets.findings import FINDINGS
from xray_keras.evaluation import localisation

METHODS = {
    "saliency": "saliency of the finding",
    "saliency_all": "saliency of all outputs",
    "cam": "CAM of the finding",
    "cam_all": "CAM of all outputs",
    "grad_cam": "Grad-CAM of the finding",
    "centre": "centred blob",
    "prior": "mean training region",
}
BASELINES = ("centre", "prior")
ALL = "all"


def tidy(frame: pd.DataFrame) -> pd.DataFrame:
    """Every number of the page, one a row.

    Args:
        frame: explanations.parquet.

    Returns:
        finding (or `ALL`), method, metric, images, patients, value, low, high, interval (its method), p. Metrics:
        "hit" (a share), means "iou", "inside", "beside", and over all findings differences such as "hit − centre".
    """
    columns = ["finding", "method", "metric", "images", "patients", "value", "low", "high", "interval", "p"]
    return pd.DataFrame(_cells(frame), columns=columns)


def _cells(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    known = [finding for finding in FINDINGS if (frame["finding"] == finding).any()]
    for finding in (*known, ALL) if known else ():
        rows = frame if finding == ALL else frame[frame["finding"] == finding]
        for method in sorted(set(rows["method"])):
            scored = rows[rows["method"] == method]
            where = {
                "finding": finding,
                "method": method,
                "images": len(scored),
                "patients": scored["patient"].nunique(),
            }
            found: dict[str, Mapping[str, Any]] = {"hit": localisation.share(scored)}
            found |= {column: localisation.mean(scored, column) for column in ("iou", "inside", "beside")}
            for other in _compared(method) if finding == ALL else ():
                for column in ("hit", "iou") if (rows["method"] == other).any() else ():
                    found[f"{column} − {other}"] = localisation.difference(rows, method, other, column)
            for metric, cell in found.items():
                low, high = cell["interval"] or (None, None)
                yield {**where, "metric": metric, "value": cell["value"], "low": low, "high": high,
                       "interval": cell["method"], "p": cell.get("p")}  # fmt: skip


def _compared(method: str) -> tuple[str, ...]:
    """What a method is compared with: the baselines, and the gradient with CAM, as the paper does."""
    return () if method in BASELINES else (*BASELINES, "cam") if method == "saliency" else BASELINES


def methods(cells: pd.DataFrame) -> list[str]:
    """Those that have numbers, in the order of `METHODS`."""
    return [method for method in METHODS if (cells["method"] == method).any()]


def of(cells: pd.DataFrame, method: str, metric: str, write: Callable[[pd.Series], str] | None = None) -> str:
    """A number over all findings, or a dash."""
    found = cells[(cells["finding"] == ALL) & (cells["method"] == method) & (cells["metric"] == metric)]
    return (write or number)(found.iloc[0]) if len(found) else "–"


def number(row: pd.Series) -> str:
    """ "0.62 [0.50–0.73]"."""
    if pd.isna(row["value"]):
        return "–"
    return f"{row['value']:.2f}" + ("" if pd.isna(row["low"]) else f" [{row['low']:.2f}–{row['high']:.2f}]")


def signed(row: pd.Series) -> str:
    """ "+0.12 [+0.02 to +0.22], p 0.014"."""
    if pd.isna(row["value"]):
        return "–"
    text = f"{row['value']:+.2f}"
    if not pd.isna(row["low"]):
        text += f" [{row['low']:+.2f} to {row['high']:+.2f}], p {row['p']:.3f}"
    return text.replace("-", "−")
