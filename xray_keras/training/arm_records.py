"""What survives of each completed network of a run with arms: its answers, its history, how long it took."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np

from xray_keras import files, npz, seals
from xray_keras.models import saved


class Record(NamedTuple):
    """A completed network.

    Attributes:
        probabilities: of the held-out images, float32 (N, labels).
        history: one dictionary an epoch, see `Network.fit`; empty for a classifier that is no network.
        contents: what it was shown, see `training.arms`.
        seconds: of its training and prediction.
    """

    probabilities: np.ndarray
    history: list[dict[str, float]]
    contents: dict[str, Any]
    seconds: float


class Records:
    """Records of a run, a file each in `<run>/checkpoints/`; they stay, so that a new arm trains nothing but itself."""

    def __init__(self, run: Path):
        self._folder = run / "checkpoints"
        self._published = run / "model.keras"
        self._model = self._folder / "model.keras"  # until it is published
        self._identity = self._folder / "model.json"  # of the model, published or not

    def _path(self, arm: str, seed: int) -> Path:
        return self._folder / f"{arm}-{seed}.npz"

    def find(self, arm: str, seed: int, identity: Mapping[str, Any]) -> Record | None:
        """The record of a network; None where there is none of this `identity` (settings, data, generated images).

        Raises:
            UserError: it is damaged.
        """
        path = self._path(arm, seed)
        if not path.is_file():
            return None
        found = npz.read(path, "run again", ("record", "probabilities"))
        record = json.loads(str(found["record"]))
        if record.pop("identity") != identity:
            return None
        return Record(found["probabilities"], **record)

    def save(self, arm: str, seed: int, identity: Mapping[str, Any], record: Record) -> None:
        """Publish the record of a network that has just been trained."""
        value = {"identity": identity, **record._asdict()}
        probabilities = value.pop("probabilities")
        record_of_it = np.array(json.dumps(value))
        seals.begin(self._folder)
        npz.write(self._path(arm, seed), {"probabilities": probabilities, "record": record_of_it})

    def has_model(self, identity: Mapping[str, Any]) -> bool:
        """Whether the model to publish is at hand, or published, and that of this network."""
        if not self._identity.is_file() or not (self._model.is_file() or self._published.is_file()):
            return False
        return bool(files.read_json(self._identity) == identity)

    def save_model(self, model: keras.Model, identity: Mapping[str, Any]) -> None:
        """Keep the model that the run will publish when all its networks are trained."""
        self._identity.unlink(missing_ok=True)
        seals.begin(self._folder)
        saved.publish(model, self._model)
        files.write_json(self._identity, identity)

    def publish_model(self) -> None:
        """Move the model to where the run publishes it, newer than all its other files."""
        if self._model.is_file():
            seals.seal(self._model, self._published)
            self._model.replace(self._published)
        self._published.touch()
