"""Readers of the formats in which ImageNet weights are published: file → {"layer/variable": float32 array}.

Layer and variable names are those of keras.applications (`conv2_block1_1_conv/kernel`, `…_bn/moving_mean`),
kernels are (height, width, in, out). Tensors of other people's heads are left out.
"""

import io
import json
import math
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np

from xray_keras import npz
from xray_keras.errors import UserError, reason
from xray_keras.models import weight_pickles, weight_readers_torch
from xray_keras.untrusted import archives, hdf5, onnx_models, shards

Tensors = dict[str, np.ndarray]

_BATCH_NORM = ("gamma", "beta", "moving_mean", "moving_variance")


def read(path: Path, form: str) -> Tensors:
    """Read the weight file `path` of the format `form`, a key of `READERS`.

    Raises:
        UserError: the file is damaged, or asks for more than arrays.
    """
    try:
        return {name: np.ascontiguousarray(value, np.float32) for name, value in READERS[form](path).items()}
    except Exception as error:  # a damaged file can fail anywhere in its parser
        raise UserError(
            f"{path} cannot be read as {form} weights ({reason(error)}); fetch it again or remove it"
        ) from error


def _vgg16_onnx(path: Path) -> Tensors:
    from onnx import numpy_helper

    tensors = {}
    for tensor in onnx_models.read(path).graph.initializer:
        layer = re.search(r"/(block\d_conv\d)", tensor.name)
        if layer:
            value = numpy_helper.to_array(tensor)
            if value.ndim == 4:
                tensors[f"{layer[1]}/kernel"] = value.transpose(2, 3, 1, 0)
            else:
                tensors[f"{layer[1]}/bias"] = value
    return tensors


def _inception_v3_h5(path: Path) -> Tensors:
    """Keras numbers a session's layers on, so that InceptionV3's first convolution may well be conv2d_188."""
    found = {}
    with hdf5.opened(path) as opened:
        for layer, group in opened["model_weights"].items():
            name = re.fullmatch(r"(conv2d|batch_normalization)(?:_(\d+))?", layer)
            if name:
                for variable, value in group[layer].items():
                    found[name[1], int(name[2] or 0), variable] = np.asarray(value)
    first = {kind: min(number for other, number, _ in found if other == kind) for kind, _, _ in found}
    return {
        f"{kind}_{number - first[kind]}/{variable}" if number > first[kind] else f"{kind}/{variable}": value
        for (kind, number, variable), value in found.items()
    }


def _densenet121_keras(path: Path) -> Tensors:
    """The weight file inside a .keras archive numbers convolutions and normalisations in layer order."""
    convolutions, normalisations = ["conv1_conv"], ["conv1_bn"]
    for stage, blocks in zip((2, 3, 4, 5), (6, 12, 24, 16), strict=True):
        for block in range(1, blocks + 1):
            convolutions += [f"conv{stage}_block{block}_{part}_conv" for part in (1, 2)]
            normalisations += [f"conv{stage}_block{block}_{part}_bn" for part in (0, 1)]
        if stage < 5:
            convolutions.append(f"pool{stage}_conv")
        normalisations.append(f"pool{stage}_bn" if stage < 5 else "bn")
    tensors = {}
    with (
        archives.opened(path) as archive,
        hdf5.opened(io.BytesIO(archive.read("model.weights.h5"))) as h5,
    ):
        layers = h5["layers/functional/layers"]
        for kind, names, variables in (
            ("conv2d", convolutions, ("kernel",)),
            ("batch_normalization", normalisations, _BATCH_NORM),
        ):
            for number, layer in enumerate(names):
                stored = layers[f"{kind}_{number}" if number else kind]["vars"]
                for index, variable in enumerate(variables):
                    tensors[f"{layer}/{variable}"] = np.asarray(stored[str(index)])
    return tensors


def _resnet50_tfjs(path: Path) -> Tensors:
    manifest = json.loads(path.read_text(encoding="utf-8"))["weightsManifest"]
    tensors = {}
    for group in manifest:
        data = shards.joined(shards.places(path, group["paths"]))
        start = 0
        for entry in group["weights"]:
            if entry["dtype"] != "float32" or "quantization" in entry:
                raise ValueError(f"{entry['name']} is not stored as float32")
            shape = shards.sides(entry["shape"])
            count = math.prod(shape)
            layer, _, variable = entry["name"].rpartition("/")
            value = np.frombuffer(data, "<f4", count, start).reshape(shape)
            tensors[f"{_resnet50_name(layer)}/{variable}"] = value
            start += 4 * count
        if start != len(data):
            raise ValueError(f"the shards hold {len(data)} bytes, the manifest lists {start}")
    return tensors


def _resnet50_name(old: str) -> str:
    """`res2a_branch2b` → `conv2_block1_2_conv`, `bn2a_branch1` → `conv2_block1_0_bn`."""
    fixed = {"conv1": "conv1_conv", "bn_conv1": "conv1_bn", "fc1000": "predictions"}
    if old in fixed:
        return fixed[old]
    kind, stage, block, branch = re.fullmatch(r"(res|bn)(\d)([a-f])_branch(1|2a|2b|2c)", old).groups()  # type: ignore[union-attr]
    part = ("1", "2a", "2b", "2c").index(branch)
    return f"conv{stage}_block{ord(block) - ord('a') + 1}_{part}_{'conv' if kind == 'res' else 'bn'}"


def _squeezenet_pickle(path: Path) -> Tensors:
    tensors = {}
    for layer, (kernel, bias) in weight_pickles.read_numpy(path).items():
        tensors[f"{layer.replace('/', '_')}/kernel"] = kernel
        tensors[f"{layer.replace('/', '_')}/bias"] = bias
    return tensors


def _canonical(path: Path) -> Tensors:
    return npz.arrays(path)


READERS: dict[str, Callable[[Path], Tensors]] = {
    "canonical": _canonical,
    "vgg16_onnx": _vgg16_onnx,
    "inception_v3_h5": _inception_v3_h5,
    "densenet121_keras": _densenet121_keras,
    "resnet50_tfjs": _resnet50_tfjs,
    "squeezenet_pickle": _squeezenet_pickle,
    "squeezenet_torch": weight_readers_torch.squeezenet,
    "resnet18_torch": weight_readers_torch.resnet18,
    "resnet18_statistics": weight_readers_torch.resnet18_statistics,
}
