"""Readers of torchvision's files: state dictionaries of SqueezeNet 1.1 and ResNet18, and batch-norm statistics."""

from pathlib import Path

import numpy as np

from xray_keras import npz
from xray_keras.models import weight_pickles, weight_sources

Tensors = dict[str, np.ndarray]

_VARIABLES = {
    "weight": "gamma",
    "bias": "beta",
    "running_mean": "moving_mean",
    "running_var": "moving_variance",
}


def squeezenet(path: Path) -> Tensors:
    """torchvision's own training, its input scaling folded into conv1.

    Caffe's weights expect z = BGR − m, torchvision's (RGB/255 − μ)/σ. conv1 is not padded, so that the affine map
    between the two moves into its kernel and bias exactly, and one preprocessing serves both.
    """
    fires = dict(zip((3, 4, 6, 7, 9, 10, 11, 12), range(2, 10), strict=True))
    tensors: Tensors = {}
    for name, value in weight_pickles.read_torch(path).items():
        layer, _, kind = name.rpartition(".")
        _, number, *part = layer.split(".")
        if part:
            layer = f"fire{fires[int(number)]}_{part[0] if part[0] != 'squeeze' else 'squeeze1x1'}"
        else:
            layer = {"features.0": "conv1", "classifier.1": "conv10"}[layer]
        tensors[f"{layer}/{'kernel' if kind == 'weight' else 'bias'}"] = _kernel(value.astype(np.float64))
    kernel = tensors["conv1/kernel"]  # (3, 3, 3 RGB, 64)
    mean, deviation = np.array(weight_sources.TORCH_MEAN), np.array(weight_sources.TORCH_DEVIATION)
    offset = (np.array(weight_sources.CAFFE_MEAN)[::-1] / 255 - mean) / deviation  # of z = 0, RGB
    tensors["conv1/bias"] = tensors["conv1/bias"] + np.einsum("hwio,i->o", kernel, offset)
    tensors["conv1/kernel"] = (kernel / (255 * deviation[:, None]))[:, :, ::-1]
    return tensors


def resnet18(path: Path) -> Tensors:
    """torchvision's layout; a head for anything but ImageNet's classes is left out."""
    tensors = {}
    for name, value in weight_pickles.read_torch(path).items():
        layer, _, kind = name.rpartition(".")
        if kind == "num_batches_tracked" or (layer == "fc" and len(value) != weight_sources.CLASSES):
            continue
        if layer == "fc":
            tensors[f"predictions/{'kernel' if kind == 'weight' else 'bias'}"] = value.T
        elif "conv" in layer or layer.endswith("downsample.0"):
            tensors[f"{_resnet18_name(layer)}/kernel"] = _kernel(value)
        else:
            tensors[f"{_resnet18_name(layer)}/{_VARIABLES[kind]}"] = value
    return tensors


def _resnet18_name(torch: str) -> str:
    """`layer1.0.conv2` → `conv2_block1_2_conv`, `layer2.0.downsample.1` → `conv3_block1_0_bn`."""
    if torch in ("conv1", "bn1"):
        return "conv1_conv" if torch == "conv1" else "conv1_bn"
    stage, block, part, *step = torch.removeprefix("layer").split(".")
    if step:
        part = ("conv0", "bn0")[int(step[0])]
    return f"conv{int(stage) + 1}_block{int(block) + 1}_{part[-1]}_{part[:-1]}"


def resnet18_statistics(path: Path) -> Tensors:
    """Batch-norm statistics alone, a .npz under torchvision's names (`layer1.0.bn1.running_var`)."""
    return {
        f"{_resnet18_name(name.rpartition('.')[0])}/{_VARIABLES[name.rpartition('.')[2]]}": value
        for name, value in npz.arrays(path).items()
    }


def _kernel(value: np.ndarray) -> np.ndarray:
    """torch (out, in, height, width) → Keras (height, width, in, out); vectors stay."""
    return value.transpose(2, 3, 1, 0) if value.ndim == 4 else value
