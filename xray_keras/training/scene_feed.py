"""What a network of regions is fed with: views of pictures, or the maps that its frozen convolutions made of them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from xray_keras.models import frozen
from xray_keras.training import scene_batches, scene_features, streams
from xray_keras.training.lessons import Lessons
from xray_keras.training.scene_data import SceneData

_SEEN = 16  # pictures at once where nothing is learned


class Feed:
    """Batches for one run.

    Attributes:
        trained: what they are for: the network, or the part of it behind frozen convolutions.
        steps: batches of an epoch.
    """

    def __init__(
        self,
        network: keras.Model,
        taught_by: keras.Model | None,
        population: Path,
        data: SceneData,
        config: Mapping[str, Any],
    ):
        """Compute what stays the same in all epochs; nothing does where each epoch has other views.

        Args:
            network: input → {"regions", …}.
            taught_by: the teacher whose knowledge comes with each batch; None for batches without.
            population: folder of the cache. data, config: of the run.
        """
        self._data, self._config = data, config
        self.trained, self.steps = network, scene_batches.steps(data, config)
        cut = frozen.split(network) if config["model_options"]["views"] else None
        self._maps: scene_features.SceneMaps | None = None
        if cut is not None:
            stem, self.trained = cut
            self._maps = scene_features.maps(stem, population, data, config)
        self._lessons = Lessons(taught_by, population, data, config) if taught_by is not None else None

    def epoch(self, epoch: int) -> tf.data.Dataset:
        """Batches (x, hard labels (B, M)), with a teacher also its features (B, M, d) and answers (B, M)."""
        first = next(self._batches(epoch))
        signature = [tf.TensorSpec((None,) * each.ndim, each.dtype) for each in first]
        dataset = streams.dataset(lambda: self._batches(epoch), self.steps, signature)
        if self._maps is None:
            dataset = dataset.map(
                lambda pictures, warps, *known: (scene_batches.to_input(pictures, warps), *known)
            )
        return dataset.prefetch(2)

    def held_out(self, positions: np.ndarray) -> Iterator[tuple[np.ndarray, tf.Tensor]]:
        """Pictures as they are: their positions, and what `trained` takes."""
        for group in scene_batches.by_shape(self._data, positions, _SEEN):
            if self._maps is None:
                yield group, scene_batches.input_of(self._data, group, self._config, None)
            else:
                yield group, tf.constant(self._maps.of(group, None), tf.float32)

    def _batches(self, epoch: int) -> Iterator[streams.Batch]:
        for batch in scene_batches.of_epoch(self._data, self._config, epoch):
            x = (
                (batch.pictures, batch.warps)
                if self._maps is None
                else (self._maps.of(batch.positions, batch.number).astype(np.float32),)
            )
            known = self._lessons.of(batch.positions, batch.number) if self._lessons else ()
            yield (*x, batch.labels, *known)
