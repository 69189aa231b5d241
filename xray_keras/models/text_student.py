"""The student of zhao2019 (III.B, Figure 3): six small convolutions and two dense layers for 34 regions.

Printed are those numbers, 0.087 million parameters, and that the last two maps are pooled "after regularization".
Channels and dimension are candidate C of `cited.candidate_heads` in `papers/zhao2019.yaml`. The rest is assumed:

- The regularisation is taken for batch normalisation. It gets no scale, for the layers behind its ReLU can undo any,
  and its offset is the convolution's bias, which in front of it would be subtracted again. So it stands behind every
  convolution, adds no trained parameter to the candidate's 86,882 (a scale and an offset of its own would make 87,234,
  which prints alike), and for inference folds into six convolutions with bias, as ONNX Runtime does.
- The map is halved by three of the convolutions and never by pooling, which would have the first, largest maps computed
  four times as finely. Letters of ten pixels still have five when the first 32 channels see them, and of the last map's
  32×43 cells a region of 5×5 has some fifty.
- Padding is one pixel on each side whatever the size; "same" would shift the picture by one where a side is odd.
"""

from collections.abc import Sequence

import keras

from xray_keras.errors import UserError
from xray_keras.models import region_head
from xray_keras.models.text_teacher import DIMENSION

CHANNELS = (16, 32, 32, 32, 32, 32)
STRIDES = (2, 1, 2, 2, 1, 1)
SMALLEST = 33
"""Pixels of a side: five cells of the last map, so that every region has one of its own."""


def build(
    *,
    channels: Sequence[int] = CHANNELS,
    dimension: int = DIMENSION,
    batch_norm_momentum: float = 0.99,
) -> keras.Model:
    """Six 3×3 convolutions; the fifth's map pooled to 5×5, the sixth's to 3×3; one shared map; a classifier.

    Input: (B, H, W, 3) float32, 0–255, H and W at least `SMALLEST` (printed: short edge 256). Output: a dictionary,
    float32: "regions" (B, 34), probability of text in each region, see `region_head`; "features" (B, 34, dimension),
    of either sign, in the teacher's space.

    Args:
        channels: of the six convolutions; the last two equal, for they share the map.
        dimension: d of the region features, the teacher's; 1280 gives 86,882 trained parameters.
        batch_norm_momentum: of the moving statistics, which forget over some 1 / (1 − momentum) steps; they average
            over as many batches, which for the printed batch of one picture must be many.

    Raises:
        UserError: channels that do not fit.
    """
    if len(channels) != len(STRIDES) or channels[-2] != channels[-1]:
        raise UserError(
            f"the student has six convolutions, of which the last two are equally wide, not {list(channels)}; change "
            "channels in the experiment"
        )
    image = keras.Input((None, None, 3), name="image")
    x = keras.layers.Rescaling(1 / 127.5, offset=-1.0, name="to_symmetric")(image)  # (B, 256, 341, 3)
    maps = []
    for number, (width, stride) in enumerate(zip(channels, STRIDES, strict=True), start=1):
        # (B, 128, 171, 16) (B, 128, 171, 32) (B, 64, 86, 32) (B, 32, 43, 32) three times
        x = keras.layers.ZeroPadding2D(1, name=f"pad{number}")(x)
        x = keras.layers.Conv2D(width, 3, strides=stride, use_bias=False, name=f"conv{number}")(x)
        x = keras.layers.BatchNormalization(momentum=batch_norm_momentum, scale=False, name=f"norm{number}")(
            x
        )
        x = keras.layers.ReLU(name=f"relu{number}")(x)
        maps.append(x)
    pooled = [
        region_head.rows(region_head.pool(map_, grid, f"pooled{grid}"))
        for map_, grid in zip(maps[-2:], region_head.GRIDS, strict=True)
    ]
    x = keras.layers.Concatenate(axis=1, dtype="float32", name="pooled")(pooled)  # (B, 34, 32)
    features = keras.layers.Dense(dimension, dtype="float32", name="features")(x)  # (B, 34, 1280)
    regions = region_head.classify(features)
    return keras.Model(image, {"regions": regions, "features": features}, name="text_student")
