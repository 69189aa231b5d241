"""State dictionaries under every name they go by; torch itself is the oracle where it is installed."""

import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from tests.export import classifiers
from tests.models.published_files import write_torch
from xray_keras.errors import UserError
from xray_keras.export import formats, import_weights, label_orders, torch_states

COUNTERS = {"features.norm0.num_batches_tracked": np.array(7, np.int64)}


def write(path: Path, state: dict[str, np.ndarray]) -> None:
    """As torch writes it, the record of its version too, without which torch itself refuses a file."""
    write_torch(path, state)
    with zipfile.ZipFile(path, "a") as archive:
        top = archive.namelist()[0].partition("/")[0]
        archive.writestr(f"{top}/version", "3\n")


def chexnet(state: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """As arnoweng's checkpoint names them."""
    named = {}
    for name, value in state.items():
        name = name.replace("classifier.", "classifier.0.")
        for part in ("norm1", "norm2", "conv1", "conv2"):
            name = name.replace(f".{part}.", f".{part[:-1]}.{part[-1]}.")
        named[f"module.densenet121.{name}"] = value
    return named


@pytest.mark.parametrize("wrap", [dict, chexnet, lambda state: state | COUNTERS])
def test_every_tensor_finds_its_layer(wrap: Any) -> None:
    _, tensors = classifiers.original()
    state = wrap(classifiers.torch_state(tensors))
    plain = torch_states._plain_names(state, Path("x.pth"))
    found, channels, left_out, points = torch_states.read(plain, Path("x.pth"))
    assert (channels, points, found.logits) == (3, None, wrap is not chexnet)
    assert left_out == [name for name in state if name.endswith("tracked")]
    assert found.count == len(tensors) == len(found.tensors)
    for name, value in tensors.items():
        np.testing.assert_array_equal(found.tensors[name].value, value, err_msg=name)


def test_a_checkpoint_is_imported_whole(tmp_path: Path) -> None:
    """CheXNet's file as torch writes it, at its own 224 pixels; Keras holds the same numbers."""
    _, tensors = classifiers.original()
    path = tmp_path / "model.pth.tar"
    write(path, chexnet(classifiers.torch_state(tensors)))
    assert formats.recognise(path) == "torch"
    card = import_weights.import_weights(path, tmp_path / "model.keras")
    assert card["labels"] == list(label_orders.CHEXNET)
    assert card["preprocessing"]["name"] == "imagenet"
    assert (card["tensors"], card["output"]) == (len(tensors), "probability of each label")
    model = keras.saving.load_model(tmp_path / "model.keras")
    backbone = model.get_layer("densenet121")
    for layer in [*backbone.layers, model.get_layer("probabilities")]:
        for variable in layer.weights:
            np.testing.assert_array_equal(variable, tensors[f"{layer.name}/{variable.name}"])
    assert backbone.get_layer("bn").epsilon == 1e-5


def test_torchxrayvision_has_one_channel_eighteen_labels_and_thresholds(tmp_path: Path) -> None:
    _, tensors = classifiers.original(channels=1, classes=18)
    points = np.linspace(0.1, 0.9, 18, dtype=np.float32)
    points[2] = np.nan
    path = tmp_path / "xrv.pt"
    write(path, classifiers.torch_state(tensors) | {"op_threshs": points})
    found = formats.read(path, "torch")
    assert (found.channels, found.preprocessing, found.labels) == (
        1,
        "signed_1024",
        label_orders.TORCHXRAYVISION,
    )
    np.testing.assert_array_equal(found.operating_points, points)
    assert found.classifier.logits
    model, _, _ = import_weights.build(path, found, 18, None)
    assert model.count_params() == sum(value.size for value in tensors.values())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda s: s.pop("features.denseblock3.denselayer7.conv2.weight"),
            "has no features.denseblock3.denselayer7.conv2",
        ),
        (lambda s: s.pop("features.conv0.weight"), r"has no features\.conv0\.weight"),
        (lambda s: s.pop("classifier.bias"), "has no classifier.bias"),
        (
            lambda s: s.update({"features.denseblock3.denselayer25.conv2.weight": np.ones(3)}),
            "denselayer25.* no place for",
        ),
        (
            lambda s: s.update({"features.conv0.weight": np.ones(3)}),
            r"conv0\.weight of shape \(3,\), not of a convolution",
        ),
    ],
)
def test_a_partial_load_is_refused(change: Any, sentence: str) -> None:
    _, tensors = classifiers.original()
    state = classifiers.torch_state(tensors)
    change(state)
    with pytest.raises(UserError, match=rf"x\.pth .*{sentence}"):
        torch_states.read(torch_states._plain_names(state, Path("x.pth")), Path("x.pth"))


