"""Runs of Table III as its page reads them: a finding's networks, trained with and without GAN images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xray_keras import files
from xray_keras.errors import Damaged, UserError
from xray_keras.evaluation import arms, parquet
from xray_keras.papers import loader
from xray_keras.papers.printed import Printed
from xray_keras.reporting.runs import Run

WITHOUT, WITH, UNSELECTED = "without", "with", "unselected"
PRINTED = {WITH: "w/ GAN", WITHOUT: "w/o GAN"}
TUNED = "F1, tuned threshold"
PATHS = {
    "Accuracy": "default/accuracy",
    "Recall": "default/recall",
    "Precision": "default/precision",
    "F1": "default/f1",
    "AUC": "auc",
    TUNED: "best_f1/f1",
}
"""Metric of the page → where `evaluation.arms` puts it."""


@dataclass(frozen=True)
class Trained:
    """One finding's networks.

    Attributes:
        finding: the label.
        run: that trained them.
        evaluated: see `evaluation.arms.evaluate`.
        contents: arms.json, see `training.arms`.
    """

    finding: str
    run: Run
    evaluated: Mapping[str, Any]
    contents: Mapping[str, Any]

    @property
    def arms(self) -> list[str]:
        return list(self.evaluated["arms"])

    def value(self, arm: str, metric: str) -> Mapping[str, Any]:
        """Mean over seeds with its interval: a `metrics.Cell` with "sd"."""
        return self.evaluated["arms"][arm]["labels"][self.finding][PATHS[metric]]

    def difference(self, reference: str, metric: str) -> Mapping[str, Any] | None:
        """With GAN images minus `reference`; None where that arm is absent."""
        for each in self.evaluated["differences"]:
            if each["reference"] == reference:
                return each["labels"][self.finding][PATHS[metric]]
        return None


def read(runs: Sequence[Run], columns: Sequence[str]) -> list[Trained]:
    """A finding each: those of the printed columns first and in their order.

    Raises:
        UserError: a run has no arms "without" and "with" of one finding, its predictions are absent or damaged, or a
            finding is in two runs.
    """
    trained = [_read(run) for run in runs]
    found = {each.finding: each for each in trained}
    if len(found) < len(trained):
        raise UserError(
            f"two of the runs are of one finding ({', '.join(each.finding for each in trained)}); give each once"
        )
    order = [*(name for name in columns if name in found), *(name for name in found if name not in columns)]
    return [found[name] for name in order]


def _read(run: Run) -> Trained:
    path = run.folder / "arms.parquet"
    if len(run.config["labels"]) != 1 or not {WITH, WITHOUT} <= set(run.config.get("arms", {})):
        raise UserError(
            f'{run.folder / "config.json"} is of no single finding with the arms "{WITHOUT}" and "{WITH}"; give runs '
            "of Table III"
        )
    if not path.is_file():
        raise UserError(f"{path} is absent; train the run first")
    try:
        frame = parquet.read(path)
    except (OSError, Damaged) as error:
        raise UserError(f"{path} cannot be read ({error}); delete it and train the run again") from error
    pairs = [(WITH, arm) for arm in (WITHOUT, UNSELECTED) if arm in run.config["arms"]]
    contents = files.read_json(run.folder / "arms.json")
    return Trained(run.config["labels"][0], run, arms.evaluate(frame, pairs=pairs), contents)


def cell(printed: loader.PrintedTable, arm: str, metric: str, finding: str) -> Printed | None:
    """The printed cell of an arm; None where the paper prints none."""
    if arm not in PRINTED or metric not in printed.metrics:
        return None
    return printed.cell(PRINTED[arm], metric, finding)
