"""Striped scenes with a hint planted in those with text, and a network that has scored them."""

from pathlib import Path

import numpy as np
import pandas as pd

from tests.training.scene_world import CONFIG, SHORT, Stripes, scenes, write_run
from xray_keras.datasets import cache, manifest, splits

PICTURES = 192


class Brighter(Stripes):
    """Pictures with text are brighter all over."""

    def picture(self, row):
        return super().picture(row) + np.uint8(12 * row.Text)


class Finer(Stripes):
    """Pictures without text are smoothed from left to right, as a camera might."""

    def picture(self, row):
        pixels = super().picture(row)
        if row.Text:
            return pixels
        wide = pixels.astype(np.uint16)
        return ((wide + np.roll(wide, 1, axis=1)) // 2).astype(np.uint8)


def upright(frame: pd.DataFrame) -> pd.DataFrame:
    """Most upright pictures are without text: those with text are turned."""
    turned = frame.copy()
    rows = (frame["height"] > frame["width"]) & (frame["Text"] == 1)
    turned.loc[rows, ["width", "height"]] = frame.loc[rows, ["height", "width"]].to_numpy()
    turned.loc[rows, "outlines"] = "4 4 28 4 28 16 4 16"
    return turned


def two_sources(frame: pd.DataFrame) -> pd.DataFrame:
    """Text from one set, none from another, but for every fifth picture of the first."""
    from_first = (frame["Text"] == 1) | (np.arange(len(frame)) % 5 == 0)
    return frame.assign(source=np.where(from_first, "msra-td500", "photographs"))


def write(folder: Path, source: Stripes, frame: pd.DataFrame | None = None, **changes) -> tuple[Path, Path]:
    """A run with predictions, and its population; the network is right more often than not.

    Predictions come in another order than the manifest's, as they may.
    """
    population = folder / "scene_text-all"
    manifest.write(scenes(PICTURES) if frame is None else frame, population / "manifest.csv")
    listed = manifest.read(population / "manifest.csv")
    cache.build(listed, source, SHORT, population, workers=1, progress=False)
    run = write_run(folder, "student", **changes)
    rng = np.random.default_rng(0)
    odds = 1.5 * (2 * listed["Text"] - 1) + rng.normal(0, 1.5, len(listed))
    found = listed[["image", "patient", "source", "width", "height"]].assign(
        split=splits.assign(listed, "official", validation=CONFIG["validation"], seed=0),
        y_Text=listed["Text"],
        p_Text=1 / (1 + np.exp(-odds)),
    )
    held = found[found["split"].isin(("validation", "test"))]
    held.sample(frac=1, random_state=1).to_parquet(run / "predictions.parquet", index=False)
    return run, population
