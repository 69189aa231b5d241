import json
from pathlib import Path

import keras
import numpy as np
import published_files
import pytest

from xray_keras.errors import UserError
from xray_keras.models import backbones, weight_cache, weight_sources, weights
from xray_keras.models.weight_sources import SOURCES

IMAGES = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 3)).astype(np.float32)


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No cache, no folder of the user's."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(weights.VARIABLE, raising=False)


@pytest.mark.parametrize(
    ("architecture", "application"),
    [
        ("vgg16", keras.applications.vgg16),
        ("inception_v3", keras.applications.inception_v3),
        ("resnet50", keras.applications.resnet50),
        ("densenet121", keras.applications.densenet),
    ],
)
def test_preprocessing_equals_that_of_keras_applications(architecture: str, application: object) -> None:
    expected = application.preprocess_input(IMAGES.copy())  # type: ignore[attr-defined]
    np.testing.assert_allclose(
        np.asarray(weights.preprocess(architecture, IMAGES)), expected, atol=1e-5, rtol=1e-5
    )


@pytest.mark.parametrize("architecture", SOURCES)
def test_preprocessing_inside_a_saved_model_loads_without_our_code(architecture: str, tmp_path: Path) -> None:
    images = keras.Input((8, 8, 3))
    model = keras.Model(images, weights.preprocess(architecture, images))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.predict(IMAGES, verbose=0), model.predict(IMAGES, verbose=0))
    assert "xray_keras" not in json.dumps(model.get_config(), default=str)


@pytest.mark.parametrize("architecture", SOURCES)
def test_a_base_has_its_published_parameters_and_stable_names(architecture: str) -> None:
    first, second = (
        weights.load_backbone(architecture, weights="random", input_shape=(75, 75, 3)) for _ in range(2)
    )
    assert first.count_params() == SOURCES[architecture].parameters
    assert [layer.name for layer in first.layers] == [layer.name for layer in second.layers]
    assert all(layer.trainable for layer in first.layers)
    assert len(first.output.shape) == 4


def test_inception_v3_keeps_the_names_of_a_fresh_session_in_the_order_of_building() -> None:
    application = keras.applications.InceptionV3(weights=None, include_top=False, input_shape=(75, 75, 3))
    model = backbones.build("inception_v3", (75, 75, 3))
    assert [type(layer) for layer in model.layers] == [type(layer) for layer in application.layers]
    first = min(
        int(layer.name.partition("conv2d_")[2] or 0) for layer in application.layers if "conv2d" in layer.name
    )
    for ours, theirs in zip(model.layers, application.layers, strict=True):
        if theirs.name.startswith("conv2d"):
            number = int(theirs.name.partition("conv2d_")[2] or 0) - first
            assert ours.name == (f"conv2d_{number}" if number else "conv2d")
    assert {"mixed0", "mixed9_0", "mixed10"} <= {layer.name for layer in model.layers}


def test_weights_are_set_by_name_and_a_head_is_left_out(tmp_path: Path) -> None:
    values = published_files.tensors("squeezenet", head=True)
    published_files.write_npz(tmp_path / "squeezenet.npz", values)
    base = weights.load_backbone("squeezenet", input_shape=(75, 75, 3), path=tmp_path)
    for layer in base.layers:
        for variable in layer.weights:
            np.testing.assert_array_equal(variable.numpy(), values[f"{layer.name}/{variable.name}"])
    classifier = weights.load_classifier("squeezenet", path=tmp_path)
    np.testing.assert_array_equal(classifier.get_layer("conv10").kernel.numpy(), values["conv10/kernel"])


def test_a_base_without_head_makes_no_classifier(tmp_path: Path) -> None:
    published_files.write_npz(tmp_path / "squeezenet.npz", published_files.tensors("squeezenet"))
    with pytest.raises(UserError, match="holds no ImageNet head"):
        weights.load_classifier("squeezenet", path=tmp_path)


def damage(values: dict[str, np.ndarray], kind: str) -> None:
    if kind == "missing":
        del values["conv5_block2_2_bn/beta"]
    elif kind == "shape":
        values["conv1_conv/kernel"] = values["conv1_conv/kernel"][:5]
    elif kind == "left over":
        values["conv6_block1_1_conv/kernel"] = np.ones(3, np.float32)
    elif kind == "finite":
        values["conv1_bn/gamma"][3] = np.nan
    else:
        values["conv4_block1_0_bn/moving_variance"][0] = -1


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("missing", "has no conv5_block2_2_bn/beta"),
        ("shape", r"conv1_conv/kernel of shape \(5, 7, 3, 64\), resnet18 needs \(7, 7, 3, 64\)"),
        ("left over", "has conv6_block1_1_conv/kernel, which resnet18 lacks"),
        ("finite", "in conv1_bn/gamma that are not finite"),
        ("variance", "negative variances in conv4_block1_0_bn/moving_variance"),
    ],
)
def test_partial_or_unsound_weights_are_refused_and_not_kept(tmp_path: Path, kind: str, words: str) -> None:
    values = published_files.tensors("resnet18")
    damage(values, kind)
    published_files.write_npz(tmp_path / "resnet18.npz", values)
    with pytest.raises(UserError, match=words):
        weights.load_backbone("resnet18", input_shape=(75, 75, 3), path=tmp_path)
    assert not weight_cache.cache_folder().exists()


def test_keras_own_file_is_read_in_layer_order(tmp_path: Path) -> None:
    values = published_files.tensors("vgg16")
    published_files.write_keras_h5(tmp_path / "mine.h5", values)
    base = weights.load_backbone("vgg16", input_shape=(32, 32, 3), path=tmp_path / "mine.h5")
    np.testing.assert_array_equal(
        base.get_layer("block5_conv3").kernel.numpy(), values["block5_conv3/kernel"]
    )
    assert weights.card("vgg16", tmp_path / "mine.h5")["licence"] == "not known"
    with pytest.raises(UserError, match=r"mine\.h5 is no weight file of resnet50"):
        weights.resolve("resnet50", tmp_path / "mine.h5")
    with pytest.raises(UserError, match="Keras publishes no resnet18"):
        weights.resolve("resnet18", tmp_path / "mine.h5")


def test_converting_weights_does_not_disturb_a_seeded_run(tmp_path: Path) -> None:
    published_files.write_npz(tmp_path / "squeezenet.npz", published_files.tensors("squeezenet"))
    drawn = []
    for _ in ("converted", "found converted"):
        keras.utils.set_random_seed(0)
        weights.load_backbone("squeezenet", input_shape=(75, 75, 3), path=tmp_path)
        drawn.append(keras.layers.Dense(3)(np.ones((1, 3), np.float32)))
    np.testing.assert_array_equal(*drawn)


def test_unknown_requests_are_named() -> None:
    with pytest.raises(UserError, match="'alexnet'; choose from vgg16, "):
        weights.load_backbone("alexnet", input_shape=(75, 75, 3))
    with pytest.raises(UserError, match="weights='none' is not known"):
        weights.load_backbone("vgg16", weights="none", input_shape=(75, 75, 3))


def test_the_list_names_every_source() -> None:
    shown = weight_sources.describe(weight_sources.list_sources())
    assert all(name in shown for name in SOURCES)
    assert "CC BY 4.0; Simonyan and Zisserman" in shown
