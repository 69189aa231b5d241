"""How well an exported text network does on pictures that it has never seen, of other collections: for its card."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from xray_keras.datasets import populations
from xray_keras.datasets.manifest import TEXT
from xray_keras.evaluation import bootstrap, intervals, metrics
from xray_keras.evaluation.metrics import Cell, cell
from xray_keras.export import parity
from xray_keras.textfilter.network import with_text

METRICS = ("recall", "precision", "f1")
_AT_ONCE = 32  # pictures
_RESAMPLES = 1000


def measured(graph: onnx.ModelProto, short_edge: int, threshold: float, data: Path) -> list[dict[str, Any]]:
    """Metrics on all pictures of the scene sets below `data`, training and test parts alike.

    Args:
        graph: see `text_filter.convert`.
        short_edge: pixels. threshold: of a region.
        data: folder of data sets, none of which the network has learned from.

    Returns:
        One entry a metric, see `entries`.

    Raises:
        UserError: see `populations.build`; a picture cannot be read.
    """
    population = {
        "dataset": "scene_text",
        "images": "all",
        "max_images": None,
        "data": str(data),
        "missing": "skip",
    }
    frame, summary = populations.build(population)
    source, session = populations.source(population), parity.session(graph)
    found = []
    for start in range(0, len(frame), _AT_ONCE):
        for picture in source.images(frame.iloc[start : start + _AT_ONCE], short_edge):
            (regions,) = session.run(["regions"], {"image": picture[np.newaxis].astype(np.float32)})
            found.append((float(regions.max()), bool(with_text(regions, threshold).any())))
    scores, called = np.transpose(found)
    text = frame[TEXT].to_numpy(np.float64)
    sets = ", ".join(
        f"{each['images']} of {name}" for name, each in summary["sets"].items() if each["images"]
    )
    on = f"{len(frame)} pictures ({sets}), {int(text.sum())} with text, none of them learned from"
    return entries(cells(text, scores, called), on)


def cells(text: np.ndarray, scores: np.ndarray, called: np.ndarray) -> dict[str, Cell]:
    """AUC, recall, precision and F1 with 95 % intervals; each picture is its own cluster.

    Args:
        text: (N,), 1 with text, 0 without. scores: (N,). called: (N,), 1 where the filter says text.
    """
    clusters = np.arange(len(text))
    area = intervals.auc(text, scores, clusters)
    counted = metrics.counts(text, called, 0.5, clusters)
    resampled = metrics.ratios(bootstrap.totals(bootstrap.weights(len(text), _RESAMPLES, 0), counted))
    at_threshold = metrics.at_threshold(counted, resampled)
    return {
        "auc": cell(area.value, area.interval, area.method),
        **{name: at_threshold[name] for name in METRICS},
    }


def entries(found: Mapping[str, Cell], on: str) -> list[dict[str, Any]]:
    """Cells as a card lists them: "metric", "value", "interval" and "on", the pictures."""
    return [
        {"metric": name, "value": each["value"], "interval": each["interval"], "on": on}
        for name, each in found.items()
    ]
