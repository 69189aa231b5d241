"""A network as steps: what graphs of TensorFlow.js and ONNX have in common, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Step:
    """One operation.

    Attributes:
        op: "input", "same" (moves values without changing them: transpose, reshape, identity), "pad", "conv",
            "affine" (a factor and a summand a channel, or batch normalisation), "relu", "max_pool", "average_pool",
            "concat", "dense", "sigmoid".
        inputs: names of the steps it reads.
        weights: names of its tensors by role. conv: kernel (height, width, in, out), bias; dense: kernel (in, out),
            bias; affine: scale, offset, or gamma, beta, mean, variance.
        settings: conv and pools: size, stride, padding (pixels on each side, or "same"), size None for the whole map;
            pad: padding; affine: epsilon, or sign −1 for a summand that is subtracted.
    """

    op: str
    inputs: tuple[str, ...] = ()
    weights: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Graph:
    """A network and its tensors.

    Attributes:
        origin: the file, for sentences.
        steps: by name.
        tensors: every tensor of the file by name.
        output: name of the last step.
        size: side of the input, pixels.
        channels: of the input.
    """

    origin: Path
    steps: Mapping[str, Step]
    tensors: Mapping[str, np.ndarray]
    output: str
    size: int
    channels: int
