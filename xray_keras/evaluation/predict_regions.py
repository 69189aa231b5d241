"""Run a network of regions over the held-out scenes of its split. This module runs a model."""

from pathlib import Path

import numpy as np
import pandas as pd

from xray_keras import files
from xray_keras.datasets import region_labels
from xray_keras.evaluation import predictions
from xray_keras.evaluation.checks import SPLITS
from xray_keras.models import any_region, saved
from xray_keras.training import environment
from xray_keras.training.scene_data import open_scenes
from xray_keras.training.scene_feed import Feed

REGIONS = tuple(f"r{number:02d}" for number in range(region_labels.REGIONS))
"""Columns of the regions: 5×5 row by row, then 3×3 row by row."""
_CARRIED = ("source", "width", "height")  # of the manifest: what tells where a picture is from


def predict(run: Path, population: Path) -> None:
    """Write `<run>/predictions.parquet` for the validation and test pictures of a network of regions.

    Beside the usual columns: source, width and height of the original, and r00 to r33, the probability of text in each
    region, the greatest of which is `p_Text`.

    Args:
        run: a trained run: config.json and model.keras.
        population: folder with the manifest and the cache it was trained on.

    Raises:
        UserError: the model is absent or damaged, or the population has changed since.
    """
    config = files.read_json(run / "config.json")
    data = open_scenes(population, config)
    environment.prepare(config["seed"])
    feed = Feed(saved.load(run / "model.keras"), None, population, data, config)
    chosen = data.part(*SPLITS)
    found = np.empty((len(data.rows), len(REGIONS)), np.float32)
    for positions, x in feed.held_out(chosen):
        found[positions] = feed.trained(x, training=False)["regions"].numpy()
    rows = data.frame.iloc[chosen]
    (label,) = config["labels"]
    columns = {name: rows[name].to_numpy() for name in ("image", "patient", *_CARRIED)}
    columns |= {"split": data.split[chosen], f"y_{label}": data.targets[chosen, 0].astype("int8")}
    columns |= {f"p_{label}": np.asarray(any_region.probability(found[chosen]))}
    columns |= dict(zip(REGIONS, found[chosen].T, strict=True))
    predictions.write(pd.DataFrame(columns), run / "predictions.parquet")
