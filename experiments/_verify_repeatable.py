"""Train small runs twice, each time in fresh processes and a fresh folder, and compare what they leave, bit by bit.

`python -m experiments._verify_repeatable [EXPERIMENT …]`, some minutes on two cores. Compared are history.csv, every
column of predictions.parquet and every weight of model.keras: the archive itself holds the time of writing.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from xray_keras import experiment, files
from xray_keras.commands.verb import import_tensorflow

RUNS = ("ali2019/baseline_effusion", "zhao2019/student_hard")
ROOT = Path(__file__).parents[1]


def main(names: list[str]) -> int:
    """Verify each experiment; 0 where all repeat, else 1."""
    import_tensorflow()
    differing = 0
    for name in names or RUNS:
        with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
            found = list(differences(trained(name, Path(first)), trained(name, Path(second))))
        print(f"{name}: {'; '.join(found) or 'the same, bit by bit'}", flush=True)
        differing += bool(found)
    return 1 if differing else 0


def trained(name: str, folder: Path) -> Path:
    """Train `experiments/<name>.py` at demo scale on computed data below an empty folder; return the run's folder."""
    (folder / "experiments").symlink_to(ROOT / "experiments")
    _verb(folder, "plan", "plan.mk")
    run = Path("runs/phantom-demo/sound") / name
    config = files.read_json(folder / run / "config.json")
    population = experiment.population_folder(run, config)
    _verb(folder, "manifest", str(population))
    _verb(folder, "cache", str(population), "--size", str(config["size"]))
    _verb(folder, "train", str(run), "--predict")
    return folder / run


def differences(first: Path, second: Path) -> Iterator[str]:
    """What two runs of the same settings do not share."""
    if (first / "history.csv").read_bytes() != (second / "history.csv").read_bytes():
        yield "history.csv differs"
    one, other = (pd.read_parquet(run / "predictions.parquet") for run in (first, second))
    if not one.equals(other):
        shared = one.columns.intersection(other.columns)
        unlike = [str(column) for column in shared if not one[column].equals(other[column])]
        yield f"predictions differ in {', '.join(unlike) or 'their columns or rows'}"
    unlike = [
        name for name, (a, b) in _weights(first, second).items() if a.shape != b.shape or (a != b).any()
    ]
    if unlike:
        yield f"{len(unlike)} weights differ, the first is {unlike[0]}"


def _weights(first: Path, second: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    from xray_keras.models import saved

    one, other = (saved.load(run / "model.keras") for run in (first, second))
    return {a.path: (a.numpy(), b.numpy()) for a, b in zip(one.weights, other.weights, strict=True)}


def _verb(folder: Path, *arguments: str) -> None:
    from xray_keras.training.environment import DETERMINISTIC

    environment = {**os.environ, DETERMINISTIC: "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "xray_keras", *arguments]
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
