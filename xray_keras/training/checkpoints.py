"""What survives a kill -9: the history and the weights of the last completed epoch, and the best ones."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from xray_keras import files, seals
from xray_keras.errors import Damaged, UserError, reason
from xray_keras.training.tracking import Tracker
from xray_keras.untrusted import hdf5

_ENVIRONMENT = "environment.json"


class Checkpoints:
    """Checkpoints of one run, in `<run>/checkpoints/`.

    `state.json` holds the history and names the weights that belong to its last epoch; replacing this small file is
    the moment an epoch counts. Weights include the optimizer's moments and the generators' states, so that a resumed
    run ends with the same numbers.

    Attributes:
        history: one dictionary an epoch: epoch, loss, val_loss, val_auc, val_f1.
        finished: whether the training that `identity` describes has ended and the model was published.
    """

    def __init__(self, run: Path, identity: Mapping[str, Any]):
        """Open the checkpoints of `run`; those of another `identity` (settings, data) are worthless and ignored.

        Raises:
            UserError: see `tracking.Tracker`.
        """
        self.run = run
        self.folder = run / "checkpoints"
        self.identity = dict(identity)
        self.history: list[dict[str, float]] = []
        self.finished = False
        self._environment: Any = None
        self._tracker = Tracker(run)
        if self._state.is_file():
            state = files.read_json(self._state)
            if state["identity"] == self.identity:
                self.history, self.finished = state["history"], state["finished"]
                self._environment = state.get("environment")

    @property
    def _state(self) -> Path:
        return self.folder / "state.json"

    def _weights(self, epoch: int) -> Path:
        return self.folder / f"epoch{epoch}.weights.h5"

    def ended(self, *published: str) -> bool:
        """Whether there is nothing left to train: it has ended and left these files; says so, and tells make.

        Writes history.csv and environment.json again where they are absent.

        Args:
            published: names of files in the run's folder.
        """
        if not self.finished or not all((self.run / name).is_file() for name in published):
            return False
        if self._environment and not (self.run / _ENVIRONMENT).is_file():
            files.write_json(self.run / _ENVIRONMENT, self._environment)
        if not (self.run / "history.csv").is_file():
            self.write_history(self.run / "history.csv")
        (self.run / "model.keras").touch()  # newer than whatever made make ask
        self._tracker.follow(self.history)
        print(f"{self.run.name}: trained with these settings on these images already")
        return True

    def resume(self, model: keras.Model) -> int:
        """Load the last completed epoch into `model` (compiled) and return its number; 0 to start afresh."""
        done = len(self.history)
        if done and not self._weights(done).is_file():
            self.history, done = [], 0
        if done:
            model.optimizer.build(model.trainable_variables)
            _load(model, self._weights(done))
            print(f"{self.run.name}: going on after epoch {done}", flush=True)
        return done

    def save(self, model: keras.Model, scores: Mapping[str, float]) -> None:
        """Publish the epoch that has just ended, scored by `scores` (among them "val_auc")."""
        epoch = len(self.history) + 1
        seals.begin(self.folder)
        with files.publish(self._weights(epoch)) as temporary:
            files.check_room(temporary, _bytes(model))
            model.save_weights(temporary)
        self.history.append({"epoch": epoch, **scores})
        self._publish()
        self._remove_all_but(epoch, self.best_epoch())

    def finish(self) -> None:
        """Mark the training as ended and drop the weights: the published model holds what counts."""
        self.finished = True
        if (self.run / _ENVIRONMENT).is_file():
            self._environment = files.read_json(self.run / _ENVIRONMENT)
        self._publish()
        self._remove_all_but()

    def _publish(self) -> None:
        state = {"identity": self.identity, "finished": self.finished, "history": self.history}
        files.write_json(self._state, {**state, "environment": self._environment})
        self._tracker.follow(self.history)

    def _remove_all_but(self, *epochs: int) -> None:
        kept = {self._weights(epoch) for epoch in epochs}
        for path in self.folder.glob("*.weights.h5"):  # of earlier epochs, and what a kill has left of one
            if path not in kept:
                path.unlink()
                seals.remove(path)

    def best_epoch(self) -> int:
        """Epoch with the highest validation AUC, of equals that with the lowest loss; 0 before the first."""
        if not self.history:
            return 0
        return int(max(self.history, key=lambda row: (row["val_auc"], -row["val_loss"]))["epoch"])

    def exhausted(self, patience: int | None) -> bool:
        """Whether `patience` epochs have passed since the best one."""
        return patience is not None and len(self.history) - self.best_epoch() >= patience

    def load_best(self, model: keras.Model) -> None:
        """Put the best epoch's weights into `model`."""
        _load(model, self._weights(self.best_epoch()))

    def write_history(self, path: Path) -> None:
        """Write history.csv: one row an epoch."""
        with files.publish(path) as temporary:
            pd.DataFrame(self.history).to_csv(temporary, index=False)


class LastCheckpoints(Checkpoints):
    """Checkpoints of a training without a best epoch: the last one is kept."""

    def best_epoch(self) -> int:
        """The last completed epoch; 0 before the first."""
        return len(self.history)


def _bytes(model: keras.Model) -> int:
    """What weights and the optimizer's moments take on disk, with HDF5's own structures."""
    optimizer = getattr(model, "optimizer", None)
    variables = [*model.variables, *(optimizer.variables if optimizer else ())]
    return sum(4 * int(np.prod(each.shape)) + 2048 for each in variables) + (1 << 16)


def _load(model: keras.Model, weights: Path) -> None:
    try:
        seals.check(weights)
        with hdf5.opened(weights):  # looks through it
            model.load_weights(weights)
    except (Damaged, OSError) as error:
        raise UserError(
            f"{weights} is damaged ({reason(error)}); delete the folder {weights.parent} and run again"
        ) from error
