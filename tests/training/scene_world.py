"""Small scenes with stripes for text, a population of them, and runs that learn from it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from xray_keras import files
from xray_keras.datasets import cache, manifest, outlines
from xray_keras.datasets.outlines import Outline

SHORT = 48
SHAPES = ((48, 64), (80, 48), (48, 48), (48, 100))  # height, width of the originals
STUDENT = {"channels": [4, 4, 4, 4, 6, 6], "dimension": 8, "batch_norm_momentum": 0.8}
OPTIONS: dict[str, Any] = {"network": STUDENT, "rule": "area", "views": 0, "pictures_seed": 0}
CONFIG: dict[str, Any] = {
    "dataset": "scene_text", "images": "all", "max_images": None, "others": None, "max_others": None,
    "split": "official", "validation": 0.25, "share": 1.0, "labels": ["Text"], "trainer": "regions",
    "model": "text_student", "model_options": OPTIONS, "weights": None, "size": SHORT, "loss": "regions",
    "learning_rate": 1e-2, "batch_size": 4, "epochs": 4, "augmentation": "flip+rotation", "keep": "last",
    "patience": None, "schedule": "constant", "optimizer": "adam", "seed": 3, "precision": "float32", "uses": {},
    "scale": "demo", "variant": "sound",
}  # fmt: skip


class Stripes:
    """Gray noise, with black and white stripes where a text is outlined."""

    def images(self, rows: pd.DataFrame, size: int) -> list[np.ndarray]:
        assert (rows[["width", "height"]].min(axis=1) == size).all()
        return [self.picture(row) for row in rows.itertuples()]

    def picture(self, row: Any) -> np.ndarray:
        rng = np.random.default_rng(int(row.image))
        pixels = rng.integers(110, 140, (row.height, row.width, 3)).astype(np.uint8)
        for text in outlines.from_text(row.outlines):
            (left, top), (right, bottom) = (
                text.polygon.min(axis=0).astype(int),
                text.polygon.max(axis=0).astype(int),
            )
            pixels[top:bottom, left:right] = np.where(np.arange(right - left) % 4 < 2, 0, 255)[None, :, None]
        return pixels


def scenes(pictures: int = 48, times: int = 1, shapes: Sequence[tuple[int, int]] = SHAPES) -> pd.DataFrame:
    """A manifest: half of the pictures have one text, the last quarter are the test part; all `times` as large."""
    rng = np.random.default_rng(1)
    rows = []
    for number in range(pictures):
        height, width = (times * edge for edge in shapes[number % len(shapes)])
        left, top = int(rng.integers(0, width - 24)), int(rng.integers(0, height - 12))
        corners = np.array([[left, top], [left + 24, top], [left + 24, top + 12], [left, top + 12]], float)
        text = number // len(shapes) % 2
        rows.append(
            {
                "image": str(number),
                "patient": str(number),
                "path": "",
                "source": "rendered",
                "width": width,
                "height": height,
                "official_split": "train_val" if number < 0.75 * pictures else "test",
                "outlines": outlines.to_text([Outline(corners, False)]) if text else "",
                "Text": np.int8(text),
            }
        )
    return pd.DataFrame(rows)


def write_population(folder: Path, frame: pd.DataFrame | None = None) -> Path:
    """Manifest and cache in `<folder>/scene_text-all`."""
    population = folder / "scene_text-all"
    frame = scenes() if frame is None else frame
    manifest.write(frame, population / "manifest.csv")
    listed = manifest.read(population / "manifest.csv")
    short = int(listed[["width", "height"]].min(axis=1).iloc[0])
    cache.build(listed, Stripes(), short, population, workers=1, progress=False)
    return population


def write_run(folder: Path, name: str, options: dict[str, Any] | None = None, **changes: Any) -> Path:
    """A run's config.json; `options` change its `model_options`."""
    run = folder / "sound" / "zhao2019" / name
    config = {**CONFIG, **changes, "model_options": {**OPTIONS, **(options or {})}}
    files.write_json(run / "config.json", config)
    return run
