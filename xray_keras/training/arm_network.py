"""One compiled network that is trained again and again, each time from initial weights of its own.

What takes time in dozens of small trainings is tracing: here it happens once. Between two trainings weights, moments
and random generators are set as in a newly built network, so that each ends with the numbers it would have alone.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from xray_keras.training import environment, heads, inputs, optimizers, streams, supervised

_BLOCK = 256  # images a prediction


class Network:
    """The network of a resolved config.

    Attributes:
        model: with the weights of the last training.
    """

    def __init__(self, config: Mapping[str, Any], steps: int):
        """Build and compile it.

        Args:
            config: resolved settings.
            steps: optimizer steps an epoch.
        """
        self._config, self._steps = config, steps
        self.model = supervised.build_model(config)
        self._variables = list(self.model.variables)
        self._weight = keras.Variable(1.0, trainable=False, dtype="float32")
        self._loss = supervised.loss_function(config, self._weight)
        self.model.compile(
            optimizer=optimizers.build(config, steps, self.model.trainable_variables),
            loss=self._loss,
            steps_per_execution=steps,
        )
        # Moments start at zero; single numbers (learning rate, iterations) as they stand now.
        self._numbers = [
            None if len(variable.shape) else keras.ops.convert_to_numpy(variable).item()
            for variable in self.model.optimizer.variables
        ]

    def reset(self, seed: int, positive_weight: float) -> None:
        """Put the network where one newly built with `seed` would stand.

        Args:
            seed: of initial weights and dropout.
            positive_weight: of `supervised.positive_weight`.
        """
        environment.prepare(seed)
        fresh = supervised.build_model(self._config)
        for variable, initial in zip(self._variables, fresh.variables, strict=True):
            variable.assign(initial)
        for variable, number in zip(self.model.optimizer.variables, self._numbers, strict=True):
            variable.assign(keras.ops.zeros_like(variable) if number is None else number)
        self._weight.assign(positive_weight)

    def fit(
        self,
        batches: Callable[[int], Iterable[streams.Batch]],
        affine: bool,
        held_out: tuple[np.ndarray, np.ndarray],
    ) -> list[dict[str, float]]:
        """Train for all epochs; end with the last or the best epoch's weights, as the config says.

        Args:
            batches: of an epoch, see `arm_images.batches`.
            affine: whether they come with affine maps.
            held_out: validation images, uint8 (N, S, S), and their targets (N, labels).

        Returns:
            one dictionary an epoch: epoch, loss, val_loss, val_auc, val_f1.
        """
        config = self._config
        history: list[dict[str, float]] = []
        best: list[np.ndarray] = []
        images, targets = held_out

        def completed(epoch: int, loss: float) -> bool:
            nonlocal best
            scores = supervised.validation_scores(self._output(images), targets, self._loss)
            better = all(_rank(scores) > _rank(row) for row in history)
            history.append({"epoch": epoch + 1, "loss": loss, **scores})
            optimizers.adjust(self.model.optimizer, config, history)
            if config["keep"] == "best" and better:
                best = [value.copy() for value in self.model.get_weights()]
            return False

        def generate() -> Iterator[streams.Batch]:
            for epoch in range(config["epochs"]):
                yield from batches(epoch)

        size = config["size"]
        signature = [
            tf.TensorSpec((None, size, size), tf.uint8),
            tf.TensorSpec((None, len(config["labels"])), tf.float32),
        ]
        if affine:
            signature.append(tf.TensorSpec((None, 8), tf.float32))
        dataset = streams.dataset(generate, config["epochs"] * self._steps, signature)
        self.model.fit(
            dataset.map(lambda x, y, *maps: (inputs.to_input(x, *maps), y)).prefetch(4),
            epochs=config["epochs"],
            steps_per_epoch=self._steps,
            shuffle=False,
            verbose=0,
            callbacks=[heads.Epochs(completed)],
        )
        if best:
            self.model.set_weights(best)
        return history

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Probability of each label, float32 (N, labels), for images uint8 (N, S, S)."""
        return supervised.positive_probability(self._output(images), len(self._config["labels"]))

    def _output(self, images: np.ndarray) -> np.ndarray:
        blocks = (images[start : start + _BLOCK] for start in range(0, len(images), _BLOCK))
        return np.concatenate([self.model.predict_on_batch(inputs.to_input(block)) for block in blocks])


def _rank(scores: Mapping[str, float]) -> tuple[float, float]:
    return scores["val_auc"], -scores["val_loss"]
