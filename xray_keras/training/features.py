"""What a frozen network makes of every image of a population: computed once, kept on disk, shared by all its runs.

Behind frozen layers an image's features never change: not from epoch to epoch, from seed to seed, nor between training
and prediction. So the array belongs to the population, under a key of everything its numbers depend on.
"""

import contextlib
import hashlib
import io
import json
import os
import sys
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import filelock
import keras
import numpy as np
import tensorflow as tf

from xray_keras import files, npz, seals
from xray_keras.datasets import cache
from xray_keras.datasets.partial import writing
from xray_keras.errors import Damaged, UserError
from xray_keras.models import frozen
from xray_keras.models.description import leaves
from xray_keras.training import devices, environment, inputs

BATCH = 32
"""Images at once: always the same, for the last bits of a feature depend on it."""

MOST_BYTES = 4 << 30
"""Of features in memory; where they need more, frozen layers compute them anew each epoch."""

_SUM, _SUMS = np.dtype("<u4"), ".sums"
_KEYS = ("model", "model_options", "precision")  # settings that shape the frozen part, beside its weights


def of_frozen_part(
    model: keras.Model,
    population: Path,
    data: inputs.RunData,
    config: Mapping[str, Any],
    spread: tf.distribute.Strategy | None = None,
) -> tuple[keras.Model, np.ndarray, np.ndarray]:
    """What is trained (on the devices of `spread`), on which array, and the row of each image in it.

    Where part of the model is frozen and images are not augmented, the frozen part's features never change: they
    are computed once (as far as memory allows), and only the rest of the model sees the epochs. With
    `cache_features` they are kept on disk, for other runs and for prediction.
    """
    if config.get("cache_features"):
        return (*cached(model, population, data, config), data.rows)
    cut = frozen.split(model) if config["augmentation"] == "none" else None
    if cut is None:
        return model, data.images, data.rows
    stem, head = cut
    used = data.part("train", "validation")
    if len(used) * int(np.prod(stem.output_shape[1:])) * 4 > MOST_BYTES:
        return model, data.images, data.rows
    what = f"{model.name}: features of {len(used):,} images in the frozen layers"
    print(what, flush=True)
    batch, verbose = config["batch_size"], environment.verbosity()
    told = [] if verbose else [_Told(what)]
    computed = devices.outputs(stem, data.images, data.rows[used], batch, spread, verbose, told)
    rows = np.zeros(len(data.rows), np.int64)
    rows[used] = np.arange(len(used))
    return head, computed, rows


class _Told(keras.callbacks.Callback):
    """A line a fifth of a prediction, where there is no bar: minutes of silence look like a hang."""

    def __init__(self, what: str):
        super().__init__()
        self._what = what

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        steps = self.params["steps"]
        if steps and 5 * (batch + 1) // steps > 5 * batch // steps:
            print(f"{self._what}: {100 * (batch + 1) // steps} %", flush=True)


def cached(
    model: keras.Model, population: Path, data: inputs.RunData, config: Mapping[str, Any]
) -> tuple[keras.Model, np.memmap]:
    """The part of `model` behind its frozen layers, and what to feed it in place of images.

    Computes the features where no earlier run has; killed at any time, it goes on from the finished images when
    called again. A second process that wants the same features waits for the first.

    Args:
        model: with a layer named `frozen.FROZEN`.
        population: folder with the image cache; the features are kept there as features-<size>-<key>.npy, and a
            .json beside it says what they are.
        data: the population opened for the run.
        config: the run's resolved settings.

    Returns:
        The head, features → probabilities (layers shared with `model`), and the features (M, …), row by row as
        `data.images`; float16 where the precision is a half one, float32 otherwise.

    Raises:
        UserError: nothing is frozen or images are augmented during training, features overflow, or the disk is full.
    """
    parts = frozen.split(model)
    if parts is None or config["augmentation"] != "none":
        reason = f"augmentation={config['augmentation']}" if parts else f"{model.name} has no frozen layers"
        raise UserError(
            f"cache_features=True needs features that never change, but {reason}; set one or the other"
        )
    stem, head = parts
    identity = _identity(stem, population, data, config)
    key = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:16]
    target = population / f"features-{config['size']}-{key}.npy"
    shape = (len(data.images), *stem.output_shape[1:])
    dtype = np.dtype(np.float32 if stem.output.dtype == "float32" else np.float16)
    with writing(target), alone(target):
        found = _open(target, shape, dtype)
        if found is None:
            partial = target.with_suffix(".partial.npy")
            _compute(stem, data.images, partial, shape, dtype, f"features of {model.name}")
            files.write_json(target.with_suffix(".json"), identity)
            seals.seal(partial, target)
            partial.replace(target)
            partial.with_suffix(_SUMS).unlink()
            found = _open(target, shape, dtype)
    if found is None:
        raise UserError(f"{target} cannot be read back; delete it and run again")
    return head, found


