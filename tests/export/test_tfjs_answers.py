"""Graphs and the models made of them against TensorFlow.js itself."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from tests.export import classifiers, tfjs_files
from xray_keras.export import import_weights, tfjs, tfjs_run


@pytest.fixture(scope="session")
def packages() -> Path:
    """A folder with TensorFlow.js and its WASM backend."""
    default = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xray_keras" / "tfjs"
    found = Path(os.environ.get("XRAY_KERAS_TFJS") or default)
    if not shutil.which("node") or not (found / "node_modules/@tensorflow/tfjs-backend-wasm").is_dir():
        pytest.skip(
            f"needs node and `npm install --prefix {found} @tensorflow/tfjs@4.22.0 "
            "@tensorflow/tfjs-backend-wasm@4.22.0`"
        )
    return found


def tensorflow_js(packages: Path, folder: Path, images: np.ndarray, scratch: Path) -> np.ndarray:
    """Answers (N, labels) to float32 (N, S, S, 3), already preprocessed."""
    given, answers = scratch / "images.bin", scratch / "answers.bin"
    images.transpose(0, 3, 1, 2).astype("<f4").tofile(given)
    script = Path(__file__).with_name("tfjs_oracle.cjs")
    shape = f"1,3,{images.shape[1]},{images.shape[2]}"
    command = ["node", script, packages, folder, given, len(images), shape, answers]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return np.fromfile(answers, "<f4").reshape(len(images), -1)


def test_graph_runs_as_in_tensorflow_js(packages: Path, tfjs_folder: Path, tmp_path: Path) -> None:
    """The oracle of imports, run by the suite, against TensorFlow.js itself; outputs spread over (0, 1)."""
    images = classifiers.images()
    theirs = tensorflow_js(packages, tfjs_folder, images, tmp_path)
    tensors, nodes, _ = tfjs.read(tfjs_folder / tfjs.GRAPH)
    assert nodes is not None
    ours = np.concatenate([tfjs_run.run(nodes, tensors, "Sigmoid", image[None]) for image in images])
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5)
    assert np.ptp(theirs) > 0.4
    assert theirs.min() > 0.001
    assert theirs.max() < 0.999
    assert np.abs(theirs[0] - theirs[1]).max() > 0.01


def test_chesters_classifier_answers_as_in_tensorflow_js(packages: Path, tmp_path: Path) -> None:
    """Shards of exactly the published manifest, real radiographs, the same 14 outputs to 1e-5."""
    source = tfjs_files.PUBLISHED / "chestxnet-45rot15trans15scale4byte"
    radiographs = sorted((tfjs_files.PUBLISHED.parent / "nih-1024").rglob("*.png"))[:2]
    if not source.is_dir() or not radiographs:
        pytest.skip(f"needs {source} and radiographs in {tfjs_files.PUBLISHED.parent / 'nih-1024'}")
    shutil.copytree(source, tmp_path / "chester")
    manifest = json.loads((source / tfjs.GRAPH).read_text())["weightsManifest"]
    tfjs_files.write_shards(tmp_path / "chester", manifest, seed=0)
    import_weights.import_weights(tmp_path / "chester", tmp_path / "chester.keras")
    gray = [np.asarray(Image.open(path).convert("L").resize((224, 224)), np.float32) for path in radiographs]
    images = np.repeat(np.stack(gray)[..., None], 3, axis=-1)
    theirs = tensorflow_js(packages, tmp_path / "chester", images / np.float32(255), tmp_path)
    model = keras.saving.load_model(tmp_path / "chester.keras")
    np.testing.assert_allclose(np.asarray(model(images, training=False)), theirs, rtol=0, atol=1e-5)
    assert theirs.shape == (2, 14)
    assert np.ptp(theirs) > 0.4
    assert 0.001 < theirs.min() < theirs.max() < 0.999
