"""Batches of scenes: pictures of one shape, and the labels of their regions (zhao2019 III.D, IV.A)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from xray_keras.datasets import outlines, region_labels
from xray_keras.training import scene_views
from xray_keras.training.scene_data import SceneData


class Batch(NamedTuple):
    """B views of one shape.

    Attributes:
        positions: int64 (B,), of the pictures in the run's data.
        number: of their views.
        pictures: uint8 (B, H, W, 3), the parts shown, neither mirrored nor turned.
        warps: float32 (B, 8), what does both, see `to_input`.
        labels: float32 (B, 34): 1 text, 0 none, NaN not to be learned from.
    """

    positions: np.ndarray
    number: int
    pictures: np.ndarray
    warps: np.ndarray
    labels: np.ndarray


def of_epoch(data: SceneData, config: Mapping[str, Any], epoch: int) -> Iterator[Batch]:
    """All training pictures once, in an order that is a function of (seed, epoch).

    Args:
        data: what the run trains on.
        config: `seed`, `batch_size`, `augmentation`; in `model_options` `rule`, see `region_labels.label`, and
            `views`: how many of a picture there are, shown in turn; 0 for another one each epoch.
        epoch: from 0.
    """
    rng = np.random.default_rng((config["seed"], epoch))
    batches = groups(data, rng.permutation(data.part("train")), config["batch_size"])
    views = config["model_options"]["views"]
    for k in rng.permutation(len(batches)):
        yield of_view(data, batches[k], config, epoch % views if views else epoch)


def steps(data: SceneData, config: Mapping[str, Any]) -> int:
    """Batches of an epoch."""
    return len(groups(data, data.part("train"), config["batch_size"]))


def of_view(data: SceneData, positions: np.ndarray, config: Mapping[str, Any], number: int) -> Batch:
    """One view of each of some pictures that share a shape."""
    operations = scene_views.parse(config["augmentation"])
    together = config["batch_size"] > 1
    pictures, warps, labels = [], [], []
    for position in positions:
        view = scene_views.draw(
            data.shape(position),
            operations,
            together=together,
            entropy=(config["model_options"]["pictures_seed"], int(data.rows[position]), number),
        )
        pictures.append(view.part(data.picture(position)))
        warps.append(view.warp())
        text = outlines.transformed(data.text[position], view.matrix)
        labels.append(region_labels.label(text, view.width, view.height, config["model_options"]["rule"]))
    return Batch(positions, number, np.stack(pictures), np.stack(warps), np.stack(labels))


def input_of(
    data: SceneData, positions: np.ndarray, config: Mapping[str, Any], number: int | None
) -> tf.Tensor:
    """What a network sees of pictures of one shape, float32 (B, H, W, 3): a view, or None for the whole pictures."""
    if number is None:
        return tf.cast(np.stack([data.picture(position) for position in positions]), tf.float32)
    batch = of_view(data, positions, config, number)
    return to_input(batch.pictures, batch.warps)


def to_input(pictures: tf.Tensor, warps: tf.Tensor) -> tf.Tensor:
    """uint8 (B, H, W, 3) and affine maps (B, 8) → float32 (B, H, W, 3), 0–255; edges repeat where a map leaves."""
    x = tf.cast(pictures, tf.float32)
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=x,
        transforms=warps,
        output_shape=tf.shape(x)[1:3],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="NEAREST",
    )


def groups(data: SceneData, positions: Iterable[int], batch_size: int) -> list[np.ndarray]:
    """Batches of pictures whose views share a shape, in the order in which they come."""
    return list(_batched(positions, batch_size, lambda at: _view_shape(data.shape(at), batch_size)))


def by_shape(data: SceneData, positions: Iterable[int], batch_size: int) -> list[np.ndarray]:
    """Batches of pictures that share a shape as they are."""
    return list(_batched(positions, batch_size, data.shape))


def _view_shape(shape: tuple[int, int], batch_size: int) -> tuple[int, int]:
    return scene_views.shared(shape) if batch_size > 1 else shape


def _batched(
    positions: Iterable[int], batch_size: int, key: Callable[[int], tuple[int, int]]
) -> Iterator[np.ndarray]:
    alike: dict[tuple[int, int], list[int]] = {}
    for position in positions:
        alike.setdefault(key(position), []).append(position)
    for group in alike.values():
        for start in range(0, len(group), batch_size):
            yield np.array(group[start : start + batch_size], np.int64)
