"""Folders of phantom people's pictures, and the command that screens them."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from xray_keras.datasets.phantom.chest import Phantom
from xray_keras.evaluation import screening

RATE = 0.05
HELD_OUT = 60  # patients, an image each
FEW = {"training": 12, "held_out": 19, "further": 3}
PHANTOM = Phantom(21)


@cache
def parts() -> dict[str, pd.DataFrame]:
    """Rows of people: up to two a training patient; one of each held-out and further."""
    rows = PHANTOM.manifest(480)
    rows = rows[rows.groupby("patient").cumcount() < 2].reset_index(drop=True)
    names = np.random.default_rng(1).permutation(rows["patient"].unique())
    held_out, further, training = np.split(names, [HELD_OUT, 2 * HELD_OUT])
    single = ~rows["patient"].duplicated()
    return {
        "training": rows[rows["patient"].isin(training)],
        "held_out": rows[rows["patient"].isin(held_out) & single],
        "further": rows[rows["patient"].isin(further) & single],
    }


@cache
def people(part: str, count: int | None = None) -> tuple[np.ndarray, pd.DataFrame]:
    """The first images of a part, 64 px, and their rows; all by default."""
    rows = parts()[part].iloc[:count]
    return PHANTOM.images(rows, 64), rows


def few(part: str) -> np.ndarray:
    """The images that suffice for sets that are fast to screen."""
    return people(part, FEW[part])[0]


def save(folder: Path, images: Iterable[np.ndarray], names: Iterable[str]) -> None:
    for image, name in zip(images, names, strict=True):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / name)


def write_few(base: Path) -> Path:
    """12 training, 19 held-out and 3 generated pictures, the second a copy of training picture 4.

    Fast to screen; the others are two that this rule lets pass.
    """
    for part in ("training", "held_out"):
        images, rows = people(part, FEW[part])
        save(base / part, images, rows["image"])
    generated = [few("further")[0], few("training")[4][:, ::-1], few("further")[2]]
    save(base / "generated", generated, ["a.png", "deep/b.png", "c.png"])
    return base


def run(folder: Path, output: str = "screened.csv", **changed: Any) -> int:
    """Screen sets at the stated rate; some arguments changed."""
    named = {
        "generated": folder / "generated",
        "against": folder / "training",
        "held_out": folder / "held_out",
        "output": folder / output,
        "kept": None,
        "patients": None,
        "error_rate": RATE,
    } | changed
    return screening.command(**named)


def table(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype={"flagged": "str"}, keep_default_na=False)


def listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
