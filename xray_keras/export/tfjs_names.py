"""A TensorFlow.js manifest without its graph: the converter's numbers tell the order of the layers.

Where the graph of such a manifest is known (Chester's second classifier, same names and shapes), its convolutions
read `split`, `split_2`, `split_4` … and its normalisations `batchnorm`, `batchnorm_1` … in the order of the network.
"""

import re
from pathlib import Path

import numpy as np

from xray_keras.errors import UserError
from xray_keras.export.classifier import BLOCKS, Classifier, Tensor, folded
from xray_keras.export.tfjs import Tensors

_NUMBERED = re.compile(r"(split|batchnorm)(?:_(\d+))?(?:/(mul|sub))?")


def read(tensors: Tensors, path: Path) -> Classifier:
    """Name the tensors of a DenseNet-121 by their numbers.

    Raises:
        UserError: other names than these, or another number of them.
    """
    kernels: dict[int, str] = {}
    normalised: dict[int, dict[str, str]] = {}
    others = []
    for name, value in tensors.items():
        found = _NUMBERED.fullmatch(name)
        if found and found[1] == "split" and not found[3]:
            kernels[int(found[2] or 0)] = name
        elif found and found[3]:
            normalised.setdefault(int(found[2] or 0), {})[found[3]] = name
        elif np.issubdtype(value.dtype, np.floating):
            others.append(name)
    matrix = [name for name in others if tensors[name].ndim == 2]
    bias = [name for name in others if tensors[name].ndim == 1]
    convolutions, normalisations = _order()
    complete = len(kernels) == len(convolutions) and len(normalised) == len(normalisations)
    whole = all(len(pair) == 2 for pair in normalised.values())
    if not complete or not whole or len(matrix) != 1 or len(bias) != 1 or len(others) != 2:
        raise UserError(
            f"{path} comes without its graph, and its names are not those of a DenseNet-121 ({len(kernels)} kernels, "
            f"{len(normalised)} normalisations, {len(others)} others such as {(others or ['none'])[0]}); put the graph "
            "beside it"
        )
    result = {
        "probabilities/kernel": Tensor(matrix[0], tensors[matrix[0]]),
        "probabilities/bias": Tensor(bias[0], tensors[bias[0]]),
    }
    for layer, (_, name) in zip(convolutions, sorted(kernels.items()), strict=True):
        result[f"{layer}/kernel"] = Tensor(name, tensors[name])
    for layer, (_, pair) in zip(normalisations, sorted(normalised.items()), strict=True):
        scale, offset = (tensors[pair[part]].astype(np.float64).reshape(-1) for part in ("mul", "sub"))
        result |= folded(layer, pair["mul"], scale, offset)
    return Classifier(result, None, False, len(kernels) + 2 * len(normalised) + len(others))


def _order() -> tuple[list[str], list[str]]:
    convolutions, normalisations = ["conv1_conv"], ["conv1_bn"]
    for stage, blocks in BLOCKS.items():
        for number in range(1, blocks + 1):
            convolutions += [f"conv{stage}_block{number}_{part}_conv" for part in (1, 2)]
            normalisations += [f"conv{stage}_block{number}_{part}_bn" for part in (0, 1)]
        if stage < max(BLOCKS):
            convolutions.append(f"pool{stage}_conv")
            normalisations.append(f"pool{stage}_bn")
    return convolutions, [*normalisations, "bn"]