def test_one_tensor_under_two_names_is_refused() -> None:
    state = {
        "features.conv0.weight": np.ones(1),
        "features.denseblock1.denselayer1.norm.1.weight": np.ones(1),
    }
    with pytest.raises(UserError, match="twice"):
        torch_states._plain_names(
            state | {"features.denseblock1.denselayer1.norm1.weight": np.ones(1)}, Path("x.pth")
        )


@pytest.mark.parametrize("content", [b"\x80\x02cos\nsystem\n", b"PK\x03\x04 cut", b"junk"])
def test_damaged_files_are_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.pth").write_bytes(content)
    with pytest.raises(UserError, match=r"x\.pth "):
        torch_states.load(tmp_path / "x.pth")


def test_safetensors_are_read(tmp_path: Path) -> None:
    numpy = pytest.importorskip("safetensors.numpy", reason="needs the extra `import`")
    state = classifiers.torch_state(classifiers.original()[1])
    numpy.save_file(state, tmp_path / "x.safetensors")
    assert formats.recognise(tmp_path / "x.safetensors") == "torch"
    read = torch_states.load(tmp_path / "x.safetensors")
    assert read.keys() == state.keys()
    np.testing.assert_array_equal(read["classifier.weight"], state["classifier.weight"])
    (tmp_path / "x.safetensors").write_bytes((tmp_path / "x.safetensors").read_bytes()[:-9])
    with pytest.raises(UserError, match="cannot be read as a state dictionary"):
        torch_states.load(tmp_path / "x.safetensors")


@pytest.mark.parametrize("channels", [3, 1])
def test_torch_answers_alike(channels: int) -> None:
    """DenseNet-121 in torch's own functions, on images as they are preprocessed."""
    torch = pytest.importorskip("torch", reason="needs the extra `import`")
    core, tensors = classifiers.original(channels)
    state = {name: torch.from_numpy(value) for name, value in classifiers.torch_state(tensors).items()}
    images = classifiers.images(channels)
    theirs = _forward(torch, state, torch.from_numpy(images.transpose(0, 3, 1, 2).copy())).numpy()
    np.testing.assert_allclose(np.asarray(core(images, training=False)), theirs, rtol=0, atol=1e-5)
    assert np.ptp(theirs) > 0.4


@pytest.mark.parametrize("zipped", [True, False])
def test_torch_files_hold_tensors_and_nothing_else(zipped: bool, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="needs the extra `import`")
    state = chexnet(classifiers.torch_state(classifiers.original()[1]))
    content = {"epoch": 3, "state_dict": {name: torch.from_numpy(value) for name, value in state.items()}}
    torch.save(content, tmp_path / "x.pth", _use_new_zipfile_serialization=zipped)
    assert formats.recognise(tmp_path / "x.pth") == "torch"
    read = torch_states.load(tmp_path / "x.pth")
    np.testing.assert_array_equal(
        read["classifier.0.weight"], state["module.densenet121.classifier.0.weight"]
    )
    torch.save({"model": torch.nn.Linear(1, 1)}, tmp_path / "whole.pth")
    with pytest.raises(UserError, match=r"save .*state_dict\(\)"):
        torch_states.load(tmp_path / "whole.pth")


def _forward(torch: Any, state: dict[str, Any], x: Any) -> Any:
    f = torch.nn.functional

    def normalised(x: Any, name: str) -> Any:
        mean, variance, weight, bias = (
            state[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")
        )
        return f.relu(f.batch_norm(x, mean, variance, weight, bias))

    x = f.conv2d(x, state["features.conv0.weight"], stride=2, padding=3)
    x = f.max_pool2d(normalised(x, "features.norm0"), 3, 2, 1)
    for block, layers in enumerate((6, 12, 24, 16), start=1):
        for layer in range(1, layers + 1):
            name = f"features.denseblock{block}.denselayer{layer}"
            y = f.conv2d(normalised(x, f"{name}.norm1"), state[f"{name}.conv1.weight"])
            y = f.conv2d(normalised(y, f"{name}.norm2"), state[f"{name}.conv2.weight"], padding=1)
            x = torch.cat([x, y], 1)
        if block < 4:
            name = f"features.transition{block}"
            x = f.avg_pool2d(f.conv2d(normalised(x, f"{name}.norm"), state[f"{name}.conv.weight"]), 2)
    pooled = normalised(x, "features.norm5").mean((2, 3))
    return torch.sigmoid(f.linear(pooled, state["classifier.weight"], state["classifier.bias"]))
