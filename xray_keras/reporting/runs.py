"""Read what a run left in its folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from xray_keras import experiment, files, seals
from xray_keras.datasets import text_table
from xray_keras.errors import Damaged, UserError, reason


@dataclass(frozen=True)
class Run:
    """A run's folder, read.

    Attributes:
        folder: `<base>/<variant>/<paper>/<row>`.
        config: settings that determine the numbers.
        card: paper, printed row, source, assumptions.
        environment: versions, device, seeds, data fingerprint, time.
        data: the population's summary: origin, completeness, counts.
    """

    folder: Path
    config: dict[str, Any]
    card: dict[str, Any]
    environment: dict[str, Any]
    data: dict[str, Any]

    @property
    def metrics(self) -> dict[str, Any]:
        """metrics.json, see `evaluation.evaluate`."""
        return files.read_json(self.folder / "metrics.json")

    @property
    def predictions(self) -> Path:
        return self.folder / "predictions.parquet"

    @property
    def history(self) -> pd.DataFrame:
        """One row an epoch: epoch, loss, val_loss, val_auc, val_f1."""
        path = self.folder / "history.csv"
        if not path.is_file():
            raise UserError(
                f"{path} is absent; run the stage that writes it first: xray-keras train {self.folder}"
            )
        try:
            seals.check(path)
            return text_table.cells(path, {})
        except (Damaged, OSError) as error:
            raise UserError(
                f"{path} is damaged ({reason(error)}); delete it and have it written again"
            ) from None

    @property
    def kind(self) -> str:
        """On which data the run stands: "phantom", "subset", or "full" (complete release at paper scale)."""
        if self.data["origin"] == "phantom":
            return "phantom"
        return "full" if self.data["complete"] and self.config["scale"] == "paper" else "subset"


def read(folder: Path) -> Run:
    """Read a trained run.

    Raises:
        UserError: a file of it is absent or damaged.
    """
    config = experiment.read_settings(folder)
    population = experiment.population_folder(folder, config)
    return Run(
        folder,
        config,
        files.read_json(folder / "card.json"),
        files.read_json(folder / "environment.json"),
        files.read_json(population / "summary.json"),
    )
