"""State dictionaries of PyTorch's DenseNet-121: CheXNet's checkpoint, torchvision's, torchxrayvision's."""

import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from xray_keras.errors import Damaged, UserError, reason
from xray_keras.export.classifier import BLOCKS, Classifier, Tensor, normalisation
from xray_keras.models import weight_pickles

_TORCH_EPSILON = 1e-5
_COUNTER = "num_batches_tracked"
_OPERATING_POINTS = "op_threshs"  # torchxrayvision keeps them as a buffer


def load(path: Path) -> dict[str, np.ndarray]:
    """Read .pth, .pt or .safetensors; nothing in the file is run. Names lose what wrappers put before them.

    Raises:
        UserError: no state dictionary, or one that asks for more than tensors; torch's older format without torch.
    """
    try:
        content = _safetensors(path) if is_safetensors(path) else _torch(path)
    except UserError:
        raise
    except Exception as error:  # a damaged file can fail anywhere in its parser
        raise UserError(
            f"{path} cannot be read as a state dictionary ({reason(error)}); of a whole model save its state_dict()"
        ) from None
    while isinstance(content, dict) and isinstance(content.get("state_dict"), dict):
        content = content["state_dict"]
    if (
        not isinstance(content, dict)
        or not content
        or not all(hasattr(value, "shape") for value in content.values())
    ):
        raise UserError(f"{path} holds no state dictionary; save the model's state_dict()")
    return _plain_names({str(name): _array(value) for name, value in content.items()}, path)


def _array(value: Any) -> np.ndarray:
    return value.detach().float().numpy() if hasattr(value, "detach") else np.asarray(value)


def is_safetensors(path: Path) -> bool:
    """Whether a file begins as safetensors do: the length of a header that fits into it, and a brace."""
    with path.open("rb") as opened:
        start = opened.read(9)
    return (
        len(start) == 9
        and start[8:] == b"{"
        and 0 < int.from_bytes(start[:8], "little") < path.stat().st_size
    )


def _safetensors(path: Path) -> dict[str, np.ndarray]:
    try:
        from safetensors.numpy import load_file
    except ImportError:
        raise UserError(f"{path} needs safetensors; pip install 'xray_keras[import]'") from None
    return load_file(path)


def _torch(path: Path) -> Any:
    try:
        import torch
    except ImportError:
        if not zipfile.is_zipfile(path):
            raise UserError(
                f"{path} is in torch's older format, which torch alone reads; pip install 'xray_keras[import]'"
            ) from None
        try:
            return weight_pickles.read_torch(path)
        except Damaged as error:
            raise UserError(
                f"{path} holds more than tensors ({reason(error)}); save the model's state_dict() alone"
            ) from None
    return torch.load(path, map_location="cpu", weights_only=True)


def _plain_names(tensors: dict[str, np.ndarray], path: Path) -> dict[str, np.ndarray]:
    """Without `module.`, `densenet121.`, `model.` …, and `norm.1` as `norm1`, its name since torch 0.4."""
    first = next((name for name in tensors if name.endswith("features.conv0.weight")), None)
    if first is None:
        raise UserError(f"{path} has no features.conv0.weight; give a DenseNet-121 classifier")
    prefix = first.removesuffix("features.conv0.weight")
    plain: dict[str, np.ndarray] = {}
    for name, value in tensors.items():
        new = re.sub(r"\.(norm|conv)\.([12])\.", r".\1\2.", name.removeprefix(prefix))
        if new in plain:
            raise UserError(f"{path} has {new} twice, once as {name}; give the file as it was saved")
        plain[new] = value
    return plain


def read(tensors: dict[str, np.ndarray], path: Path) -> tuple[Classifier, int, list[str], np.ndarray | None]:
    """Name a state dictionary's tensors.

    Returns:
        the classifier, its input channels, what was left out (counters), and torchxrayvision's operating points
        (labels,) or None.

    Raises:
        UserError: a tensor is missing or left over.
    """
    left = dict(tensors)

    def take(name: str) -> Tensor:
        if name not in left:
            raise UserError(f"{path} has no {name}; give a complete DenseNet-121 classifier")
        return Tensor(name, left.pop(name).astype(np.float32))

    found: dict[str, Tensor] = {}
    for keras_name, torch_name in _layers():
        if keras_name.endswith("conv"):
            kernel = take(f"{torch_name}.weight")
            if kernel.value.ndim != 4:
                raise UserError(
                    f"{path} has {kernel.name} of shape {kernel.value.shape}, not of a convolution"
                )
            found[f"{keras_name}/kernel"] = Tensor(kernel.name, kernel.value.transpose(2, 3, 1, 0))
        else:
            four = [
                take(f"{torch_name}.{part}") for part in ("weight", "bias", "running_mean", "running_var")
            ]
            found |= normalisation(keras_name, four, _TORCH_EPSILON)
    head = "classifier.0" if "classifier.0.weight" in left else "classifier"
    kernel = take(f"{head}.weight")
    found["probabilities/kernel"] = Tensor(kernel.name, kernel.value.T)
    found["probabilities/bias"] = take(f"{head}.bias")
    points = left.pop(_OPERATING_POINTS, None)
    counters = sorted(name for name in left if name.endswith(_COUNTER))
    for name in sorted(left.keys() - set(counters)):
        raise UserError(
            f"{path} has {name}, which DenseNet-121 has no place for; give a DenseNet-121 classifier"
        )
    channels = found["conv1_conv/kernel"].value.shape[2]
    return Classifier(found, None, head == "classifier", len(found)), channels, counters, points


def _layers() -> list[tuple[str, str]]:
    """keras.applications' name and torchvision's of every layer before the head."""
    pairs = [("conv1_conv", "features.conv0"), ("conv1_bn", "features.norm0")]
    for stage, blocks in BLOCKS.items():
        for number in range(1, blocks + 1):
            keras_name = f"conv{stage}_block{number}"
            torch_name = f"features.denseblock{stage - 1}.denselayer{number}"
            for part in (1, 2):
                pairs.append((f"{keras_name}_{part - 1}_bn", f"{torch_name}.norm{part}"))
                pairs.append((f"{keras_name}_{part}_conv", f"{torch_name}.conv{part}"))
        if stage < max(BLOCKS):
            pairs.append((f"pool{stage}_bn", f"features.transition{stage - 1}.norm"))
            pairs.append((f"pool{stage}_conv", f"features.transition{stage - 1}.conv"))
    return [*pairs, ("bn", f"features.norm{max(BLOCKS)}")]
