"""Project images into InfoGAN's space, and move about in it. This module runs a model.

An image's projection is the row of the generator's input whose image is nearest to it. It is searched for from the
best of some rows whose images are known, by gradient steps on continuous codes and noise. Categorical codes stay those
of the start: between two categories lies no input that the generator has been trained on or could be asked for, and
the start has chosen among as many combinations as there are known rows.
"""

import keras
import numpy as np
import tensorflow as tf

from xray_keras.evaluation import neighbours, privacy
from xray_keras.losses import distances
from xray_keras.models import infogan_latent as latents
from xray_keras.models.infogan_latent import Latent

CANDIDATES = 8  # known rows an image that are compared in full
STEPS = 40
RATE = 0.1  # of Adam, where codes and noise span about 2
STRUCTURE = 0.25  # weight of 1 − SSIM beside L1: of radiographs, the one is then about as large as the other
BATCH = 50
_COARSE = 32  # pixels along an axis that tell which known images are near
_REDRAWN = 1  # beside the seed: a stream of the edit alone
_BETA_1, _BETA_2, _EPSILON = 0.9, 0.999, 1e-8  # of Adam (Kingma & Ba 2015)


def candidates(images: np.ndarray, known: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Rows to start from: those whose images are nearest in pixels.

    Args:
        images: uint8 (N, S, S).
        known: uint8 (M, S, S), generated images.
        rows: (M, latent.size), what they were generated from.

    Returns:
        (N, K, latent.size), nearest first, K = `CANDIDATES` or all M.
    """
    step = -(-images.shape[1] // _COARSE)
    one, other = (privacy.pixels(given[:, ::step, ::step]) for given in (images, known))
    return rows[neighbours.nearest(one, other, min(CANDIDATES, len(known))).rows]


def project(
    generator: keras.Model, latent: Latent, images: np.ndarray, starts: np.ndarray, steps: int = STEPS
) -> np.ndarray:
    """The rows whose images are nearest by L1 + 0.25 · (1 − SSIM).

    Of all rows that an image's search passes, the start among them, the nearest one is kept. The search does not leave
    the range of the starts, beyond which a uniform prior draws nothing.

    Args:
        generator: see `models.infogan`.
        latent: what its rows hold.
        images: uint8 (N, S, S), S at least 11.
        starts: float32 (N, K, latent.size), of which the nearest is each image's start.
        steps: of Adam.

    Returns:
        float32 (N, latent.size).
    """
    moving = latent.continuous + latent.noise
    reach = float(np.abs(starts[..., -moving:]).max())

    def distance(rows: tf.Tensor, pixels: tf.Tensor) -> tf.Tensor:
        made = (generator(rows, training=False) + 1.0) / 2.0
        given = tf.cast(pixels[..., None], tf.float32) / 255.0
        return distances.l1(given, made) + STRUCTURE * distances.ssim(given, made)

    def slope(rows: tf.Tensor, pixels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(rows)
            apart = distance(rows, pixels)
        return apart, tape.gradient(apart, rows)[:, -moving:]

    signature = [
        tf.TensorSpec((None, latent.size), tf.float32),
        tf.TensorSpec((None, *images.shape[1:]), tf.uint8),
    ]
    measure = tf.function(distance, input_signature=signature, autograph=False)
    descend = tf.function(slope, input_signature=signature, autograph=False)
    parts = []
    for start in range(0, len(images), BATCH):
        pixels, tried = images[start : start + BATCH], starts[start : start + BATCH]
        apart = np.stack([measure(rows, pixels).numpy() for rows in tried.swapaxes(0, 1)])
        now = tried[np.arange(len(tried)), apart.argmin(axis=0)]
        best, nearest = now.copy(), apart.min(axis=0)
        mean, square = np.zeros((2, len(now), moving), np.float32)
        for step in range(1, steps + 2):
            found, gradient = (value.numpy() for value in descend(now, pixels))
            better = found < nearest
            best[better], nearest[better] = now[better], found[better]
            mean += (1 - _BETA_1) * (gradient - mean)
            square += (1 - _BETA_2) * (np.square(gradient) - square)
            size = np.sqrt(square / (1 - _BETA_2**step)) + _EPSILON
            moved = now[:, -moving:] - RATE * mean / (1 - _BETA_1**step) / size
            now[:, -moving:] = np.clip(moved, -reach, reach)
        parts.append(best)
    return np.concatenate(parts)


def edited(latent: Latent, rows: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Rows with a share of their noise drawn anew; codes stay.

    Numbers are replaced, not averaged: a mean of two draws lies nearer to the middle than the prior has it. With one
    seed, what a smaller share replaces, a larger one replaces alike.

    Args:
        latent: what a row holds.
        rows: (N, latent.size).
        share: of the noise, in [0, 1], rounded to whole numbers.
        seed: of the draws.

    Returns:
        float32 (N, latent.size).
    """
    rng = np.random.default_rng((seed, _REDRAWN))
    order = rng.permuted(np.broadcast_to(np.arange(latent.noise), (len(rows), latent.noise)), axis=1)
    drawn = latents.sample(latent, len(rows), int(rng.integers(2**31)))
    fresh = keras.ops.convert_to_numpy(latents.split(latent, drawn).noise)
    changed = np.array(rows, np.float32)
    noise = latents.split(latent, changed).noise
    np.copyto(noise, fresh, where=order < round(share * latent.noise))
    return changed
