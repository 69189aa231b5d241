"""Readers of networks and weights: HDF5, Keras' archives, PyTorch, safetensors, ONNX, TensorFlow.js, pickles."""

import base64
import io
import json
import pickle
import struct
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from tests.fuzz.hostile import PICKLED, archives, running
from tests.fuzz.pictures import npz
from tests.fuzz.reader import Files, Outside, Reader

RNG = np.random.default_rng(0)


def filled(write: Callable[[Path], Any], name: str) -> bytes:
    """What a function writes to a path of that name."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / name)
        return (Path(folder) / name).read_bytes()


def values(*shape: int) -> np.ndarray:
    """Float32 numbers between one half and one."""
    return np.random.default_rng(sum(shape)).uniform(0.5, 1, shape).astype(np.float32)


# ---- HDF5 and Keras ---------------------------------------------------------------------------------------------


def hdf5(arrays: Mapping[str, np.ndarray], *, notes: Mapping[str, Any] | None = None, **options: Any) -> bytes:
    """An HDF5 file of arrays by path."""
    import h5py

    made = io.BytesIO()
    with h5py.File(made, "w", **options) as opened:
        for name, value in arrays.items():
            opened[name] = value
        for name, note in (notes or {}).items():
            opened.attrs[name] = note
    return made.getvalue()


def leading_out(arrays: Mapping[str, np.ndarray], outside: Outside) -> Mapping[str, bytes]:
    """The same with something that leads out of the file, in every way that HDF5 has."""
    import h5py

    first = next(iter(arrays))
    shape = arrays[first].shape

    def made(change: Callable[[Any], None]) -> bytes:
        content = io.BytesIO()
        with h5py.File(content, "w") as opened:
            for name, value in arrays.items():
                if name != first:
                    opened[name] = value
            change(opened)
        return content.getvalue()

    def virtual(opened: Any) -> None:
        layout = h5py.VirtualLayout(shape, "f4")
        layout[...] = h5py.VirtualSource("../secret.bin", "x", shape)
        opened.create_virtual_dataset(first, layout)

    def loop(opened: Any) -> None:
        opened[first] = arrays[first]
        opened["loop"] = opened["/"]

    return {
        "an external link": made(lambda opened: opened.__setitem__(first, h5py.ExternalLink("../secret.bin", "/x"))),
        "an external link by its whole path": made(
            lambda opened: opened.__setitem__(first, h5py.ExternalLink(str(outside.secret), "/x"))
        ),
        "a soft link": made(lambda opened: opened.__setitem__(first, h5py.SoftLink("/elsewhere"))),
        "external storage": made(
            lambda opened: opened.create_dataset(first, shape, "f4", external=[("../secret.bin", 0, h5py.h5f.UNLIMITED)])
        ),
        "a virtual array": made(virtual),
        "a group in itself": made(loop),
        "an array of terabytes": made(
            lambda opened: opened.create_dataset(first, (1 << 20, 1 << 20), "f4", chunks=(1 << 10, 1 << 10))
        ),
        "an array of objects": made(lambda opened: opened.create_dataset(first, (9,), h5py.string_dtype())),
    }


def _keras_hostile(name: str, sound: bytes, weights: Mapping[str, np.ndarray], outside: Outside) -> dict[str, Files]:
    """A `.keras` archive made hostile."""
    with zipfile.ZipFile(io.BytesIO(sound)) as archive:
        members = {each: archive.read(each) for each in archive.namelist()}
    config = json.loads(members["config.json"])

    def packed(changed: Mapping[str, bytes]) -> Files:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for member, content in changed.items():
                archive.writestr(member, content)
        return {name: made.getvalue()}

    def asking(**layer: Any) -> Files:
        changed = json.loads(json.dumps(config))
        changed["config"]["layers"][1] |= layer
        return packed(members | {"config.json": json.dumps(changed).encode()})

    def link() -> Files:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            for member, content in members.items():
                archive.writestr(member, content)
            shown = zipfile.ZipInfo("assets/a")
            shown.external_attr = 0o120777 << 16
            archive.writestr(shown, "../../secret.bin")
        return {name: made.getvalue()}

    huge = {"name": "huge", "units": 1 << 20, "trainable": True}
    first = config["config"]["layers"][1]["config"]["name"]
    return {
        "a Lambda layer": asking(class_name="Lambda", config=_lambda(outside, first)),
        "a Lambda layer of a module": asking(class_name="Lambda", module="keras.src.layers.core.lambda_layer", config=_lambda(outside, first)),
        "a function of os": asking(module="os", class_name="mkdir", config=str(outside.canary), registered_name=None),
        "a function of Keras": asking(module="keras.utils", class_name="function", config="get_file", registered_name="get_file"),
        "words from a file": asking(module="keras.layers", class_name="StringLookup", config={"vocabulary": str(outside.secret)}),
        "a saved graph": asking(module="keras.layers", class_name="TFSMLayer", config={"filepath": str(outside.folder)}),
        "more weights than it holds": asking(class_name="Dense", config=huge, build_config={"input_shape": [None, 1 << 20]}),
        "a member that climbs": packed(members | {"../canary": b"x"}),
        "a member from the root": packed(members | {str(outside.canary): b"x"}),
        "a link among its members": link(),
        "weights that swell": packed(members | {"model.weights.h5": members["model.weights.h5"] + bytes(1 << 28)}),
        "depth": packed(members | {"config.json": b"[" * 200_000}),
        **{
            what: packed(members | {"model.weights.h5": content})
            for what, content in leading_out(weights, outside).items()
        },
    }  # fmt: skip


def _lambda(outside: Outside, name: str) -> dict[str, Any]:
    import marshal

    code = compile(f"lambda x: (__import__('os').mkdir({str(outside.canary)!r}), x)[1]", "x", "eval").co_consts[0]
    packed = base64.b64encode(marshal.dumps(code)).decode()
    function = {"class_name": "__lambda__", "config": {"code": packed, "defaults": None, "closure": None}}
    return {"name": name, "trainable": True, "function": function}


@cache
def _small_keras() -> tuple[bytes, bytes, bytes]:
    """A classifier as .keras and .h5, and its weights alone; far too small a DenseNet-121."""
    import keras

    image = keras.Input((8, 8, 3), name="image")
    x = keras.layers.Rescaling([1 / 255] * 3, [-0.5] * 3, name="scale")(image)
    x = keras.layers.Conv2D(4, 3, use_bias=False, name="conv1_conv")(x)
    x = keras.layers.BatchNormalization(name="conv1_bn")(x)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(keras.layers.ReLU(name="relu")(x))
    model = keras.Model(image, keras.layers.Dense(2, activation="sigmoid", name="probabilities")(x), name="small")
    return tuple(filled(model.save, name) for name in ("a.keras", "a.h5")) + (  # type: ignore[return-value]
        filled(model.save_weights, "a.weights.h5"),
    )


_WEIGHTS = {
    "conv1/conv/conv1/conv/kernel:0": values(7, 7, 3, 4),
    **{f"conv1/bn/conv1/bn/{part}:0": values(4) for part in ("gamma", "beta", "moving_mean", "moving_variance")},
    "dense/dense/kernel:0": values(4, 2),
    "dense/dense/bias:0": values(2),
}


def _keras_seeds() -> list[Files]:
    archive, legacy, _ = _small_keras()
    card = json.dumps({"labels": ["Mass", "Nodule"], "model": {"sha256": "0"}, "operating_points": {"Mass": 0.3}}).encode()
    return [{"a.keras": archive, "a.json": card}, {"a.h5": legacy}, {"a.h5": hdf5(_WEIGHTS)}]


def _keras_bad(outside: Outside) -> Mapping[str, Files]:
    archive, legacy, _ = _small_keras()
    found = _keras_hostile("a.keras", archive, {"layers/conv2d/vars/0": values(3, 3, 3, 4)}, outside)
    found |= {f"{what} (.h5)": {"a.h5": content} for what, content in leading_out(_WEIGHTS, outside).items()}
    config = {"class_name": "Sequential", "config": {"name": "s", "layers": [
        {"class_name": "InputLayer", "config": {"batch_shape": [None, 8, 8, 3], "name": "i"}},
        {"class_name": "Lambda", "config": _lambda(outside, "l")},
    ]}}  # fmt: skip
    found["a Lambda layer (.h5)"] = {"a.h5": hdf5(_WEIGHTS, notes={"model_config": json.dumps(config)})}
    return found


def _import(path: Path) -> Any:
    from xray_keras.export import formats

    return formats.read(path, formats.recognise(path))


def _ran(path: Path) -> None:
    import keras

    keras.backend.clear_session()
    found = _import(path)
    if found.run is not None and found.size <= 64:
        from xray_keras.errors import UserError

        try:
            found.run(np.zeros((1, found.size, found.size, found.channels), np.float32))
        except Exception as error:  # as import_weights.compare says
            raise UserError(f"{path} cannot be run") from error


def _classifier(path: Path) -> None:
    import keras

    from xray_keras.evaluation import examine

    keras.backend.clear_session()
    examine.load_classifier(path)


def _classifier_bad(outside: Outside) -> Mapping[str, Files]:
    card = {"a.json": _keras_seeds()[0]["a.json"]}
    archive, _, _ = _small_keras()
    return {
        what: {**files, **card}
        for what, files in _keras_hostile("a.keras", archive, {"layers/conv2d/vars/0": values(3, 3, 3, 4)}, outside).items()
    }


@cache
def _checkpoint_model() -> Any:
    import keras

    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="d"), keras.layers.BatchNormalization(name="b")])


def _checkpoint(path: Path) -> None:
    from xray_keras.training import checkpoints

    checkpoints._load(_checkpoint_model(), path)


def _checkpoint_seeds() -> list[Files]:
    return [{"epoch1.weights.h5": filled(_checkpoint_model().save_weights, "a.weights.h5")}]


def _checkpoint_bad(outside: Outside) -> Mapping[str, Files]:
    arrays = {"layers/dense/vars/0": values(3, 2), "layers/dense/vars/1": values(2)}
    return {what: {"epoch1.weights.h5": content} for what, content in leading_out(arrays, outside).items()}


# ---- PyTorch, safetensors, pickles ------------------------------------------------------------------------------

_STATE = {
    "module.features.conv0.weight": values(4, 3, 7, 7),
    "module.features.norm0.num_batches_tracked": np.array([3], np.int64),
    "module.classifier.bias": values(2).astype(np.float16),
}


def torch_file(state: Mapping[str, np.ndarray]) -> bytes:
    """As torch.save writes a state dictionary."""
    from tests.models import published_files

    return filled(lambda path: published_files.write_torch(path, dict(state)), "a.pth")


def _safetensors() -> bytes:
    from safetensors.numpy import save

    return save(dict(_STATE))


def _torch_bad(outside: Outside) -> Mapping[str, Files]:
    def pickled(content: bytes) -> Files:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            archive.writestr("archive/data.pkl", content)
            archive.writestr("archive/data/0", bytes(16))
            archive.writestr("archive/version", b"3\n")
        return {"a.pth": made.getvalue()}

    header = json.dumps({"features.conv0.weight": {"dtype": "F32", "shape": [1 << 40], "data_offsets": [0, 1 << 42]}})
    return {
        "a pickle that runs": pickled(pickle.dumps(running(outside), protocol=2)),
        "a pickle that runs within": pickled(pickle.dumps({"state_dict": {"a": running(outside)}}, protocol=2)),
        "an old pickle that runs": {"a.pth": pickle.dumps(running(outside), protocol=2)},
        "a pickle in text": pickled(PICKLED(outside)),
        "a member that swells": pickled(bytes(1 << 28) + b"."),
        "a header that claims terabytes": {"a.safetensors": struct.pack("<Q", len(header)) + header.encode() + bytes(64)},
    }


def _published(form: str) -> Callable[[Path], None]:
    def read(path: Path) -> None:
        from xray_keras.models import weight_readers

        weight_readers.read(path, form)

    return read


def _squeezenet_state() -> dict[str, np.ndarray]:
    return {
        "features.0.weight": values(4, 3, 3, 3), "features.0.bias": values(4), "classifier.1.weight": values(5, 4, 1, 1),
        "features.3.squeeze.weight": values(2, 4, 1, 1), "features.3.expand1x1.bias": values(2),
    }  # fmt: skip


def _resnet18_state() -> dict[str, np.ndarray]:
    return {
        "conv1.weight": values(4, 3, 7, 7), "bn1.running_mean": values(4), "layer2.0.downsample.1.weight": values(4),
        "layer1.0.conv2.weight": values(4, 4, 3, 3), "fc.weight": values(10, 4), "bn1.num_batches_tracked": np.array([1]),
    }  # fmt: skip


_PICKLE = {"conv1": [values(3, 3, 3, 4), values(4)], "fire2/squeeze1x1": [values(1, 1, 4, 2), values(2)]}


def _pickles_bad(outside: Outside) -> Mapping[str, Files]:
    return {
        "a pickle that runs": {"a.pkl": pickle.dumps(running(outside))},
        "a pickle that runs within": {"a.pkl": pickle.dumps({"conv1": [running(outside)]})},
        "a pickle in text": {"a.pkl": PICKLED(outside)},
    }


# ---- ONNX -------------------------------------------------------------------------------------------------------


def _onnx_classifier() -> bytes:
    """The frame of a classifier, with one layer of a DenseNet-121."""
    from onnx import TensorProto, helper, numpy_helper

    nodes = [
        helper.make_node("Conv", ["image", "k"], ["c"], strides=[2, 2], pads=[3, 3, 3, 3], kernel_shape=[7, 7]),
        helper.make_node("BatchNormalization", ["c", "g", "b", "m", "v"], ["n"], epsilon=1e-5),
        helper.make_node("Relu", ["n"], ["r"]),
        helper.make_node("MaxPool", ["r"], ["p"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
        helper.make_node("GlobalAveragePool", ["p"], ["a"]),
        helper.make_node("Flatten", ["a"], ["f"]),
        helper.make_node("Gemm", ["f", "w", "o"], ["s"], transB=1),
        helper.make_node("Sigmoid", ["s"], ["y"]),
    ]
    stored = {"k": values(4, 3, 7, 7), **{name: values(4) for name in "gbmv"}, "w": values(2, 4), "o": values(2)}
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, 64, 64])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 2])],
        [numpy_helper.from_array(value, name) for name, value in stored.items()],
    )  # fmt: skip
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)]).SerializeToString()


def _onnx_bad(name: str, sound: Callable[[], bytes], **others: bytes) -> Callable[[Outside], Mapping[str, Files]]:
    def hostile(outside: Outside) -> Mapping[str, Files]:
        import onnx

        def changed(change: Callable[[Any], None]) -> Files:
            model = onnx.ModelProto.FromString(sound())
            change(model)
            return {name: model.SerializeToString()}

        def external(place: str) -> Callable[[Any], None]:
            def change(model: Any) -> None:
                tensor = model.graph.initializer[0]
                tensor.ClearField("raw_data")
                tensor.data_location = onnx.TensorProto.EXTERNAL
                tensor.external_data.add(key="location", value=place)

            return change

        def looping(model: Any) -> None:
            body = onnx.helper.make_graph([], "b", [], [])
            node = onnx.helper.make_node("Loop", ["x", "y", "z"], ["loop"], body=body)
            model.graph.node.insert(0, node)

        def huge(model: Any) -> None:
            model.graph.initializer[0].dims[0] = 1 << 40

        return {
            "tensors beside it": changed(external("../secret.bin")),
            "tensors anywhere": changed(external(str(outside.secret))),
            "tensors of the system": changed(external("/etc/passwd")),
            "a loop": changed(looping),
            "a tensor that claims terabytes": changed(huge),
            "an operation of its own": changed(lambda model: setattr(model.graph.node[0], "domain", "com.example")),
        }

    return hostile


def _vgg16_onnx() -> bytes:
    from onnx import TensorProto, helper, numpy_helper

    stored = [numpy_helper.from_array(values(4, 3, 3, 3), "vgg/block1_conv1/k"), numpy_helper.from_array(values(4), "vgg/block1_conv1/b")]
    node = helper.make_node("Conv", ["x", "vgg/block1_conv1/k", "vgg/block1_conv1/b"], ["y"])
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in "xy"]
    return helper.make_model(helper.make_graph([node], "g", ends[:1], ends[1:], stored)).SerializeToString()


@cache
def _shipped() -> tuple[bytes, bytes]:
    from xray_keras.textfilter.network import SHIPPED

    return SHIPPED.read_bytes(), SHIPPED.with_suffix(".json").read_bytes()


def _network(path: Path) -> None:
    import hashlib

    from xray_keras.textfilter.network import Network

    card = path.with_suffix(".json")
    try:  # who changes one can change the other
        content = json.loads(card.read_bytes())
        content["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
        card.write_text(json.dumps(content))
    except (ValueError, TypeError, RecursionError):
        pass
    Network(path)


def _network_bad(outside: Outside) -> Mapping[str, Files]:
    graph, card = _shipped()
    found = _onnx_bad("a.onnx", lambda: graph)(outside)
    return {what: {**files, "a.json": card} for what, files in found.items()}


# ---- TensorFlow.js ----------------------------------------------------------------------------------------------


@cache
def _tfjs() -> Files:
    """A whole DenseNet-121 of one channel a layer."""
    from tests.export import tfjs_files

    model = tfjs_files.densenet(64, 2)
    for entry in model["weightsManifest"][0]["weights"]:
        if entry["dtype"] == "float32":
            entry["shape"] = [side if place < 2 and len(entry["shape"]) == 4 and entry["shape"][0] > 1 else 1 for place, side in enumerate(entry["shape"])]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = tfjs_files.write(Path(folder), model)
        return {each.name: each.read_bytes() for each in sorted(path.iterdir(), reverse=True)} | {
            "config.json": json.dumps({"LABELS": ["A", "B"], "OP_POINT": [0.1, 0.2], "IMAGE_SCALE": 1}).encode()
        }


def _tfjs_small() -> Files:
    weights = [
        {"name": "a", "shape": [2, 3], "dtype": "float32"},
        {"name": "b", "shape": [4], "dtype": "float32", "quantization": {"dtype": "uint8", "scale": 0.1, "min": -1.0}},
        {"name": "c", "shape": [2], "dtype": "float32", "quantization": {"dtype": "float16"}},
    ]
    nodes = [{"name": name, "op": "Const", "attr": {}} for name in "abc"]
    nodes.insert(0, {"name": "x", "op": "Placeholder", "attr": {"shape": {"shape": {"dim": [{"size": str(n)} for n in (1, 64, 64, 3)]}}}})  # fmt: skip
    nodes += [{"name": "m", "op": "MatMul", "input": ["x", "a"], "attr": {}}, {"name": "s", "op": "Sigmoid", "input": ["m"], "attr": {}}]  # fmt: skip
    manifest = [{"paths": ["s1.bin", "s2.bin"], "weights": weights}]
    content = {"format": "graph-model", "modelTopology": {"node": nodes}, "weightsManifest": manifest}
    return {"model.json": json.dumps(content).encode(), "s1.bin": bytes(range(20)), "s2.bin": bytes(range(12))}


def _tfjs_bad(outside: Outside) -> Mapping[str, Files]:
    small = _tfjs_small()

    def naming(*paths: Any) -> Files:
        content = json.loads(small["model.json"])
        content["weightsManifest"][0]["paths"] = list(paths)
        return {**small, "model.json": json.dumps(content).encode()}

    whole = dict(_tfjs())
    cyclic = json.loads(whole["model.json"])
    nodes = cyclic["modelTopology"]["node"]
    cyclic["modelTopology"]["node"] = [*nodes, {"name": "l1", "op": "Identity", "input": ["l2"], "attr": {}}, {"name": "l2", "op": "Identity", "input": ["l1"], "attr": {}}]  # fmt: skip
    named = json.dumps({"LABELS": str(outside.secret)}).encode()
    return {
        "a shard that climbs": naming("../secret.bin"),
        "a shard anywhere": naming(str(outside.secret)),
        "a shard of the system": naming("/etc/passwd"),
        "a shard that is a folder": naming(".."),
        "a shard a thousand times": naming(*["s1.bin"] * 1000),
        "labels from another file": {**whole, "config.json": named},
        "a graph in circles": {**whole, "model.json": json.dumps(cyclic).encode()},
        "depth": {**small, "model.json": b"[" * 200_000},
    }


def _tfjs_published() -> list[Files]:
    from tests.models import published_files

    tensors = {"res2a_branch2b/kernel": values(1, 1, 2, 3), "bn2a_branch2b/gamma": values(3), "fc1000/bias": values(5)}
    with tempfile.TemporaryDirectory() as folder:
        published_files.write_tfjs(Path(folder), tensors)
        return [{each.name: each.read_bytes() for each in sorted(Path(folder).iterdir(), reverse=True)}]


def _tfjs_published_bad(outside: Outside) -> Mapping[str, Files]:
    (sound,) = _tfjs_published()
    found = {}
    for place in ("../secret.bin", str(outside.secret), "..", "/etc/passwd"):
        content = json.loads(sound["model.json"])
        content["weightsManifest"][0]["paths"] = [place]
        found[f"a shard {place}"] = {**sound, "model.json": json.dumps(content).encode()}
    return found


# ---- published files of ImageNet weights --------------------------------------------------------------------------

_INCEPTION = {f"model_weights/conv2d_{n}/conv2d_{n}/kernel:0".replace(":0", ""): values(1, 1, 2, 2) for n in (188, 189)} | {
    f"model_weights/batch_normalization_{n}/batch_normalization_{n}/beta": values(2) for n in (188, 189)
}  # fmt: skip


@cache
def _densenet_keras() -> bytes:
    weights = {}
    for kind, count, variables in (("conv2d", 120, 1), ("batch_normalization", 121, 4)):
        for number in range(count):
            layer = f"{kind}_{number}" if number else kind
            weights |= {f"layers/functional/layers/{layer}/vars/{n}": values(1) for n in range(variables)}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", "{}")
        archive.writestr("model.weights.h5", hdf5(weights))
    return made.getvalue()


def _h5_bad(name: str, arrays: Mapping[str, np.ndarray]) -> Callable[[Outside], Mapping[str, Files]]:
    return lambda outside: {what: {name: content} for what, content in leading_out(arrays, outside).items()}


def _squeezenet_h5(path: Path) -> None:
    from xray_keras.models import backbones

    backbones.read_keras_h5("vgg16", path)


_APPLICATION = {"block1_conv1/block1_conv1/kernel:0": values(3, 3, 3, 4), "block1_conv1/block1_conv1/bias:0": values(4)}
_APPLICATION_NOTES = {"layer_names": [b"block1_conv1"], "keras_version": b"2.0", "backend": b"tensorflow"}
_STATISTICS = {"bn1.running_mean": values(4), "layer1.0.bn1.running_var": values(4)}
_CANONICAL = {"conv1/kernel": values(3, 3, 3, 4), "conv1/bias": values(4)}

READERS = (
    Reader("import_keras", _keras_seeds, _ran, ("export.keras_files", "models.keras_archives", "hdf5", "export.formats"), _keras_bad, heavy=True),
    Reader("classifier", lambda: _keras_seeds()[:1], _classifier, ("models.saved",), _classifier_bad, heavy=True),
    Reader("checkpoint", _checkpoint_seeds, _checkpoint, ("training.checkpoints",), _checkpoint_bad, heavy=True),
    Reader("keras_h5", lambda: [{"a.h5": hdf5(_APPLICATION, notes=_APPLICATION_NOTES)}], _squeezenet_h5, ("models.backbones",), _h5_bad("a.h5", _APPLICATION), whole=False, heavy=True),
    Reader("import_tfjs", lambda: [_tfjs(), _tfjs_small()], _import, ("export.tfjs", "shards"), _tfjs_bad, whole=False, heavy=True),
    Reader("import_onnx", lambda: [{"a.onnx": _onnx_classifier()}], _import, ("export.onnx_steps", "onnx_models"), _onnx_bad("a.onnx", _onnx_classifier), whole=False, heavy=True),
    Reader("import_torch", lambda: [{"a.pth": torch_file(_STATE)}, {"a.safetensors": _safetensors()}], _import, ("export.torch_states",), _torch_bad, whole=False, heavy=True),
    Reader("text_filter", lambda: [dict(zip(("a.onnx", "a.json"), _shipped(), strict=True))], _network, ("textfilter.network",), _network_bad),
    Reader("squeezenet_torch", lambda: [{"a.pth": torch_file(_squeezenet_state())}], _published("squeezenet_torch"), ("models.weight_pickles", "models.weight_readers_torch"), _torch_bad),
    Reader("resnet18_torch", lambda: [{"a.pth": torch_file(_resnet18_state())}], _published("resnet18_torch"), (), _torch_bad),
    Reader("resnet18_statistics", lambda: [{"a.npz": npz(**_STATISTICS)}], _published("resnet18_statistics"), (), lambda outside: archives("a.npz", npz(**_STATISTICS), outside)),
    Reader("canonical", lambda: [{"a.npz": npz(packed=False, **_CANONICAL)}], _published("canonical"), ("models.weight_readers",), lambda outside: archives("a.npz", npz(**_CANONICAL), outside)),
    Reader("squeezenet_pickle", lambda: [{"a.pkl": pickle.dumps(_PICKLE, protocol=p)} for p in (2, 3, 4)], _published("squeezenet_pickle"), ("pickles",), _pickles_bad),
    Reader("vgg16_onnx", lambda: [{"a.onnx": _vgg16_onnx()}], _published("vgg16_onnx"), (), _onnx_bad("a.onnx", _vgg16_onnx)),
    Reader("inception_v3_h5", lambda: [{"a.h5": hdf5(_INCEPTION)}, {"a.h5": hdf5(_INCEPTION, libver="latest")}], _published("inception_v3_h5"), (), _h5_bad("a.h5", _INCEPTION)),
    Reader("densenet121_keras", lambda: [{"a.keras": _densenet_keras()}], _published("densenet121_keras"), ()),
    Reader("resnet50_tfjs", _tfjs_published, _published("resnet50_tfjs"), (), _tfjs_published_bad),
)  # fmt: skip
