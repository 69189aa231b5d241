"""The scenes of a run: pictures of their own sizes with the outlines of their text."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from xray_keras.datasets import region_labels
from xray_keras.datasets.outlines import Outline
from xray_keras.datasets.scenes.cached import CachedScenes, open_cached
from xray_keras.training import inputs
from xray_keras.training.inputs import RunData


@dataclass(frozen=True)
class SceneData(RunData):
    """What a run trains and is tested on; `images` is the cache, one axis that holds the pictures end to end.

    Attributes:
        scenes: the same pictures, each in its own shape.
        text: position → outlines of its text, in pixels of the cached picture.
    """

    scenes: CachedScenes
    text: list[list[Outline]]

    def shape(self, position: int) -> tuple[int, int]:
        """Height and width of a picture."""
        return self.scenes.shape(position)

    def picture(self, position: int) -> np.ndarray:
        """uint8 (H, W, 3), a view of the cache."""
        return self.scenes.picture(position)

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
    scenes = open_cached(population, config["size"])
    text = [scenes.text(position) for position in range(len(scenes.rows))]
    return SceneData(**vars(data), scenes=scenes, text=text)
