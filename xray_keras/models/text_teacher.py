"""The teacher of zhao2019 (III.A, Figure 2): VGG16's convolutions and a classifier of 34 regions.

Of what is not printed, the head is candidate C of `cited.candidate_heads` in `papers/zhao2019.yaml`, one of several
that have the printed 16.03 million parameters: a map from 512 to 1280 for each grid, one classifier for both. The last
two layers are taken to be the last two convolutions, whose maps have the same size and the channels of each other.
"""

import keras

from xray_keras.errors import UserError
from xray_keras.models import region_head
from xray_keras.models import weights as published
from xray_keras.models.frozen import FROZEN

DIMENSION = 1280
SMALLEST = 80
"""Pixels of a side: five cells of VGG16's last map, so that every region has one of its own."""
BACKBONE = "vgg16"
BLOCKS = 5
MAP_SCALE = 1 / 16
"""Of VGG16's maps, which reach 400. Pooled they are near one then, and so are the features made of them, as margin 1 of
Equation 1 and a weight of 0.2 in Equation 2 suppose. Not printed; a linear map behind it can undo it."""
_LAST_TWO = ("block5_conv2", "block5_conv3")


def build(*, weights: str, dimension: int = DIMENSION, trained_blocks: int = BLOCKS) -> keras.Model:
    """VGG16 to block5_conv3, both last maps pooled to 5×5 and to 3×3 and added, a map a grid, a classifier.

    Input: (B, H, W, 3) float32, 0–255, H and W at least `SMALLEST` (printed: short edge 256). Output: a dictionary,
    float32: "regions" (B, 34), probability of text in each region, see `region_head`; "features" (B, 34, dimension),
    of either sign, what the student learns from.

    Args:
        weights: "imagenet" or "random" for VGG16 (not printed).
        dimension: d of the region features; 1280 gives 16,030,530 parameters.
        trained_blocks: blocks of VGG16 that are trained, counted from the end; 5 trains all, 0 the head alone.

    Raises:
        UserError: see `weights.load_backbone`; there are not as many blocks.
    """
    image = keras.Input((None, None, 3), name="image")
    maps = convolutions(weights, trained_blocks)(
        published.preprocess(BACKBONE, image)
    )  # (B, H/16, W/16, 1024)
    mapped = []
    for grid in region_head.GRIDS:
        x = region_head.rows(region_head.pool(maps, grid, f"pooled{grid}"))  # (B, 25 or 9, 1024)
        # The mean of a sum is the sum of the means: one pooling serves both maps.
        x = keras.layers.Reshape((grid * grid, len(_LAST_TWO), -1), name=f"maps{grid}")(x)
        x = keras.ops.sum(x, axis=2)  # (B, 25 or 9, 512)
        mapped.append(keras.layers.Dense(dimension, dtype="float32", name=f"map{grid}")(x))
    features = keras.layers.Concatenate(axis=1, dtype="float32", name="features")(mapped)  # (B, 34, 1280)
    regions = region_head.classify(features)
    return keras.Model(image, {"regions": regions, "features": features}, name="text_teacher")


def convolutions(weights: str, trained_blocks: int = BLOCKS) -> keras.Model:
    """VGG16's thirteen convolutions, also MSP-Net's; named `frozen.FROZEN` where none is trained.

    Input: (B, H, W, 3) float, preprocessed. Output: (B, floor(H / 16), floor(W / 16), 1024) float, not negative: the
    map of block5_conv2, then that of block5_conv3, times `MAP_SCALE`.

    Args:
        weights: "imagenet" or "random".
        trained_blocks: counted from the end.

    Raises:
        UserError: as in `build`.
    """
    if not 0 <= trained_blocks <= BLOCKS:
        raise UserError(f"VGG16 has {BLOCKS} blocks, of which {trained_blocks} cannot be trained")
    backbone = published.load_backbone(BACKBONE, weights=weights, input_shape=(None, None, 3))
    unchanged = tuple(f"block{number}_" for number in range(1, BLOCKS - trained_blocks + 1))
    for layer in backbone.layers:
        layer.trainable = not layer.name.startswith(unchanged)
    ends = [backbone.get_layer(name).output for name in _LAST_TWO]
    last_two = keras.layers.Concatenate(name="last_two")(ends)
    maps = keras.layers.Rescaling(MAP_SCALE, name="near_one")(last_two)
    return keras.Model(backbone.input, maps, name=BACKBONE if trained_blocks else FROZEN)
