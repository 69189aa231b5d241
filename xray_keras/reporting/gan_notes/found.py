"""The laboratory's runs as its page reads them: classifiers and generators by share of the patients, and identity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from xray_keras import files, npz
from xray_keras.errors import Damaged, UserError
from xray_keras.evaluation import arms, parquet
from xray_keras.reporting.runs import Run

PAPER, MAKE = "gan_notes", "`make gan_notes`"
ALL, SCARCE = "all", "sixteenth"
SHARES = (ALL, "quarter", SCARCE)
TRAINERS = {"classifiers": "arms", "infogan": "infogan"}
IDENTITY, IDENTITY_TRAINER = "identity", "siamese"

REAL, CLASSICAL, RANDOM = "real", "classical", "RandAugment"
GAN, BOTH, ONLY = "GAN", "classical and GAN", "generated only"
AUGMENTED = (CLASSICAL, RANDOM, GAN, BOTH)
REPEATED, BALANCED = "balanced, repeated", "balanced, generated"
OVERTRAINED = "over-trained GAN"

Entry = Mapping[str, Any]
"""A difference of `evaluation.comparisons`."""


@dataclass(frozen=True)
class Classifiers:
    """Networks of one share of the training patients, an arm each.

    Attributes:
        run: that trained them.
        evaluated: see `evaluation.arms.evaluate`.
        contents: arms.json, see `training.arms`.
    """

    run: Run
    evaluated: Mapping[str, Any]
    contents: Mapping[str, Any]

    @property
    def real(self) -> int:
        """Real images behind every arm."""
        return int(self.contents[REAL]["real"])

    @property
    def images(self) -> int:
        """Test images."""
        return int(self.evaluated["images"])

    @property
    def rare(self) -> str:
        """The label with the fewest real positives."""
        positives = self.contents[REAL]["positives"]
        return min(positives, key=lambda label: positives[label])

    def value(self, arm: str, path: str = "auc", label: str | None = None) -> Mapping[str, Any]:
        """Mean over seeds, of a label or of the mean over labels: a `metrics.Cell` with "sd"."""
        found = self.evaluated["arms"][arm]
        return (found["labels"][label] if label else found["mean"])[path]

    def difference(self, arm: str, reference: str, path: str = "auc", label: str | None = None) -> Entry:
        """`arm` − `reference`, paired; likewise."""
        for each in self.evaluated["differences"]:
            if (each["arm"], each["reference"]) == (arm, reference):
                return (each["labels"][label] if label else each["mean"])[path]
        raise KeyError((arm, reference))

    def pairs(self) -> list[tuple[str, str]]:
        """(trained on real images, on generated ones alone) of each kind of classifier, the network first."""
        return _pairs(self.run.config["arms"])

    def by_share(self) -> dict[float, str]:
        """Share of the images shown that are generated → the arm that differs from "real" in this alone."""
        return _by_share(self.run.config["arms"])


@dataclass(frozen=True)
class Found:
    """Runs by share of the training patients, the largest first: `SHARES`.

    Attributes:
        classifiers, generators: the runs. identity: of the embedding.
    """

    classifiers: Mapping[str, Classifiers]
    generators: Mapping[str, Run]
    identity: Run

    @property
    def first(self) -> Run:
        return self.classifiers[ALL].run

    @property
    def drawn(self) -> bool:
        """Whether pictures may stand on the page: those of computed radiographs alone."""
        return self.first.kind == "phantom"


def find(runs: Sequence[Run]) -> Found:
    """Sort runs by trainer and folder, read what the arms left, and evaluate them.

    Raises:
        UserError: a run is missing, or has no such arms; what it left is absent or damaged.
    """
    chosen: dict[str, dict[str, Run]] = {}
    for kind, trainer in TRAINERS.items():
        chosen[kind] = {share: _one(runs, trainer, f"{kind}_{share}") for share in SHARES}
    identity = _one(runs, IDENTITY_TRAINER, IDENTITY)
    classifiers = {share: _evaluated(run, share) for share, run in chosen["classifiers"].items()}
    return Found(classifiers, chosen["infogan"], identity)


def json(run: Run, name: str) -> Any:
    """A file that a stage left in the run's folder.

    Raises:
        UserError: absent or damaged.
    """
    return files.read_json(_there(run, name))


def table(run: Run, name: str) -> pd.DataFrame:
    """Likewise, of a .parquet."""
    path = _there(run, name)
    try:
        return parquet.read(path)
    except (OSError, Damaged) as error:
        raise UserError(f"{path} cannot be read ({error}); delete it, and {MAKE} makes it again") from error


def arrays(run: Run, name: str) -> dict[str, np.ndarray]:
    """Likewise, of a .npz."""
    return npz.read(run.folder / name, f"{MAKE} makes it")


def _there(run: Run, name: str) -> Path:
    path = run.folder / name
    if not path.is_file():
        raise UserError(f"{path} is absent; {MAKE} makes it")
    return path


def _one(runs: Sequence[Run], trainer: str, name: str) -> Run:
    for run in runs:
        if run.config["trainer"] == trainer and run.folder.name.partition("-")[0] == name:
            return run
    raise UserError(
        f"the laboratory needs the run {PAPER}/{name}, which is not among those given; {MAKE} makes it"
    )


def _evaluated(run: Run, share: str) -> Classifiers:
    frame, contents = table(run, "arms.parquet"), json(run, "arms.json")
    wanted = {REAL, ONLY, *AUGMENTED, *([REPEATED, BALANCED, OVERTRAINED] if share == ALL else [])}
    if missing := sorted(wanted - (set(run.config["arms"]) & set(contents))):
        raise UserError(
            f"{run.folder / 'config.json'} has no arm {missing[0]!r}; let its experiment have those of the laboratory"
        )
    pairs = [*product(AUGMENTED, [REAL]), (GAN, CLASSICAL), (BOTH, CLASSICAL), (BOTH, GAN)]
    pairs += [(arm, REAL) for arm in _by_share(run.config["arms"]).values() if arm != REAL]
    pairs += [(only, real) for real, only in _pairs(run.config["arms"])]
    if share == ALL:
        pairs += [(BALANCED, REPEATED), (BALANCED, REAL), (OVERTRAINED, REAL), (OVERTRAINED, GAN)]
    return Classifiers(run, arms.evaluate(frame, pairs=list(dict.fromkeys(pairs))), contents)


def _pairs(asked: Mapping[str, Any]) -> list[tuple[str, str]]:
    simple = [name.removeprefix(REAL) for name in asked if name.startswith(f"{REAL}, ")]
    return [(REAL, ONLY), *((REAL + name, ONLY + name) for name in simple if ONLY + name in asked)]


def _by_share(asked: Mapping[str, Any]) -> dict[float, str]:
    plain = {name: keys for name, keys in asked.items() if set(keys) <= {"generated"}}
    return dict(sorted((float(keys.get("generated", 0)), name) for name, keys in plain.items()))
