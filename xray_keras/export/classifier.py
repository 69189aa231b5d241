"""A DenseNet-121 classifier as a file describes it: tensors under the names of keras.applications."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from xray_keras.models.imported_densenet121 import EPSILON

BLOCKS = {2: 6, 3: 12, 4: 24, 5: 16}  # dense layers of each stage, under keras.applications' numbers


@dataclass(frozen=True)
class Tensor:
    """A value and what its file calls it."""

    name: str
    value: np.ndarray


@dataclass(frozen=True)
class Classifier:
    """What a file says of a DenseNet-121.

    Attributes:
        tensors: "layer/variable" of keras.applications → float32 array; the head's are "probabilities/…".
        scaling: factors and summands, float (channels,), that the file itself applies to its input, or None.
        logits: whether the file ends before the sigmoid.
        count: tensors of the file that were placed.
    """

    tensors: dict[str, Tensor]
    scaling: tuple[np.ndarray, np.ndarray] | None
    logits: bool
    count: int


def normalisation(layer: str, four: Iterable[Tensor], epsilon: float) -> dict[str, Tensor]:
    """Gamma, beta, mean and variance of a layer, as they are under the imported model's epsilon."""
    gamma, beta, mean, variance = four
    moved = variance.value.astype(np.float64) + (epsilon - EPSILON)
    return {
        f"{layer}/gamma": gamma,
        f"{layer}/beta": beta,
        f"{layer}/moving_mean": mean,
        f"{layer}/moving_variance": Tensor(variance.name, moved.astype(np.float32)),
    }


def folded(layer: str, name: str, scale: np.ndarray | None, offset: np.ndarray | None) -> dict[str, Tensor]:
    """Batch normalisation that multiplies by `scale` and adds `offset`, (channels,), nothing else."""
    size = max(part.size for part in (scale, offset) if part is not None)
    values = {
        "gamma": np.ones(size) if scale is None else scale,
        "beta": np.zeros(size) if offset is None else offset,
        "moving_mean": np.zeros(size),
        "moving_variance": np.full(size, 1 - EPSILON),
    }
    return {
        f"{layer}/{variable}": Tensor(name, value.astype(np.float32)) for variable, value in values.items()
    }
