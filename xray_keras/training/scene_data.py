"""The scenes of a run: pictures of their own sizes with the outlines of their text."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from xray_keras.datasets import cache, manifest, outlines, region_labels
from xray_keras.datasets.layouts import Layout
from xray_keras.datasets.outlines import Outline
from xray_keras.training import inputs
from xray_keras.training.inputs import RunData


@dataclass(frozen=True)
class SceneData(RunData):
    """What a run trains and is tested on; `images` is the cache, one axis that holds the pictures end to end.

    Attributes:
        layout: where each row of the cache is.
        text: position → outlines of its text, in pixels of the cached picture.
    """

    layout: Layout
    text: list[list[Outline]]

    def shape(self, position: int) -> tuple[int, int]:
        """Height and width of a picture."""
        height, width, _ = self.layout.shapes[self.rows[position]]
        return height, width

    def picture(self, position: int) -> np.ndarray:
        """uint8 (H, W, 3), a view of the cache."""
        return self.layout.picture(self.images, self.rows[position])

    def labels(self, position: int, rule: region_labels.Rule) -> np.ndarray:
        """Of a whole picture's regions, float32 (34,), see `region_labels.label`."""
        height, width = self.shape(position)
        return region_labels.label(self.text[position], width, height, rule)


def open_scenes(population: Path, config: Mapping[str, Any]) -> SceneData:
    """Open the scenes of a resolved config, split by its `pictures_seed` in `model_options`.

    Raises:
        UserError: see `inputs.open_data`.
    """
    data = inputs.open_data(population, {**config, "seed": config["model_options"]["pictures_seed"]})
    layout = cache.layout(manifest.read(population / "manifest.csv"), config["size"])
    text = []
    columns = (data.frame[name] for name in ("width", "height", "outlines"))
    for row, full_width, full_height, drawn in zip(data.rows, *columns, strict=True):
        height, width, _ = layout.shapes[row]
        scale = outlines.scaling(width / full_width, height / full_height)
        text.append(outlines.transformed(outlines.from_text(drawn), scale))
    return SceneData(**vars(data), layout=layout, text=text)
