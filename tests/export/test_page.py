"""The folder of a page: what is in it, what it says of itself, and where its runtime is from."""

import json

import keras
import numpy as np
import pytest
from PIL import Image

from xray_keras import cli, files, serve
from xray_keras.datasets.phantom.chest import Phantom
from xray_keras.datasets.populations import PHANTOM_SEED
from xray_keras.errors import UserError
from xray_keras.export import page, samples, web_runtime
from xray_keras.models import ali


@pytest.fixture
def runtime(tmp_path, monkeypatch):
    """A folder that passes for the published runtime."""
    folder = tmp_path / "dist"
    folder.mkdir()
    for name in web_runtime.FILES:
        (folder / name).write_text(name)
    monkeypatch.setattr(web_runtime, "FILES", {path.name: files.sha256(path) for path in folder.iterdir()})
    monkeypatch.setenv(web_runtime.VARIABLE, str(folder))
    return folder


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """An imported classifier with its card, and a run of ALI."""
    base = tmp_path_factory.mktemp("models") / "base"
    keras.utils.set_random_seed(0)
    image = keras.Input((32, 32, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(4, 3, activation="relu")(image))
    model = keras.Model(image, keras.layers.Dense(2, "sigmoid", name="probabilities")(pooled))
    base.mkdir()
    model.save(base / "small.keras")
    card = {"labels": ["Mass", "Hernia"], "operating_points": {"Mass": 0.3}, "licence": "CC0"}
    files.write_json(base / "small.json", card)
    gate = base / "sound" / "cohen2019" / "ali"
    gate.mkdir(parents=True)
    parts = ali.encoder(latent=8, width=0.05), ali.generator(latent=8, width=0.05)
    ali.autoencoder(*parts).save(gate / "model.keras")
    config = {
        "dataset": "nih",
        "images": "all",
        "max_images": None,
        "labels": [],
        "trainer": "ali",
        "scale": "demo",
    }
    files.write_json(gate / "config.json", config)
    files.write_json(gate / "card.json", {"row": "ALI", "paper": "cohen2019"})
    files.write_json(gate / "ood.json", {"thresholds": {"ssim": 0.4}})
    return base


def test_a_page_lists_all_its_files_and_what_its_models_are(runtime, models, tmp_path, capsys):
    folder = tmp_path / "page"
    gate = models / "sound" / "cohen2019" / "ali"
    arguments = ["page", str(models / "small.keras"), "--gate", str(gate), "-o", str(folder)]
    assert cli.main(arguments) == 0
    assert "Not for diagnosis." in capsys.readouterr().out
    described = json.loads((folder / page.DESCRIPTION).read_text())
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    assert set(found) == {*described["files"], page.DESCRIPTION}
    assert all(found[name].stat().st_size == size for name, size in described["files"].items())
    assert {"index.html", "worker.js", "sw.js", "models/gate.onnx"} <= set(found)
    assert described["classifier"]["operating_points"] == {"Mass": 0.3}
    assert described["classifier"]["about"] == "small: imported weights; licence: CC0."
    assert described["gate"]["about"] == "ALI, cohen2019: trained elsewhere (SCALE=demo)."
    assert described["gate"]["threshold"] == 0.4 and described["note"] == "Not for diagnosis."
    with serve.running(folder):
        pass  # the server takes it for a page


def test_the_version_changes_with_the_content_alone(runtime, models, tmp_path):
    first = page.build(models / "small.keras", None, tmp_path / "page")
    assert first["gate"] is None and "models/gate.onnx" not in first["files"]
    again = page.build(models / "small.keras", None, tmp_path / "page")
    assert again["version"] == first["version"]
    half = page.build(models / "small.keras", None, tmp_path / "half", half=True)
    assert half["version"] != first["version"] and half["classifier"]["storage"] == "float16"


def test_a_page_without_a_gate_keeps_none_of_the_former_one(runtime, models, tmp_path):
    gate = models / "sound" / "cohen2019" / "ali"
    page.build(models / "small.keras", gate, tmp_path / "page")
    assert (tmp_path / "page" / "models" / "gate.onnx").is_file()
    described = page.build(models / "small.keras", None, tmp_path / "page")
    assert not (tmp_path / "page" / "models" / "gate.onnx").exists()
    assert "models/gate.onnx" not in described["files"]


def test_a_folder_of_something_else_is_left_alone(runtime, models, tmp_path):
    (tmp_path / "thesis.tex").write_text("all of it")
    with pytest.raises(UserError, match="holds other files"):
        page.build(models / "small.keras", None, tmp_path)
    assert (tmp_path / "thesis.tex").read_text() == "all of it"


def test_samples_are_phantoms_that_no_model_was_trained_on(tmp_path):
    listed = samples.write(tmp_path)
    assert len(listed) == 5 and {each["credit"] for each in listed} == {"computed, no patient"}
    pixels = [np.asarray(Image.open(tmp_path / each["file"])) for each in listed]
    assert all(each.shape == (512, 512) and each.dtype == np.uint8 for each in pixels)
    assert len({each.tobytes() for each in pixels}) == 5
    trained = Phantom(PHANTOM_SEED)
    known = trained.images(trained.manifest(10), 512)
    assert not {each.tobytes() for each in pixels} & {each.tobytes() for each in known}


def test_a_runtime_that_is_not_the_published_one_is_refused(runtime, tmp_path, monkeypatch):
    (runtime / "ort.wasm.min.mjs").write_text("something else")
    with pytest.raises(
        UserError, match=r"ort\.wasm\.min\.mjs is not the file that onnxruntime-web@\S+ publishes"
    ):
        web_runtime.copy(tmp_path / "runtime")
    (runtime / "ort.wasm.min.mjs").unlink()
    with pytest.raises(UserError, match="is absent; set XRAY_KERAS_WEB"):
        web_runtime.copy(tmp_path / "runtime")
    assert not (tmp_path / "runtime" / "ort.wasm.min.mjs").exists()


def test_without_npm_the_remedy_is_said(tmp_path, monkeypatch):
    monkeypatch.delenv(web_runtime.VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UserError, match=r"there is no npm to fetch it; install Node\.js"):
        web_runtime.folder()


def test_what_npm_says_is_said(tmp_path, monkeypatch):
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho 'no network' >&2\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.delenv(web_runtime.VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(UserError, match=r"npm could not fetch onnxruntime-web@\S+ \(no network\)"):
        web_runtime.folder()
