"""From a source to a model and its card, whole or not at all."""

import copy
import dataclasses
import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from tests.export import classifiers, tfjs_files
from xray_keras import files
from xray_keras.errors import UserError
from xray_keras.export import formats, import_weights, label_orders, tfjs, tfjs_run
from xray_keras.export.classifier import Classifier, Tensor
from xray_keras.export.import_weights import command
from xray_keras.export.source import Source
from xray_keras.models import imported_densenet121

LIST = "00000001_000.png 0 1\n"
POINTS = [(number + 1) / 20 for number in range(14)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chester")
    tfjs_files.write(folder, tfjs_files.densenet(classifiers.SIZE, 14))
    config = {
        "IMAGE_SIZE": classifiers.SIZE,
        "IMAGE_SCALE": 1,
        "LABELS": label_orders.CHESTER,
        "OP_POINT": POINTS,
    }
    files.write_json(folder / "config.json", config)
    return folder


def found(classes: int = 14, **change: Any) -> Source:
    """A source that holds `classifiers.original`."""
    core, tensors = classifiers.original(classes=classes)
    named = {name: Tensor(f"file/{name}", value) for name, value in tensors.items()}
    source = Source(
        "keras",
        [],
        Classifier(named, None, False, len(named)),
        classifiers.SIZE,
        3,
        preprocessing="unit",
        run=lambda images: np.asarray(core(images, training=False)),
    )
    return dataclasses.replace(source, **change)


def test_a_folder_becomes_a_model_and_a_card(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = tmp_path / "train_list.txt"
    listed.write_text(LIST, encoding="utf-8")
    output = tmp_path / "out" / "chester.keras"
    command(folder, output, training_list=listed, licence="CC BY-NC 4.0")
    assert "364 tensors, all placed" in (printed := capsys.readouterr().out)
    assert printed.rstrip().endswith("Not for diagnosis.")
    assert sorted(path.name for path in output.parent.iterdir()) == [
        "chester.json",
        "chester.keras",
        "chester.training.txt",
    ]
    model = keras.saving.load_model(output)
    assert model.input_shape == (None, classifiers.SIZE, classifiers.SIZE, 3)
    images = classifiers.images()
    tensors, nodes, _ = tfjs.read(folder / tfjs.GRAPH)
    assert nodes is not None
    wanted = np.concatenate([tfjs_run.run(nodes, tensors, "Sigmoid", image[None]) for image in images])
    np.testing.assert_allclose(np.asarray(model(255 * images, training=False)), wanted, rtol=0, atol=1e-6)
    assert np.ptp(wanted) > 0.4
    card = json.loads((output.parent / "chester.json").read_text(encoding="utf-8"))
    assert card["note"].endswith("Not for diagnosis.")
    assert card["labels"] == list(label_orders.CHESTER)
    assert card["operating_points"] == dict(zip(label_orders.CHESTER, POINTS, strict=True))
    assert card["model"]["sha256"] == files.sha256(output)
    shard = "group1-shard1of1.bin"
    assert card["source"]["sha256"][shard] == files.sha256(folder / shard)
    assert (card["preprocessing"]["name"], card["input"]["range"]) == ("chester", [0, 255])
    assert (card["licence"], card["left_out"]) == ("CC BY-NC 4.0", [])
    assert card["training_list"] == {
        "file": "chester.training.txt",
        "source": "train_list.txt",
        "sha256": files.sha256(listed),
    }


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"output": "model.h5"}, r"model\.h5 does not end in \.keras"),
        ({"kind": "caffe"}, "--kind caffe is not known; say one of tfjs, torch, keras, onnx"),
        ({"preprocessing": "zscore"}, "--preprocessing zscore is not known"),
        ({"training_list": Path("absent.txt")}, r"absent\.txt is absent"),
        ({"labels": "Mass,Nodule"}, "has 14 outputs, but 2 labels"),
        ({"labels": "Mass,Mass"}, "'Mass' more than once"),
        ({"preprocessing": "signed_1024"}, "takes 3 channels, but the preprocessing 'signed_1024' gives 1"),
        ({"kind": "keras"}, "no whole HDF5 file"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(
    options: dict[str, Any], sentence: str, folder: Path, tmp_path: Path
) -> None:
    output = tmp_path / options.pop("output", "model.keras")
    source = folder / "config.json" if options.get("kind") == "keras" else folder
    with pytest.raises(UserError, match=sentence):
        import_weights.import_weights(source, output, **options)
    assert list(tmp_path.iterdir()) == []


def test_a_cut_shard_writes_nothing(folder: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut"
    cut.mkdir()
    (cut / "model.json").write_bytes((folder / "model.json").read_bytes())
    (cut / "group1-shard1of1.bin").write_bytes((folder / "group1-shard1of1.bin").read_bytes()[:-4])
    with pytest.raises(UserError, match="ends within"):
        import_weights.import_weights(cut, tmp_path / "model.keras", labels="chester")
    assert not (tmp_path / "model.keras").exists()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("conv3_block1_1_conv/kernel", None, "x.h5 has no conv3_block1_1_conv/kernel"),
        ("extra/kernel", np.zeros(2), "x.h5 has file/extra/kernel, which DenseNet-121 lacks"),
        ("bn/gamma", np.zeros(1023), r"file/bn/gamma of shape \(1023,\), DenseNet-121 needs \(1024,\)"),
        ("bn/gamma", np.full(1024, np.nan), "values in file/bn/gamma that are not finite"),
        ("bn/moving_variance", np.full(1024, -1.0), "negative variances in file/bn/moving_variance"),
    ],
)
def test_no_tensor_is_missing_left_over_or_misshapen(
    name: str, value: np.ndarray | None, sentence: str
) -> None:
    core, before = classifiers.original()
    changed = {key: (tensor.name, tensor.value + 1) for key, tensor in found().classifier.tensors.items()}
    changed |= {name: (f"file/{name}", value)} if value is not None else {}
    if value is None:
        del changed[name]
    with pytest.raises(UserError, match=sentence):
        imported_densenet121.set_weights(core, changed, "x.h5")
    kernel = core.get_layer("densenet121").get_layer("conv1_conv").kernel
    np.testing.assert_array_equal(kernel, before["conv1_conv/kernel"])


