"""Training and prediction of runs, as `train` and `predict` of the command line do them."""

import importlib
import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xray_keras import experiment
from xray_keras.commands.verb import import_tensorflow, population
from xray_keras.errors import UserError


def train(runs: Sequence[Path], *, predicting: bool) -> None:
    """Train runs, those in one pass over their images that can be; the others one by one.

    Args:
        runs: their folders.
        predicting: whether to predict as well what has no predictions of its model.
    """
    configs = {run: experiment.read_settings(run) for run in runs}
    for run, config in configs.items():
        _check_names(run, config)
    import_tensorflow()
    for taken in _passes(configs):
        predicted = {run for run in taken if _is_predicted(run)}
        trained = _together(taken) if len(taken) > 1 else _alone(taken[0], configs[taken[0]])
        for run in taken if predicting else ():
            if run in predicted.difference(trained):
                (run / "predictions.parquet").touch()  # newer than whatever made make ask
            elif configs[run]["labels"]:
                predict(run, configs[run])


def predict(run: Path, config: Mapping[str, Any]) -> None:
    """Write the predictions of a trained run with these settings."""
    from xray_keras.evaluation import predict, predict_regions

    predicted = predict_regions if config["trainer"] == "regions" else predict
    predicted.predict(run, population(run))


def _passes(configs: Mapping[Path, Mapping[str, Any]]) -> list[list[Path]]:
    """The runs, those together that one pass can train; on several devices each has all of them to itself."""
    from xray_keras.training import devices

    several = devices.asked() > 1
    passes: dict[object, list[Path]] = {}
    for run, config in configs.items():
        if several and not devices.can_spread(config):
            print(f"{run.name} uses one device: only supervised training of whole networks can be spread")
        shared = None if several else experiment.one_pass(config)
        passes.setdefault((population(run), shared) if shared else run, []).append(run)
    return list(passes.values())


def _alone(run: Path, config: Mapping[str, Any]) -> list[Path]:
    trainer = importlib.import_module(f"xray_keras.training.{config['trainer']}")
    trainer.train(run, population(run))
    return [run]


def _together(runs: Sequence[Path]) -> list[Path]:
    from xray_keras.training import together

    return together.train(runs, population(runs[0]))


def _is_predicted(run: Path) -> bool:
    """Whether the predictions are of the model that is there."""
    model, predictions = run / "model.keras", run / "predictions.parquet"
    both = model.is_file() and predictions.is_file()
    return both and predictions.stat().st_mtime >= model.stat().st_mtime


def _check_names(run: Path, config: Mapping[str, Any]) -> None:
    """Raise where there is no module of the name that an experiment gives its trainer or its model."""
    for what, package in (("trainer", "training"), ("model", "models")):
        name = config.get(what)
        if importlib.util.find_spec(f"xray_keras.{package}.{name}") is None:
            raise UserError(
                f"{run / 'config.json'} names the {what} {name!r}, but there is no such module in "
                f"xray_keras.{package}; correct the experiment"
            )
