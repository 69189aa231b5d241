"""What every reader of published weights gives: the tensors, and what the file says of itself."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from xray_keras.export.classifier import Classifier

PUBLISHED_SIZE = 224  # side of the input wherever a file does not say it


@dataclass(frozen=True)
class Source:
    """A file of weights, read.

    Attributes:
        kind: one of `formats.KINDS`.
        files: the files that hold the tensors.
        classifier: its tensors under Keras' names.
        size, channels: of its input.
        labels: the order of its outputs where the source tells it, else None.
        preprocessing: a key of `imported_densenet121.PREPROCESSING` where the source tells it, else None.
        operating_points: float (labels,) where the source tells them, NaN for a label without one.
        licence: as the source states it.
        left_out: tensors that are no weights.
        run: float32 (B, S, S, channels), preprocessed → what the source itself answers, where it can be run.
    """

    kind: str
    files: list[Path]
    classifier: Classifier
    size: int
    channels: int
    labels: tuple[str, ...] | None = None
    preprocessing: str | None = None
    operating_points: np.ndarray | None = None
    licence: str | None = None
    left_out: list[str] = field(default_factory=list)
    run: Callable[[np.ndarray], np.ndarray] | None = None
