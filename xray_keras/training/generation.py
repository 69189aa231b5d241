"""Images from a trained generator, with the discriminator's verdict on each (ali2019 III.C)."""

from typing import Any

import keras
import numpy as np

from xray_keras.models import infogan as networks
from xray_keras.models import infogan_latent as latents
from xray_keras.training.infogan_step import Options, with_labels

FILE = "generated.npz"
_STEP = 100  # images made at once


def paint(generator: keras.Model, rows: np.ndarray, options: Options) -> np.ndarray:
    """Images of rows of the generator's input.

    Args:
        generator: see `models.infogan`.
        rows: float32 (N, latent.size).
        options: of the run; the cited form takes the statistics of the batch also here.

    Returns:
        uint8 (N, S, S).
    """
    whole_batches = options.form == networks.CODE
    parts = []
    for start in range(0, len(rows), _STEP):
        x = generator(rows[start : start + _STEP], training=whole_batches)
        parts.append(keras.ops.convert_to_numpy(keras.ops.cast(x, "float32"))[..., 0])
    return to_gray_levels(np.concatenate(parts))


def to_gray_levels(x: np.ndarray) -> np.ndarray:
    """What the tanh gives, float in [−1, 1] → uint8."""
    return np.round((np.clip(x, -1, 1) + 1) * 127.5).astype(np.uint8)


def judge(discriminator: keras.Model, images: np.ndarray, options: Options) -> np.ndarray:
    """The discriminator's logit of each image (N, S, S) uint8, high where it looks real: float32 (N,)."""
    whole_batches = options.form == networks.CODE
    parts = []
    for start in range(0, len(images), _STEP):
        x = images[start : start + _STEP, ..., None].astype(np.float32) / 127.5 - 1
        seen = discriminator(x, training=whole_batches)
        parts.append(keras.ops.convert_to_numpy(seen["logit"])[:, 0])
    return np.concatenate(parts)


def asked_labels(label_rows: np.ndarray, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels to generate images of.

    Args:
        label_rows: labels of the training images, 0 or 1, (N, L).
        count: how many.
        seed: of the draw.

    Returns:
        labels int8 (count, L): the first half rows of training images drawn at random; in the second, in turn, no label
        and each label alone. balanced: bool (count,), True for the second half; there is none where L is 0.
    """
    drawn = np.random.default_rng(seed).integers(0, len(label_rows), count)
    labels = label_rows[drawn].astype(np.int8)
    balanced = np.zeros(count, bool)
    number = label_rows.shape[1]
    if number:
        balanced[count // 2 :] = True
        alone = np.concatenate([np.zeros((1, number), np.int8), np.eye(number, dtype=np.int8)])
        labels[balanced] = alone[np.arange(balanced.sum()) % len(alone)]
    return labels, balanced


def draw(options: Options, labels: np.ndarray, seed: int) -> np.ndarray:
    """Rows of the generator's input for the given labels (N, L): float32 (N, latent.size)."""
    rows = latents.sample(options.latent, len(labels), seed)
    return keras.ops.convert_to_numpy(with_labels(options, rows, keras.ops.cast(labels, "float32")))


def generate(
    generator: keras.Model,
    discriminator: keras.Model,
    options: Options,
    label_rows: np.ndarray,
    *,
    count: int,
    seed: int,
) -> dict[str, Any]:
    """Generated images and what the discriminator thinks of them.

    Args:
        generator, discriminator: see `models.infogan`.
        options: of the run.
        label_rows: labels of the training images, (N, L).
        count: how many images.
        seed: the same one gives the same images.

    Returns:
        "image" uint8 (count, S, S); "logit" float32 (count,), see `judge`; "latent" float32 (count, latent.size);
        "condition" int8 (count, L) and "balanced" bool (count,), see `asked_labels`.
    """
    labels, balanced = asked_labels(label_rows, count, seed)
    rows = draw(options, labels, seed)
    images = paint(generator, rows, options)
    return {
        "image": images,
        "logit": judge(discriminator, images, options),
        "latent": rows,
        "condition": labels,
        "balanced": balanced,
    }