def _identity(
    stem: keras.Model, population: Path, data: inputs.RunData, config: Mapping[str, Any]
) -> dict[str, Any]:
    pixels = cache.path(population, data.fingerprint, config["size"]).with_suffix(".json")
    return {
        "images": files.read_json(pixels),
        **{name: config[name] for name in _KEYS},
        "stem_sha256": digest(stem),
    }


def digest(model: keras.Model) -> str:
    """SHA-256 of a model's layers, their settings and variables, 64 hexadecimal digits; names do not count."""
    found = hashlib.sha256()
    for layer in leaves(model):
        settings = {
            key: value for key, value in layer.get_config().items() if key not in ("name", "trainable")
        }
        found.update(f"{type(layer).__name__} {json.dumps(settings, sort_keys=True, default=str)}\n".encode())
    for variable in model.variables:
        values = np.ascontiguousarray(keras.ops.convert_to_numpy(variable))
        found.update(f"{variable.name} {values.shape}\n".encode())
        found.update(values.data)
    return found.hexdigest()


@contextlib.contextmanager
def alone(target: Path) -> Iterator[None]:
    """Compute a file of the population in one process; another that wants it waits."""
    lock = filelock.FileLock(target.with_suffix(".lock"))
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        print(f"another process is computing {target}; waiting for it", file=sys.stderr, flush=True)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _open(target: Path, shape: tuple[int, ...], dtype: np.dtype) -> np.memmap | None:
    """The finished array; None where it is absent or damaged, which is mended by computing it again."""
    try:
        array = npz.mapped(target)
    except (OSError, Damaged):
        return None
    return array if isinstance(array, np.memmap) and array.shape == shape and array.dtype == dtype else None


def _compute(
    stem: keras.Model, images: np.ndarray, partial: Path, shape: tuple[int, ...], dtype: np.dtype, what: str
) -> None:
    """Append batch by batch to an .npy file, each on the disk before the next; whole batches of it are taken over.

    Their checksums lie beside it, so that what a disk has lost since is computed again.

    Plain writes, not a memory map: on a full disk a map kills the process where a write raises OSError.
    """
    header = _header(shape, dtype)
    step = BATCH * int(np.prod(shape[1:])) * dtype.itemsize
    # One function for batches of any length, traced once: tracing takes seconds in a deep network.
    pixels = tf.TensorSpec((None, *images.shape[1:]), images.dtype)
    features = tf.function(
        lambda batch: stem(inputs.to_input(batch), training=False), input_signature=[pixels]
    )
    with partial.open("ab+") as opened, partial.with_suffix(_SUMS).open("ab+") as sums:
        opened.seek(0)
        begun = opened.read(len(header)) == header
        batches = _whole_batches(opened, sums, step) if begun else 0
        opened.truncate(len(header) + batches * step if begun else 0)
        sums.truncate(batches * _SUM.itemsize)
        if not begun:
            opened.write(header)
        for start in range(batches * BATCH, len(images), BATCH):
            values = features(images[start : start + BATCH]).numpy().astype(dtype)
            if not np.isfinite(values).all():
                raise UserError(f"{what} overflow {dtype}; use PRECISION=float32")
            for file, content in ((opened, values.tobytes()), (sums, _sum(values.tobytes()))):
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            report(what, start, min(start + BATCH, len(images)), len(images))


def _whole_batches(opened: IO[bytes], sums: IO[bytes], step: int) -> int:
    """How many batches from here on are what was written, the first that is not and all after it left out."""
    sums.seek(0)
    batches = 0
    while len(content := opened.read(step)) == step and sums.read(_SUM.itemsize) == _sum(content):
        batches += 1
    return batches


def _sum(content: bytes) -> bytes:
    return np.array(zlib.crc32(content), _SUM).tobytes()


def _header(shape: tuple[int, ...], dtype: np.dtype) -> bytes:
    stream = io.BytesIO()
    description = {"descr": dtype.str, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, description)
    return stream.getvalue()


def report(what: str, before: int, done: int, total: int) -> None:
    """Say how far some work is: a line each tenth."""
    if before * 10 // total < done * 10 // total:
        print(f"{what}: {done:,} of {total:,} images ({done / total:.0%})", file=sys.stderr, flush=True)
