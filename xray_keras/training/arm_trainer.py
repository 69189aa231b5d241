"""Train the network of one arm and seed, or fit its classifier, and ask about the held-out images."""

import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from xray_keras.errors import UserError
from xray_keras.training import arm_images, inputs, shallow, supervised
from xray_keras.training.arm_network import Network
from xray_keras.training.arm_records import Record
from xray_keras.training.arm_settings import Arm
from xray_keras.training.generated import Generated

HELD_OUT = ("validation", "test")


class _Images(NamedTuple):
    """Training images of an arm, real ones first: uint8 (N + M, S, S), float32 (N + M, labels), N."""

    images: np.ndarray
    targets: np.ndarray
    real: int


class Trainer:
    """Trains the networks of a run, one after another.

    Attributes:
        steps: of an epoch.
        trained: networks and classifiers so far.
    """

    def __init__(self, config: Mapping[str, Any], data: inputs.RunData, sources: Mapping[str, Generated]):
        """Read the run's real images.

        Args:
            config: resolved settings. data: what it trains and is tested on.
            sources: what the GANs of the arms generated, by their role.
        """
        self._config, self._data, self._sources = config, data, sources
        training, validation = data.part("train"), data.part("validation")
        self._real = data.images[data.rows[training]], data.targets[training]
        self._validation = data.images[data.rows[validation]], data.targets[validation]
        self._asked = data.images[data.rows[data.part(*HELD_OUT)]]
        self._network: Network | None = None
        self.steps = -(-len(training) // config["batch_size"])
        self.trained = 0

    def network(self) -> Network:
        """The compiled network, built when it is first needed."""
        if self._network is None:
            self._network = Network(self._config, self.steps)
        return self._network

    def train(self, arm: Arm, seed: int) -> Record:
        """Train one network, or fit one classifier, and ask it about the held-out images."""
        began = time.monotonic()
        source = self._sources[arm.gan] if arm.needs_gan else None
        labels = self._config["labels"]
        drawn_from = arm_images.compose(arm, labels, self._real[1], source, seed)
        seen = self._images(source)
        epochs = self._config["epochs"] if arm.model is None else 1
        shown = [arm_images.shown(drawn_from, seen.real, arm.name, seed, epoch) for epoch in range(epochs)]
        history: list[dict[str, float]] = []
        if arm.model is None:
            history, probabilities = self._fit(arm, seed, seen, shown)
        else:
            batches = arm_images.batches(shown[0], seen.images, seen.targets, arm, seed, 0, seen.real)
            ((images, targets, *maps),) = batches
            learned = inputs.to_input(images, *maps)[..., 0].numpy().astype(np.uint8) if maps else images
            probabilities = shallow.probabilities(arm.model, learned, targets, self._asked, seed)
        self.trained += 1
        members = np.concatenate([drawn_from.real, drawn_from.generated + seen.real])
        contents = {
            **_contents(members, seen, labels, distinct=True),
            "shown": _contents(np.concatenate(shown), seen, labels, distinct=False),
            "steps": self.steps * epochs if arm.model is None else 0,
        }
        return Record(probabilities, history, contents, round(time.monotonic() - began, 2))

    def _fit(
        self, arm: Arm, seed: int, seen: _Images, shown: list[np.ndarray]
    ) -> tuple[list[dict[str, float]], np.ndarray]:
        targets = seen.targets[np.concatenate(shown)]
        try:
            weight = supervised.positive_weight(self._config, targets)
        except ValueError as error:
            raise UserError(
                f"arm {arm.name!r} shows {error}; say a smaller share of generated images"
            ) from None
        network = self.network()
        network.reset(seed, weight)
        history = network.fit(
            lambda epoch: arm_images.batches(
                shown[epoch], seen.images, seen.targets, arm, seed, epoch, self._config["batch_size"]
            ),
            arm_images.affine(arm),
            self._validation,
        )
        return history, network.probabilities(self._asked)

    def _images(self, source: Generated | None) -> _Images:
        images, targets = self._real
        if source is None:
            return _Images(images, targets, len(images))
        return _Images(
            np.concatenate([images, source.images]), np.concatenate([targets, source.targets]), len(images)
        )


def _contents(rows: np.ndarray, seen: _Images, labels: list[str], *, distinct: bool) -> dict[str, Any]:
    """Counts of `arms.json`; real and generated images are counted once each where `distinct`."""
    counted = np.unique(rows) if distinct else rows
    positives = seen.targets[rows].sum(axis=0).astype(int).tolist()
    return {
        "real": int((counted < seen.real).sum()),
        "generated": int((counted >= seen.real).sum()),
        "positives": dict(zip(labels, positives, strict=True)),
    }
