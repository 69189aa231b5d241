"""Parameters and multiplications of a described network, by arithmetic: the audit imports no TensorFlow."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any


@dataclass(frozen=True)
class Layer:
    """One layer of a described network.

    Attributes:
        name: e.g. "conv 3×3, 32".
        shape: of its output, channels last, without the batch.
        parameters: weights and biases.
        multiplications: multiply-accumulates an image.
    """

    name: str
    shape: tuple[int, ...]
    parameters: int
    multiplications: int


def build(shape: tuple[int, ...], description: Iterable[Mapping[str, Any]]) -> list[Layer]:
    """Walk through a description as the transcriptions hold it.

    Each entry has `op`:
        conv: `filters`, `kernel` [h, w], `stride` (1), `padding` "same" (default) or "valid", `bias` (true).
        pool: `size` [h, w]; stride equals size, an incomplete window is dropped.
        adaptive_pool: `size` [h, w].
        batch_norm: two trained parameters a channel.
        dense: `units`, `bias` (true); flattens what comes.
        dropout, relu: nothing to count.

    Args:
        shape: of the input (height, width, channels).
        description: the entries.

    Raises:
        ValueError: an unknown op.
    """
    layers = []
    for entry in description:
        layer = _layer(shape, entry)
        layers.append(layer)
        shape = layer.shape
    return layers


def parameters(layers: Iterable[Layer]) -> int:
    """Their sum."""
    return sum(layer.parameters for layer in layers)


def multiplications(layers: Iterable[Layer]) -> int:
    """Their sum, multiply-accumulates an image."""
    return sum(layer.multiplications for layer in layers)


def _layer(shape: tuple[int, ...], entry: Mapping[str, Any]) -> Layer:
    op = entry["op"]
    if op == "conv":
        kernel, stride, filters = entry["kernel"], entry.get("stride", 1), entry["filters"]
        valid = entry.get("padding", "same") == "valid"
        sides = [
            (side - k + stride if valid else side + stride - 1) // stride
            for side, k in zip(shape, kernel, strict=False)
        ]
        weights = prod(kernel) * shape[-1] * filters
        return Layer(
            f"conv {kernel[0]}×{kernel[1]}, {filters}",
            (*sides, filters),
            weights + (filters if entry.get("bias", True) else 0),
            weights * prod(sides),
        )
    if op == "pool":
        height, width = entry["size"]
        return Layer(f"pool {height}×{width}", (shape[0] // height, shape[1] // width, shape[2]), 0, 0)
    if op == "adaptive_pool":
        return Layer(f"pool to {entry['size'][0]}×{entry['size'][1]}", (*entry["size"], shape[-1]), 0, 0)
    if op == "batch_norm":
        return Layer("batch normalisation", shape, 2 * shape[-1], 0)
    if op == "dense":
        inputs, units = prod(shape), entry["units"]
        bias = units if entry.get("bias", True) else 0
        return Layer(f"dense {units}", (units,), inputs * units + bias, inputs * units)
    if op in ("dropout", "relu"):
        return Layer(op, shape, 0, 0)
    raise ValueError(f"a described layer has the unknown op {op!r}")


VGG16_BLOCKS = ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))  # Simonyan & Zisserman 2015, configuration D
VGG16_DENSE = 3  # layers behind them


def vgg16_features() -> list[dict[str, Any]]:
    """The convolutional part of VGG16, for `build`."""
    described: list[dict[str, Any]] = []
    for depth, filters in VGG16_BLOCKS:
        described += [{"op": "conv", "filters": filters, "kernel": [3, 3]}] * depth
        described.append({"op": "pool", "size": [2, 2]})
    return described
