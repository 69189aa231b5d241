"""Small files in the layouts in which weights are published, made without the frameworks that write them."""

import json
import pickle
import sys
import types
import zipfile
from pathlib import Path
from typing import Any
from unittest import mock

import h5py
import numpy as np

from xray_keras.models import backbones

Tensors = dict[str, np.ndarray]


def tensors(architecture: str, *, head: bool = False, seed: int = 0) -> Tensors:
    """Seeded float32 values in every variable of an architecture, variances positive."""
    generator = np.random.default_rng(seed)
    model = backbones.build(architecture, (75, 75, 3), head=head)
    return {
        f"{layer.name}/{variable.name}": generator.uniform(0.5, 1, variable.shape).astype(np.float32)
        for layer in model.layers
        for variable in layer.weights
    }


def write_npz(path: Path, values: Tensors) -> None:
    """xray_keras' own format, without a card."""
    np.savez(path, **values)  # type: ignore[arg-type]


def write_squeezenet_pickle(path: Path, values: Tensors) -> None:
    """ndf's layout: {"fire2/squeeze1x1": [kernel, bias]}."""
    layers = {name.rpartition("/")[0] for name in values}
    content = {
        layer.replace("_", "/"): [values[f"{layer}/kernel"], values[f"{layer}/bias"]] for layer in layers
    }
    path.write_bytes(pickle.dumps(content, protocol=3))


def write_torch(
    path: Path, state: dict[str, np.ndarray], strides: dict[str, tuple[int, ...]] | None = None
) -> None:
    """torch's zip format. `strides` overrides those of a tensor, in values."""
    names = {"float16": "HalfStorage", "float32": "FloatStorage", "int64": "LongStorage"}
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    for name in names.values():
        storage = type(name, (), {"__module__": "torch", "__qualname__": name})
        setattr(torch, name, storage)

    def rebuild(*_: Any) -> None: ...

    rebuild.__module__, rebuild.__qualname__, rebuild.__name__ = (
        "torch._utils",
        "_rebuild_tensor_v2",
        "_rebuild_tensor_v2",
    )
    utils._rebuild_tensor_v2 = rebuild  # type: ignore[attr-defined]

    class Storage:
        def __init__(self, key: str, array: np.ndarray):
            self.pid = ("storage", getattr(torch, names[str(array.dtype)]), key, "cpu", array.size)

    class Tensor:
        def __init__(self, name: str, key: str, array: np.ndarray):
            steps = (strides or {}).get(name) or tuple(step // array.itemsize for step in array.strides)
            self.arguments: tuple = (Storage(key, array), 0, array.shape, steps, False, {})

        def __reduce__(self) -> tuple:
            return rebuild, self.arguments

    class Pickler(pickle.Pickler):
        def persistent_id(self, obj: Any) -> Any:
            return obj.pid if isinstance(obj, Storage) else None

    with (
        mock.patch.dict(sys.modules, {"torch": torch, "torch._utils": utils}),
        zipfile.ZipFile(path, "w") as archive,
    ):
        with archive.open("archive/data.pkl", "w") as opened:
            content = {name: Tensor(name, str(key), array) for key, (name, array) in enumerate(state.items())}
            Pickler(opened, protocol=2).dump(content)
        for key, array in enumerate(state.values()):
            archive.writestr(f"archive/data/{key}", np.ascontiguousarray(array).tobytes())


def torch_name(layer: str, variable: str) -> str:
    """`conv3_block1_0_bn`, `moving_mean` → `layer2.0.downsample.1.running_mean`."""
    kinds = {"kernel": "weight", "gamma": "weight", "beta": "bias", "moving_mean": "running_mean"}
    kind = kinds.get(variable, "running_var")
    if layer in ("conv1_conv", "conv1_bn"):
        return f"{layer[6:].replace('conv', 'conv1').replace('bn', 'bn1')}.{kind}"
    stage, block, part, what = layer.split("_")
    prefix = f"layer{int(stage[4:]) - 1}.{int(block[5:]) - 1}"
    if part == "0":
        return f"{prefix}.downsample.{0 if what == 'conv' else 1}.{kind}"
    return f"{prefix}.{what}{part}.{kind}"


def write_tfjs(folder: Path, values: Tensors) -> Path:
    """TensorFlow.js layers model: model.json and two shards, cut inside a tensor."""
    entries = [{"name": n, "shape": list(v.shape), "dtype": "float32"} for n, v in values.items()]
    data = b"".join(value.tobytes() for value in values.values())
    paths = ["group1-shard1of2.bin", "group1-shard2of2.bin"]
    (folder / paths[0]).write_bytes(data[:10])
    (folder / paths[1]).write_bytes(data[10:])
    manifest = {"format": "layers-model", "weightsManifest": [{"paths": paths, "weights": entries}]}
    (folder / "model.json").write_text(json.dumps(manifest))
    return folder / "model.json"


def write_keras_h5(path: Path, values: Tensors) -> None:
    """keras.applications' published layout, under layer names of an older Keras."""
    layers: dict[str, list[np.ndarray]] = {}
    for name, value in values.items():
        layers.setdefault(name.rpartition("/")[0], []).append(value)
    with h5py.File(path, "w") as opened:
        opened.attrs["layer_names"] = [f"old_{name}".encode() for name in layers]
        for name, arrays in layers.items():
            group = opened.create_group(f"old_{name}")
            group.attrs["weight_names"] = [f"old_{name}_{n}:0".encode() for n in range(len(arrays))]
            for n, array in enumerate(arrays):
                group[f"old_{name}_{n}:0"] = array
