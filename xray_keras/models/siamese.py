"""Whose radiograph is it? One branch of a Siamese network: images of one patient lie nearby, others far apart.

Packhäuser et al. (2022, "Deep learning-based patient re-identification is able to exploit the biometric nature of
medical chest X-ray data", Scientific Reports 12:14851) train two ResNet-50 with shared weights on 112,120 images; these
four convolutions are for hundreds of small ones.
"""

import keras

CHANNELS = (32, 64, 96, 128)


def build(*, size: int, width: float = 1.0, length: int = 64) -> keras.Model:
    """The embedding of identity, for 64 pixels 317,536 parameters.

    Each image is brought to mean 0 and deviation 1 first, so that exposure and display tell nothing. The map is
    flattened, not averaged, because where a rib crosses a clavicle is what a patient keeps.

    Input: (B, size, size, 3) float32, 0–255, three equal channels. Output: (B, length) float32 of length 1, whose
    scalar product is near 1 for images of one patient.

    Args:
        size: side of the input, pixels; at least 16.
        width: multiplier of the channels of every convolution.
        length: of the embedding.
    """
    image = keras.Input((size, size, 3), name="image")
    x = keras.layers.Rescaling(1 / 127.5, offset=-1.0, name="to_symmetric")(image[..., :1])  # (B, 64, 64, 1)
    x = keras.layers.LayerNormalization(axis=(1, 2, 3), center=False, scale=False, name="standard")(x)
    for number, channels in enumerate(CHANNELS, start=1):
        # (B, 32, 32, 32) (B, 16, 16, 64) (B, 8, 8, 96) (B, 4, 4, 128)
        kernel = 5 if number == 1 else 3
        x = keras.layers.Conv2D(
            max(1, round(width * channels)),
            kernel,
            strides=2,
            padding="same",
            use_bias=False,
            name=f"conv{number}",
        )(x)
        x = keras.layers.BatchNormalization(momentum=0.9, name=f"norm{number}")(x)
        x = keras.layers.ReLU(name=f"relu{number}")(x)
    x = keras.layers.Flatten(name="flatten")(x)  # (B, 2048)
    x = keras.layers.Dense(length, dtype="float32", name="projection")(x)  # (B, 64)
    x = keras.layers.UnitNormalization(dtype="float32", name="embedding")(x)
    return keras.Model(image, x, name="siamese")
