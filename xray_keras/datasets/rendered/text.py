"""The embedded default of the scene-text part: pictures with text in perspective, outlined, and pictures without."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image

from xray_keras.datasets.manifest import SCENE_COLUMNS
from xray_keras.datasets.outlines import Outline, to_text
from xray_keras.datasets.rendered.camera import photograph
from xray_keras.datasets.rendered.layout import Layout, layout
from xray_keras.datasets.rendered.paint import paint
from xray_keras.datasets.rendered.scene import scene
from xray_keras.errors import UserError

SOURCE = "rendered"
CITATION = (
    "Computed: no photograph. Fonts: DejaVu, STIX and Computer Modern (BaKoMa), as matplotlib brings them."
)
LICENCE = "That of this software; the fonts are freely licensed."
VERSION = 2  # of the pixels: raise it when the same row shows another picture, so that caches are made anew


@dataclass(frozen=True)
class Rendered:
    """Street scenes, walls, landscapes and rooms that nobody saw, half of them with text.

    A picture depends on `seed` and on its own number alone, whatever else is computed, and where. Pictures with and
    without text are drawn from one distribution but for what is written; see `layout`.

    Attributes:
        seed: non-negative; another seed is another population.
    """

    seed: int

    def manifest(self, images: int) -> pd.DataFrame:
        """A manifest of kind SCENE, made without a pixel; a smaller one is the beginning of a larger one.

        Every second picture holds text; of six pictures two are of the test part, one of them with text. Outlines are
        the four corners around each line's ink; they may leave the picture, 60 % of each line is in it.

        Raises:
            UserError: `images` is below 1.
        """
        if images < 1:
            raise UserError(f"the rendered pictures were asked for {images} images; ask for at least 1")
        rows = []
        for number in range(images):
            plan = layout(self.seed, number)
            outlines = to_text([Outline(polygon, False) for polygon in plan.outlines()])
            name, split = f"{SOURCE}/{number:08d}", "test" if number // 2 % 3 == 2 else "train_val"
            rows.append(
                (name, name, "", SOURCE, plan.width, plan.height, split, outlines, int(outlines != ""))
            )
        return pd.DataFrame(rows, columns=list(SCENE_COLUMNS)).astype({"Text": "int8"})

    def signature(self, rows: pd.DataFrame) -> str:
        """What the pixels of `rows` depend on besides the manifest."""
        return f"rendered pictures {VERSION}, seed {self.seed}"

    def picture(self, row: Any) -> npt.NDArray[np.uint8]:
        """The picture of a manifest row (a Series or a named tuple), uint8 (height, width, 3).

        Raises:
            UserError: the row is not of this manifest.
        """
        match = re.fullmatch(rf"{SOURCE}/(\d{{8}})", str(row.image))
        number = int(match[1]) if match else 0
        plan = layout(self.seed, number)
        if match is None or (plan.width, plan.height) != (row.width, row.height):
            raise UserError(f"{row.image} is no picture of {self!r}; take the rows from its own manifest")
        return photograph(plan.stream(5), view(plan))


def view(plan: Layout, *, text: bool = True) -> Image.Image:
    """A picture before light and camera, mode RGB; without `text`, the same but for what is written."""
    picture, noise = scene(plan)
    paint(picture, plan, noise, text=text)
    return picture
