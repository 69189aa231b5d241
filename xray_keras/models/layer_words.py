"""What a layer does, as captions of papers have it: "3×3 conv, 64, stride 2", "BN", "2×2 max pooling"."""

import math
import re
from collections.abc import Sequence

import keras

from xray_keras.models import description
from xray_keras.models.graph import Node, Shape

_SHORT = {"BatchNormalization": "BN", "LayerNormalization": "LN", "Rescaling": "rescaling"}
_ACTIVATIONS = {"relu": "ReLU", "elu": "ELU", "leaky_relu": "leaky ReLU"}
_KINDS = {
    "InputLayer": "input",
    "Add": "add",
    "Concatenate": "concatenate",
    "GlobalAveragePooling2D": "global average pooling",
    "Flip": "channels reversed",
}
_UNSEEN = ("ZeroPadding2D", "Reshape")  # the shapes tell them


def follows(node: Node) -> bool:
    """Whether it belongs to what stands before it: normalisation, activation, another order or scale of the same."""
    if node.layer is None:
        return len(node.sources) == 1
    finishing = (*description.ACTIVATIONS, keras.layers.Reshape, keras.layers.Rescaling)
    return normalises(node) or isinstance(node.layer, finishing)


def normalises(node: Node) -> bool:
    """Whether it is a normalisation over a batch or a layer."""
    return isinstance(node.layer, description.NORMALISATIONS)


def leads(node: Node) -> bool:
    """Whether it belongs to what stands behind it where nothing before it takes it: padding, and what `follows` too."""
    return follows(node) or isinstance(node.layer, keras.layers.ZeroPadding2D)


def text(node: Node, taken: Sequence[Shape]) -> str:
    """What a node does; "" for what its shape tells.

    Args:
        node: a layer or an operation that is none.
        taken: shapes of its inputs.
    """
    if node.kind in _UNSEEN:
        return ""
    ends = "" if node.layer is None else description.activation(node.layer)
    name, _, slope = ends.partition("(")
    ends = "" if ends == "linear" else _ACTIVATIONS.get(name, name) + (f" {slope[:-1]}" if slope else "")
    said = _without_activation(node, taken)
    return ", ".join(part for part in (said, ends) if part)


def _without_activation(node: Node, taken: Sequence[Shape]) -> str:
    layer, kind = node.layer, node.kind
    if isinstance(layer, description.ACTIVATIONS):
        return ""
    if isinstance(layer, keras.layers.Conv2D):
        return f"{_times(layer.kernel_size)} conv, {layer.filters}{_stride(layer.strides)}"
    if isinstance(layer, keras.layers.Dense):
        return f"fully connected, {layer.units}"
    if isinstance(layer, keras.layers.MaxPooling2D | keras.layers.AveragePooling2D):
        most = "max" if isinstance(layer, keras.layers.MaxPooling2D) else "average"
        return f"{_times(layer.pool_size)} {most} pooling{_stride(layer.strides)}"
    if isinstance(layer, keras.layers.Dropout):
        return f"dropout {layer.rate:g}"
    if isinstance(layer, keras.layers.UpSampling2D):
        return f"{_times(layer.size)} upsampling"
    if kind == "AdaptiveAveragePooling":
        return f"average pooling to {_times(node.shape[:2])}"
    if kind == "Sum":
        return f"sum of {_cells(taken[0]) // _cells(node.shape)}"
    if kind == "GetItem":
        return _entry(int(node.constants[-1]), taken[0][-1])
    return _KINDS.get(kind) or _SHORT.get(kind) or _spaced(kind)


def plain_name(node: Node) -> str:
    """Its name, without the number that Keras gives through a session to what has no name of its own."""
    automatic = _spaced(node.kind).replace(" ", "_")
    return automatic if re.fullmatch(rf"{automatic}_\d+", node.name) else node.name


def _entry(index: int, count: int | None) -> str:
    """ "last of 2": which entry of the last axis is kept."""
    places = {0: "first"} | ({} if count is None else {count - 1: "last"})
    return f"{places.get(index % count if count else index, f'entry {index}')} of {count}"


def _spaced(kind: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).lower()


def _times(sizes: Sequence[int | None]) -> str:
    return "×".join(map(str, sizes))


def _stride(strides: Sequence[int]) -> str:
    return "" if max(strides) == 1 else f", stride {strides[0]}"


def _cells(shape: Shape) -> int:
    return math.prod(side or 1 for side in shape)
