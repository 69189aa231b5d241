"""What is watched while ALI trains: reconstructions of held-out images."""

from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

from xray_keras import files
from xray_keras.datasets import overlays
from xray_keras.losses import distances
from xray_keras.training import collapse

SHOWN = 12  # images of a sheet
_ENLARGED = 2
COLLAPSED = "every image has been reconstructed as the same picture"


def reconstruct(model: keras.Model, images: np.ndarray, batch_size: int) -> dict[str, np.ndarray]:
    """What the autoencoder makes of images, and how far from them.

    Args:
        model: see `models.ali.autoencoder`.
        images: uint8 (N, S, S).
        batch_size: images a step.

    Returns:
        "reconstruction" uint8 (N, S, S); "latent", "l1", "l2", "ssim" float64 (N,), see `losses.distances`.
    """
    parts = [
        _reconstruct(model, tf.constant(images[start : start + batch_size, ..., None], tf.float32))
        for start in range(0, len(images), batch_size)
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _reconstruct(model: keras.Model, x: tf.Tensor) -> dict[str, np.ndarray]:
    made = model.predict_on_batch(x)
    pair = (x / 255.0, made["reconstruction"] / 255.0)
    found = {
        "latent": distances.latent(made["latent"]),
        "l1": distances.l1(*pair),
        "l2": distances.l2(*pair),
        "ssim": distances.ssim(*pair),
    }
    pixels = np.round(made["reconstruction"][..., 0]).astype(np.uint8)
    values = {name: keras.ops.convert_to_numpy(value).astype(np.float64) for name, value in found.items()}
    return {"reconstruction": pixels, **values}


def chosen(positions: np.ndarray) -> np.ndarray:
    """At most SHOWN of the positions, evenly spaced: the same ones in every epoch."""
    spaced = np.linspace(0, len(positions) - 1, min(SHOWN, len(positions)))
    return positions[spaced.round().astype(int)]


def scores(images: np.ndarray, found: Mapping[str, np.ndarray]) -> dict[str, float]:
    """How well validation images are reconstructed.

    Returns:
        "val_ssim" and "val_l1", means of SSIM and L1; "spread" of the reconstructions, see `collapse`.
    """
    return {
        "val_ssim": float(1 - found["ssim"].mean()),
        "val_l1": float(found["l1"].mean()),
        "spread": collapse.spread(found["reconstruction"], images),
    }


def write_sheet(path: Path, images: np.ndarray, reconstructions: np.ndarray) -> None:
    """A PNG of three rows: images, reconstructions, error in red; uint8 (N, S, S) each."""
    picture = Image.fromarray(overlays.sheet(images, reconstructions))
    size = (picture.width * _ENLARGED, picture.height * _ENLARGED)
    with files.publish(path) as temporary:
        picture.resize(size, Image.Resampling.NEAREST).save(temporary)
