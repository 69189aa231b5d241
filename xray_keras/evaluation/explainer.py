"""A run's model, ready to explain its predictions in batches: the module of the stage that needs TensorFlow."""

import time
from collections.abc import Mapping
from typing import Any, Literal

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from xray_keras.models import explanations
from xray_keras.training import inputs

BATCH = 16  # images at once
REPEATS = 15  # of everything that is timed


class Explainer:
    """The run's model, compiled once for each kind of explanation.

    Pairs are tables with the columns `row` (of the run's data) and `finding`.
    """

    def __init__(self, model: keras.Model, data: inputs.RunData, config: Mapping[str, Any]) -> None:
        self.variant: Literal["paper", "code"] = "code" if config["variant"] == "code" else "paper"
        self._data, self._labels = data, list(config["labels"])
        self._side = explanations.take_apart(model).network.output_shape[1]
        images = tf.TensorSpec((None, *data.images.shape[1:]), tf.uint8)
        labels = tf.TensorSpec((None,), tf.int32)

        def one(pixels: tf.Tensor, label: tf.Tensor) -> tf.Tensor:
            return explanations.saliency(model, inputs.to_input(pixels), label, self.variant)

        def every(pixels: tf.Tensor) -> tf.Tensor:
            return explanations.saliency(model, inputs.to_input(pixels), variant=self.variant)

        def forward(pixels: tf.Tensor, label: tf.Tensor) -> explanations.ClassMaps:
            return explanations.class_maps(model, inputs.to_input(pixels), label)

        # Tracing a deep network takes longer than most batches: as few functions as the times below need.
        self._one = tf.function(one, input_signature=[images, labels], autograph=False)
        self._every = tf.function(every, input_signature=[images], autograph=False)
        self._forward = tf.function(forward, input_signature=[images, labels], autograph=False)

    def maps(self, pairs: pd.DataFrame) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Probability of each pair's finding (B,), and method → map (B, S, S)."""
        columns = self._columns(pairs)
        pixels = self._pixels(pairs["row"].to_numpy())
        found = self._forward(pixels, columns)
        rows, inverse = np.unique(pairs["row"], return_inverse=True)
        maps = {
            "saliency": self._one(pixels, columns).numpy(),
            "saliency_all": self._every(self._pixels(rows)).numpy()[inverse],
            "cam": found.cam.numpy(),
            "cam_all": found.cam_all.numpy(),
            "grad_cam": found.grad_cam.numpy(),
        }
        return found.probability.numpy()[np.arange(len(columns)), columns], maps

    def probabilities(self, pairs: pd.DataFrame) -> np.ndarray:
        """Probability of each pair's finding (N,)."""
        found = []
        for start in range(0, len(pairs), BATCH):
            part = pairs.iloc[start : start + BATCH]
            columns = self._columns(part)
            p = self._forward(self._pixels(part["row"].to_numpy()), columns).probability.numpy()
            found.append(p[np.arange(len(part)), columns])
        return np.concatenate(found)

    def measured(self, row: int) -> dict[str, Any]:
        """Times with one image, each kind in turn so that a busy moment meets all of them alike."""
        pixels, label = self._pixels(np.array([row])), np.zeros(1, np.int32)
        timed = {
            "prediction": lambda: self._forward(pixels, label).probability,
            "one": lambda: self._one(pixels, label),
            "all": lambda: self._every(pixels),
        }
        seconds: dict[str, list[float]] = {name: [] for name in timed}
        for repeat in range(REPEATS + 1):
            for name, function in timed.items():
                began = time.perf_counter()
                function().numpy()
                if repeat:  # the first one compiles
                    seconds[name].append(time.perf_counter() - began)
        medians = {name: float(np.median(values)) for name, values in seconds.items()}
        return {"map_side": self._side, "seconds": medians}

    def _columns(self, pairs: pd.DataFrame) -> np.ndarray:
        return np.array([self._labels.index(finding) for finding in pairs["finding"]], np.int32)

    def _pixels(self, rows: np.ndarray) -> np.ndarray:
        return self._data.images[self._data.rows[rows]]
