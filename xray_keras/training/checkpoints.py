"""What survives a kill -9: the history and the weights of the last completed epoch, and the best ones."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import pandas as pd

from xray_keras import files
from xray_keras.errors import UserError


class Checkpoints:
    """Checkpoints of one run, in `<run>/checkpoints/`.

    The history is written before the weights, and the weights carry their epoch: when a kill falls between the two,
    the surplus row of the history is dropped and the epoch repeated, so both always tell of the same epoch.
    Weights include the optimizer's moments and the generators' seeds: a resumed run ends with the same numbers.
    """

    def __init__(self, run: Path, config: Mapping[str, Any]):
        self.folder = run / "checkpoints"
        self.config = dict(config)
        self.history: list[dict[str, float]] = []

    def resume(self, model: keras.Model) -> int:
        """Load the last completed epoch into `model` (compiled) and return its number; 0 to start afresh."""
        if not (self.folder / "state.json").is_file():
            return 0
        state = files.read_json(self.folder / "state.json")
        weights = self.folder / state["weights"]
        if state["config"] != self.config or not weights.is_file():
            return 0  # the settings changed, so what was trained with the old ones is worthless
        self.history = state["history"]
        if state["epoch"]:
            model.optimizer.build(model.trainable_variables)
            _load(model, weights)
        return state["epoch"]

    def save(self, model: keras.Model, scores: Mapping[str, float]) -> None:
        """Publish the epoch that has just ended, scored by `scores` (among them "val_auc")."""
        epoch = len(self.history) + 1
        self.history.append({"epoch": epoch, **scores})
        name = f"epoch{epoch}.weights.h5"
        with files.publish(self.folder / name) as temporary:
            model.save_weights(temporary)
        best = self.best_epoch()
        # One small file names the weights that count: replacing it is the moment the epoch becomes official.
        state = {"epoch": epoch, "weights": name, "config": self.config, "history": self.history}
        files.write_json(self.folder / "state.json", state)
        for old in self.folder.glob("epoch*.weights.h5"):
            if old.name not in (name, f"epoch{best}.weights.h5"):
                old.unlink()

    def best_epoch(self) -> int:
        """Epoch with the highest validation AUC, the first of equals; 0 before the first."""
        if not self.history:
            return 0
        return max(self.history, key=lambda row: (row["val_auc"], -row["epoch"]))["epoch"]

    def exhausted(self, patience: int | None) -> bool:
        """Whether `patience` epochs have passed since the best one."""
        return patience is not None and len(self.history) - self.best_epoch() >= patience

    def load_best(self, model: keras.Model) -> None:
        """Put the best epoch's weights into `model`."""
        _load(model, self.folder / f"epoch{self.best_epoch()}.weights.h5")

    def write_history(self, path: Path) -> None:
        """Write history.csv: one row an epoch."""
        with files.publish(path) as temporary:
            pd.DataFrame(self.history).to_csv(temporary, index=False)


def _load(model: keras.Model, weights: Path) -> None:
    try:
        model.load_weights(weights)
    except (OSError, ValueError, KeyError) as error:
        raise UserError(
            f"{weights} is damaged ({str(error).splitlines()[0]}); delete the folder {weights.parent} and run again"
        ) from error
