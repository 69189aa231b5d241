"""What frozen convolutions make of scenes: computed once, kept on disk, shared by all runs of the same views.

The file belongs to the population, under a key of everything its numbers depend on. Like a cache of scenes it holds
maps of their own sizes end to end; float16, which halves what VGG16's 512 channels take.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from xray_keras import files, npz
from xray_keras.datasets import cache, layouts
from xray_keras.errors import Damaged, UserError, reason
from xray_keras.training import features, scene_batches, scene_views
from xray_keras.training.scene_data import SceneData

BATCH = 16
_KEYS = ("size", "split", "validation", "share", "augmentation")


class Seen(NamedTuple):
    """Pictures of one shape, in one view; `number` is None where they are seen as they are."""

    positions: np.ndarray
    number: int | None


class SceneMaps:
    """Maps of each view of the training pictures, and of the other pictures as they are."""

    def __init__(self, array: np.ndarray, layout: layouts.Layout, order: list[Seen]):
        """Take what lies in a file, and in which order."""
        self._array, self._layout = array, layout
        keys = ((int(position), seen.number) for seen in order for position in seen.positions)
        self._entry = {key: entry for entry, key in enumerate(keys)}

    def of(self, positions: np.ndarray, number: int | None) -> np.ndarray:
        """Float16 (B, h, w, C), of pictures that share a shape; `number` is None for pictures as they are."""
        entries = (self._entry[int(position), number] for position in positions)
        return np.stack([self._layout.picture(self._array, entry) for entry in entries])


def maps(stem: keras.Model, population: Path, data: SceneData, config: Mapping[str, Any]) -> SceneMaps:
    """Open the maps of a run's pictures, computed where no earlier run has.

    Args:
        stem: frozen, (B, H, W, 3) float32, 0–255 → (B, h, w, C).
        population: folder of the cache.
        data: the run's pictures.
        config: its settings, with a fixed number of views.

    Raises:
        UserError: a map overflows float16; a full disk.
    """
    order = _order(data, config)
    shapes = [
        tuple(stem.compute_output_shape((1, *_shape(data, seen, config), 3))[1:])
        for seen in order
        for _ in seen.positions
    ]
    layout = layouts.end_to_end(shapes)
    identity = _identity(stem, population, data, config)
    key = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:16]
    target = population / f"maps-{config['size']}-{key}.npy"
    with features.alone(target):
        if not target.is_file():
            _compute(stem, data, config, order, target, layout)
            files.write_json(target.with_suffix(".json"), identity)
    try:
        array = npz.mapped(target)
        if array.shape != layout.array:
            raise Damaged("it has another length")
    except (Damaged, OSError) as error:
        raise UserError(f"{target} is damaged ({reason(error)}); delete it and run again") from None
    return SceneMaps(array, layout, order)


def _order(data: SceneData, config: Mapping[str, Any]) -> list[Seen]:
    training = scene_batches.groups(data, data.part("train"), config["batch_size"])
    views = range(config["model_options"]["views"])
    held_out = scene_batches.by_shape(data, data.part("validation", "test"), BATCH)
    return [Seen(group, number) for number in views for group in training] + [
        Seen(group, None) for group in held_out
    ]


def _shape(data: SceneData, seen: Seen, config: Mapping[str, Any]) -> tuple[int, int]:
    shape = data.shape(seen.positions[0])
    together = seen.number is not None and config["batch_size"] > 1
    return scene_views.shared(shape) if together else shape


def _compute(
    stem: keras.Model,
    data: SceneData,
    config: Mapping[str, Any],
    order: list[Seen],
    target: Path,
    layout: layouts.Layout,
) -> None:
    """Append map by map: plain writes, for on a full disk a memory map kills the process."""
    signature = [tf.TensorSpec((None, None, None, 3), tf.float32)]
    run = tf.function(lambda x: stem(x, training=False), input_signature=signature)
    total, done = sum(len(seen.positions) for seen in order), 0
    with files.publish(target) as temporary, temporary.open("wb") as opened:
        np.lib.format.write_array_header_2_0(
            opened, {"descr": "<f2", "fortran_order": False, "shape": layout.array}
        )
        for seen in order:
            for start in range(0, len(seen.positions), BATCH):
                positions = seen.positions[start : start + BATCH]
                values = run(scene_batches.input_of(data, positions, config, seen.number)).numpy()
                if np.abs(values).max() > np.finfo(np.float16).max:
                    raise UserError(f"maps of {stem.name} overflow float16; set views=0 in the experiment")
                opened.write(values.astype("<f2").tobytes())
                features.report(f"maps of {stem.name}", done, done + len(positions), total)
                done += len(positions)
        opened.flush()
        os.fsync(opened.fileno())


def _identity(
    stem: keras.Model, population: Path, data: SceneData, config: Mapping[str, Any]
) -> dict[str, Any]:
    pixels = cache.path(population, data.fingerprint, config["size"]).with_suffix(".json")
    return {
        "images": files.read_json(pixels),
        "views": config["model_options"]["views"],
        "pictures_seed": config["model_options"]["pictures_seed"],
        "together": config["batch_size"] > 1,
        **{name: config[name] for name in _KEYS},
        "stem_sha256": features.digest(stem),
    }