def test_a_source_that_answers_otherwise_is_refused() -> None:
    """What loads without complaint and scores an AUC of 0.49: two layers of one shape in each other's place."""
    source = found()
    tensors = dict(source.classifier.tensors)
    first, second = "conv2_block1_2_conv/kernel", "conv2_block2_2_conv/kernel"
    tensors[first], tensors[second] = tensors[second], tensors[first]
    swapped = dataclasses.replace(source, classifier=dataclasses.replace(source.classifier, tensors=tensors))
    _, core, chosen = import_weights.build(Path("x.h5"), source, 14, None)
    difference = import_weights.compare(Path("x.h5"), source, chosen, core)
    assert difference is not None
    assert difference < 1e-6
    _, core, chosen = import_weights.build(Path("x.h5"), swapped, 14, None)
    with pytest.raises(UserError, match=r"x\.h5 answers otherwise .* nothing was written"):
        import_weights.compare(Path("x.h5"), swapped, chosen, core)
    silent = dataclasses.replace(source, run=lambda images: np.full((1, 14), np.nan))
    with pytest.raises(UserError, match="answers otherwise"):
        import_weights.compare(Path("x.h5"), silent, chosen, core)


def test_labels_and_scaling_that_nobody_states_are_asked_for() -> None:
    with pytest.raises(UserError, match="does not name its 14 outputs; say --labels with one of chexnet"):
        import_weights._labels(Path("x.h5"), found(), None)
    with pytest.raises(UserError, match="has 14 outputs, but states 13 operating points"):
        import_weights._labels(Path("x.h5"), found(operating_points=np.zeros(13)), "chester")
    with pytest.raises(UserError, match="does not say how its input is scaled; say --preprocessing"):
        import_weights.build(Path("x.h5"), found(preprocessing=None), 14, None)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "is neither"), (b"\x89PNG", "is neither"), (b"PK\x03\x04 cut", "is neither"), (None, "is absent")],
)
def test_unknown_sources_are_refused(content: bytes | None, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "weights.bin"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=sentence):
        formats.recognise(path)
    with pytest.raises(UserError, match=r"neither model\.json nor"):
        (tmp_path / "empty").mkdir()
        formats.recognise(tmp_path / "empty")


def test_labels_are_read_from_names_files_and_orders(tmp_path: Path) -> None:
    assert label_orders.parse("chexnet")[1] == "Cardiomegaly"
    assert len(label_orders.parse("torchxrayvision")) == 18
    assert label_orders.parse("Mass, Nodule") == ("Mass", "Nodule")
    (tmp_path / "labels.txt").write_text("Mass\nNodule\n", encoding="utf-8")
    assert label_orders.parse(str(tmp_path / "labels.txt")) == ("Mass", "Nodule")
    assert set(label_orders.CHESTER) == set(label_orders.CHEXNET)
    with pytest.raises(UserError, match="empty"):
        label_orders.parse("")


def test_quantised_shards_are_close_to_what_they_round(tmp_path: Path) -> None:
    """Kernels as bytes and 16-bit numbers, within half a step of what was rounded."""
    model = copy.deepcopy(tfjs_files.densenet(classifiers.SIZE, 14))
    kernels = [
        entry
        for entry in model["weightsManifest"][0]["weights"]
        if len(entry["shape"]) == 4 and entry["dtype"] == "float32"
    ]
    for number, entry in enumerate(kernels):
        if entry["shape"][0] != 1:
            entry["quantization"] = {"dtype": ("uint8", "uint16", "float16")[number % 3]}
    full = tfjs_files.write_shards(tmp_path, model["weightsManifest"], seed=0)
    (tmp_path / "model.json").write_text(json.dumps(model))
    read, _, _ = tfjs.read(tmp_path / "model.json")
    entry = next(entry for entry in kernels if entry.get("quantization", {}).get("dtype") == "uint8")
    worst = np.abs(read[entry["name"]] - full[entry["name"]]).max()
    assert worst <= entry["quantization"]["scale"] / 2 * 1.001
    assert worst > entry["quantization"]["scale"] / 4
    assert formats.read(tmp_path, "tfjs").classifier.count == 364
