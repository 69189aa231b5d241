"""From cached images to batches: what a run trains on, and in which order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import tensorflow as tf

from xray_keras.datasets import cache, manifest, splits
from xray_keras.errors import UserError
from xray_keras.training import augmentation, streams


@dataclass(frozen=True)
class RunData:
    """A run's images and labels, row by row.

    Attributes:
        frame: the manifest, rows whose image could not be read left out.
        rows: int64 (N,), row of each image in `images`.
        images: uint8 (M, size, size), the memory-mapped cache.
        targets: float32 (N, labels), 0 or 1.
        split: str (N,): "train", "validation", "test" or "unused", see `splits.assign`.
        fingerprint: of the manifest.
    """

    frame: pd.DataFrame
    rows: np.ndarray
    images: np.ndarray
    targets: np.ndarray
    split: np.ndarray
    fingerprint: str

    def part(self, *names: str) -> np.ndarray:
        """Positions (into frame, rows, targets) of the given parts of the split."""
        return np.flatnonzero(np.isin(self.split, names))


def open_data(population: Path, config: Mapping[str, Any]) -> RunData:
    """Open what a resolved config trains and is tested on.

    Raises:
        UserError: the population or its cache is absent; a label without a positive or a negative to train on;
            a patient on both sides of a split that is not the paper's own.
    """
    frame = manifest.read(population / "manifest.csv")
    fingerprint = manifest.fingerprint(frame)
    array = cache.path(population, fingerprint, config["size"])
    images = cache.load(array)
    kept = ~frame["image"].isin(cache.unreadable(array)).to_numpy()
    rows = np.flatnonzero(kept)
    frame = frame[kept].reset_index(drop=True)
    split = splits.assign(
        frame,
        config["split"],
        validation=config["validation"],
        share=config.get("share", 1.0),
        seed=config["seed"],
    )
    if config["split"] != "image-80-20":
        splits.check_disjoint(frame["patient"], split)
    targets = frame[list(config["labels"])].to_numpy(np.float32)
    data = RunData(frame, rows, images, targets, split.to_numpy(str), fingerprint)
    shares = targets[data.part("train")].mean(axis=0)
    for label, share in zip(config["labels"], shares, strict=True):
        if share in (0, 1):
            found = "no image with it" if share == 0 else "only images with it"
            raise UserError(
                f"{population / 'manifest.csv'} leaves {found} in the training part for {label}; use more images, "
                "or another SEED"
            )
    return data


def to_input(images: tf.Tensor, transforms: tf.Tensor | None = None) -> tf.Tensor:
    """Gray uint8 (B, S, S) → what a model takes: float32 (B, S, S, 3), 0–255; edges repeat where a map leaves."""
    x = tf.cast(images[..., None], tf.float32)
    if transforms is not None:
        x = tf.raw_ops.ImageProjectiveTransformV3(
            images=x,
            transforms=transforms,
            output_shape=tf.shape(x)[1:3],
            fill_value=0.0,
            interpolation="BILINEAR",
            fill_mode="NEAREST",
        )
    return tf.repeat(x, 3, axis=-1)


def in_order(images: np.ndarray, rows: np.ndarray, batch_size: int) -> tf.data.Dataset:
    """Model inputs of the given rows, in order: float32 (B, S, S, 3) from uint8 images, features as they are."""

    def generate() -> Iterator[streams.Batch]:
        for start in range(0, len(rows), batch_size):
            yield (images[rows[start : start + batch_size]],)

    signature = [tf.TensorSpec((None, *images.shape[1:]), images.dtype)]
    dataset = streams.dataset(generate, -(-len(rows) // batch_size), signature)
    return dataset.map(to_input if images.dtype == np.uint8 else lambda x: x).prefetch(2)


def epoch_of(
    images: np.ndarray, rows: np.ndarray, targets: np.ndarray, config: Mapping[str, Any], epoch: int
) -> tf.data.Dataset:
    """One epoch of shuffled (and augmented) training batches, a function of (seed, epoch) alone.

    Yields (float32 (B, S, S, 3), float32 (B, labels)) for uint8 images, or (features as they are, targets) where
    `images` holds float features of a frozen part.

    Args:
        images: the cache (M, S, S) uint8, or features (M, …) float.
        rows: int64 (N,) rows of `images` to train on.
        targets: float32 (N, labels), aligned to `rows`.
        config: `seed`, `batch_size`, `augmentation`.
        epoch: 0, 1, …
    """
    return batches_of(
        images, rows, targets, draw(targets, images.shape[1], config, epoch), config["batch_size"]
    )


class Draw(NamedTuple):
    """Which images an epoch shows, and how.

    Attributes:
        order: int64 (M,), positions in the training part; with augmentation some come several times.
        maps: float32 (M, 8), see `augmentation.transforms`; None without augmentation.
    """

    order: np.ndarray
    maps: np.ndarray | None


def draw(targets: np.ndarray, size: int, config: Mapping[str, Any], epoch: int) -> Draw:
    """What an epoch of N images of `size` pixels shows, a function of (seed, epoch), N and, if augmented, the targets.

    Args:
        targets: float32 (N, labels).
        size: of the images.
        config: `seed`, `augmentation`.
        epoch: 0, 1, …
    """
    rng = np.random.default_rng([config["seed"], epoch])
    operations = augmentation.parse(config["augmentation"])
    order = np.arange(len(targets))
    if operations:
        order = np.repeat(order, augmentation.showings(targets))
    rng.shuffle(order)
    maps = augmentation.transforms(rng, len(order), size, operations) if operations else None
    return Draw(order, maps)


def batches_of(
    images: np.ndarray, rows: np.ndarray, targets: np.ndarray, drawn: Draw, size: int
) -> tf.data.Dataset:
    """What was drawn, in batches of `size`; arguments and batches are those of `epoch_of`."""
    order, maps = drawn

    def generate() -> Iterator[streams.Batch]:
        for start in range(0, len(order), size):
            chosen = order[start : start + size]
            batch = (images[rows[chosen]], targets[chosen])
            yield batch if maps is None else (*batch, maps[start : start + size])

    signature = [
        tf.TensorSpec((None, *images.shape[1:]), images.dtype),
        tf.TensorSpec((None, targets.shape[1]), tf.float32),
    ]
    if maps is not None:
        signature.append(tf.TensorSpec((None, 8), tf.float32))
    dataset = streams.dataset(generate, -(-len(order) // size), signature)
    if images.dtype == np.uint8:
        dataset = dataset.map(lambda x, y, *affine: (to_input(x, *affine), y))
    return dataset.prefetch(2)
