"""A network of MSP-Net's size and kind, for zhao2019's comparison of speed (Table I, [5] Bai et al. 2017).

zhao2019 describes no layer of it; it prints 136.40 million parameters, a height of 500 pixels and that regions of
several scales are classified. VGG16 with its two layers of 4096 has 134.27 million at two outputs. Here each region of
the 5×5 and 3×3 grids is cut into 5×5 cells of the last two maps: 25 · 1024 inputs to the first layer of 4096, shared by
all regions, 136,365,890 parameters in all, 0.03 % less than printed. Partition, cells and maps are assumed.
"""

import keras

from xray_keras.models import region_head, text_teacher
from xray_keras.models import weights as published
from xray_keras.models.adaptive_pooling import AdaptiveAveragePooling

UNITS = 4096
CELLS = 5
"""Cells of a region's side."""
SMALLEST = text_teacher.SMALLEST


def build(*, weights: str, units: int = UNITS, trained_blocks: int = text_teacher.BLOCKS) -> keras.Model:
    """VGG16 to block5_conv3, its last two maps, 5×5 cells a region, two dense layers, a classifier.

    Input: (B, H, W, 3) float32, 0–255, H and W at least `SMALLEST` (printed: height 500). Output: a dictionary of
    "regions" (B, 34) float32, probability of text in each region, see `region_head`.

    Args:
        weights: "imagenet" or "random" for VGG16.
        units: of the two dense layers.
        trained_blocks: blocks of VGG16 that are trained, counted from the end; 0 for the dense layers alone.

    Raises:
        UserError: see `text_teacher.convolutions`.
    """
    image = keras.Input((None, None, 3), name="image")
    convolutions = text_teacher.convolutions(weights, trained_blocks)
    maps = convolutions(published.preprocess(text_teacher.BACKBONE, image))  # (B, 31, 41, 1024) at 500×667
    regions = [_cut(maps, grid) for grid in region_head.GRIDS]
    x = keras.layers.Concatenate(axis=1, name="regions")(regions)  # (B, 34, 25600)
    x = keras.layers.Dense(units, activation="relu", name="fc6")(x)  # (B, 34, 4096)
    x = keras.layers.Dense(units, name="fc7")(x)
    return keras.Model(image, {"regions": region_head.classify(x)}, name="msp_net")


def _cut(maps: keras.KerasTensor, grid: int) -> keras.KerasTensor:
    """(B, H, W, C) → (B, grid², CELLS² · C): the cells of each region, regions row by row."""
    channels = maps.shape[-1]
    x = AdaptiveAveragePooling(grid * CELLS, at_least=grid, name=f"cells{grid}")(maps)  # (B, 25, 25, 1024)
    x = keras.layers.Reshape((grid, CELLS, grid, CELLS * channels), name=f"bands{grid}")(x)
    x = keras.layers.Permute((1, 3, 2, 4), name=f"blocks{grid}")(x)
    return keras.layers.Reshape((grid * grid, CELLS * CELLS * channels), name=f"rows{grid}")(x)
