"""The image cache: random batches out of a memory-mapped array."""

from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from experiments._bench.lines import Line
from xray_keras.datasets import cache
from xray_keras.training import inputs

IMAGES, SIZE, BATCH = 1024, 224, 64
MOVED, SMALL_BATCH = 128, 16  # as of the networks that are measured


def lines(folder: Path) -> Iterator[Line]:
    """A shuffled epoch of raw pixels beside tf.data in memory and TFRecord; then of batches as a model takes them."""
    pixels = np.random.default_rng(0).integers(0, 256, (IMAGES, SIZE, SIZE), np.uint8)
    path = folder / "cache.npy"
    np.save(path, pixels)
    records = _records(folder, pixels)
    mapped = cache.load(path)
    order = np.random.default_rng(1).permutation(IMAGES)
    in_memory = tf.data.Dataset.from_tensor_slices(pixels)

    def ours() -> None:
        for start in range(0, IMAGES, BATCH):
            mapped[order[start : start + BATCH]]

    yield Line(
        f"read an epoch of {SIZE} × {SIZE} images in random order",
        "images",
        IMAGES,
        {
            "memory map (xray_keras)": ours,
            "tf.data in memory": lambda: _drain(in_memory.shuffle(IMAGES).batch(BATCH)),
            "TFRecord": lambda: _drain(
                tf.data.TFRecordDataset(str(records))
                .shuffle(IMAGES)
                .map(lambda record: tf.reshape(tf.io.decode_raw(record, tf.uint8), (SIZE, SIZE)))
                .batch(BATCH)
            ),
        },
    )
    targets = np.zeros((IMAGES, 1), np.float32)
    config = {"seed": 0, "batch_size": BATCH, "augmentation": "none"}
    yield Line(
        "the same as float32 batches of three channels, as a model takes them",
        "images",
        IMAGES,
        {
            "xray_keras": lambda: _drain(inputs.epoch_of(mapped, np.arange(IMAGES), targets, config, 0)),
            "tf.data in memory": lambda: _drain(
                tf.data.Dataset.from_tensor_slices((pixels, targets))
                .shuffle(IMAGES)
                .batch(BATCH)
                .map(lambda x, y: (tf.image.grayscale_to_rgb(tf.cast(x[..., None], tf.float32)), y))
                .prefetch(2)
            ),
        },
    )
    small = np.ascontiguousarray(pixels[:, :MOVED, :MOVED])
    moving = config | {"augmentation": "shift+zoom", "batch_size": SMALL_BATCH}
    layers = keras.Sequential([keras.layers.RandomTranslation(0.1, 0.1), keras.layers.RandomZoom(0.1)])
    yield Line(
        f"an epoch of {MOVED} × {MOVED} images as a model takes them, shifted and zoomed",
        "images",
        IMAGES,
        {
            "xray_keras, one map": lambda: _drain(
                inputs.epoch_of(small, np.arange(IMAGES), targets, moving, 0)
            ),
            "tf.data in memory, Keras' RandomTranslation and RandomZoom": lambda: _drain(
                tf.data.Dataset.from_tensor_slices((small, targets))
                .shuffle(IMAGES)
                .batch(SMALL_BATCH)
                .map(lambda x, y: (tf.image.grayscale_to_rgb(tf.cast(x[..., None], tf.float32)), y))
                .map(lambda x, y: (layers(x, training=True), y))
                .prefetch(2)
            ),
        },
        remark="A training is fed by one core, with the other to spare, where its step (below) shows fewer images a "
        "second than this.",
    )


def _records(folder: Path, pixels: np.ndarray) -> Path:
    path = folder / "images.tfrecord"
    with tf.io.TFRecordWriter(str(path)) as writer:
        for picture in pixels:
            writer.write(picture.tobytes())
    return path


def _drain(dataset: tf.data.Dataset) -> None:
    for _ in dataset:
        pass
