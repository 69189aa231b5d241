"""Operating points and AUCs of minaee2020 in numbers: hits of both classes, Equation 3, the rows of a page's CSV."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from xray_keras.evaluation import intervals, thresholds
from xray_keras.evaluation.thresholds import OperatingPoint
from xray_keras.papers import loader
from xray_keras.papers.printed import Printed
from xray_keras.reporting.minaee2020.networks import PAPER


def half_width(hits: int, n: int) -> float:
    """Of Equation 3, with the printed z."""
    z = Printed(loader.load(PAPER)["settings"]["evaluation"]["z"]).value
    return thresholds.normal_half_width(hits / n, n, z)


def sides(point: OperatingPoint | None) -> tuple[tuple[str, int, int], tuple[str, int, int]]:
    """Printed column, hits and images of both classes; no images without a point."""
    if point is None:
        return ("Sensitivity", 0, 0), ("Specificity", 0, 0)
    return ("Sensitivity", point.tp, point.positives), ("Specificity", point.tn, point.negatives)


def cells(
    where: Mapping[str, Any], point: OperatingPoint, printed: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """An operating point in the tidy form: both rates, each with both intervals."""
    for metric, hits, n in sides(point):
        half = half_width(hits, n)
        for method, (low, high) in (
            ("equation 3", (hits / n - half, hits / n + half)),
            ("clopper-pearson", thresholds.clopper_pearson(hits, n)),
        ):
            yield {
                **where,
                "threshold": point.threshold,
                "metric": metric,
                "printed": printed.get(metric),
                "value": hits / n,
                "low": low,
                "high": high,
                "method": method,
                "hits": hits,
                "images": n,
            }


def area_cell(where: Mapping[str, Any], metric: str, area: intervals.Auc) -> dict[str, Any]:
    """An AUC in the tidy form."""
    low, high = area.interval
    return {**where, "metric": metric, "value": area.value, "low": low, "high": high, "method": area.method}


def tidy(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """One number a row; counts stay whole where others have none."""
    return pd.DataFrame(list(map(dict, rows))).astype({"hits": "Int64", "images": "Int64"})
