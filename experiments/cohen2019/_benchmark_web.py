"""How fast is the page, and how fast would TensorFlow.js explain the same network in the same browser?

    python -m experiments.cohen2019._benchmark_web [repeats]

A DenseNet-121 with random weights, 224 px, 14 outputs, and a gate of the demo's size: times do not depend on weights.
The page: cold starts, each in a new profile, with one thread and with as many as it takes by itself. The peer: the
same frozen graph in TensorFlow.js on WebAssembly, warm, differentiated by tf.grad as in the paper (§5.2). It needs a
Chromium, and `npm install --prefix ~/.cache/xray_keras/tfjs @tensorflow/tfjs@4.22.0
@tensorflow/tfjs-backend-wasm@4.22.0`. About two minutes on two cores.
"""

import functools
import json
import os
import shutil
import statistics
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeAlias

import keras
import numpy as np
import tensorflow as tf
from google.protobuf import json_format
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2
from tf2onnx import tf_loader

from experiments.cohen2019.ali import DEMO, EXPERIMENT
from xray_keras import experiment, files, serve
from xray_keras.datasets.findings import FINDINGS
from xray_keras.errors import UserError
from xray_keras.export import browser, page
from xray_keras.models import ali, densenet121, penultimate

SIZE = 224
Times: TypeAlias = dict[str, float]  # seconds of each step
_THREADS = {"?threads=1": "one thread", "": "threads of its own choice"}
_TFJS = ("@tensorflow/tfjs/dist/tf.min.js", "@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.min.js")


def main(repeats: str = "5") -> None:
    """Measure, and print the medians and their ratio."""
    packages = _packages()
    keras.utils.set_random_seed(0)
    model = densenet121.build(size=SIZE, labels=len(FINDINGS), weights="random")
    ours: dict[str, list[Times]] = {query: [] for query in _THREADS}
    theirs: list[Times] = []
    with tempfile.TemporaryDirectory() as name, browser.chromium() as opened:
        folder = Path(name)
        built = page.build(_classifier(folder, model), _gate(folder), folder / "page")
        picture = folder / "page" / built["samples"][0]["file"]
        _peer(folder / "peer", model, packages)
        with serve.running(folder / "page") as url, _served(folder / "peer") as peer:
            tab = opened.new_page()
            tab.goto(peer)
            tab.evaluate("size => prepare(size)", SIZE)
            for _ in range(int(repeats)):  # by turns, so that a busy machine is busy for all
                theirs.append(tab.evaluate("time()"))
                for query, times in ours.items():
                    found = browser.measure(opened, url + query, picture, 1)
                    times.append({step: spread["median"] for step, spread in found.items()})
        version = opened.version
    print(
        f"DenseNet-121, {SIZE} px, Chromium {version}, {os.cpu_count()} processors; medians of {repeats}, seconds"
    )
    for query, times in ours.items():
        print(f"page, {_THREADS[query]}: {_line(times)}; together {sum(_medians(times).values()):.2f}")
    print(f"TensorFlow.js, warm: {_line(theirs)}")
    for query, times in ours.items():
        factor = statistics.median(b["explain"] / a["explain"] for a, b in zip(times, theirs, strict=True))
        print(
            f"explanation, {_THREADS[query]}: {factor:.1f} times as fast as TensorFlow.js, median of the ratios"
        )


def _medians(times: list[Times]) -> Times:
    return {step: statistics.median(each[step] for each in times) for step in times[0]}


def _line(times: list[Times]) -> str:
    return ", ".join(f"{step} {seconds:.2f}" for step, seconds in _medians(times).items())


def _packages() -> Path:
    default = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xray_keras" / "tfjs"
    found = Path(os.environ.get("XRAY_KERAS_TFJS") or default) / "node_modules"
    if not all((found / path).is_file() for path in _TFJS):
        raise UserError(f"{found} has no TensorFlow.js; install it as its module's first lines say")
    return found


def _classifier(folder: Path, model: keras.Model) -> Path:
    path = folder / "densenet121.keras"
    model.save(path)
    files.write_json(path.with_suffix(".json"), {"labels": list(FINDINGS)})
    return path


def _gate(folder: Path) -> Path:
    """An ALI run whose gate accepts everything."""
    run = folder / "runs" / "sound" / "cohen2019" / "ali"
    run.mkdir(parents=True)
    latent = int(DEMO["latent"])
    encoder = ali.encoder(latent=latent, width=DEMO["width"])
    generator = ali.generator(latent=latent, width=DEMO["generator_width"])
    ali.autoencoder(encoder, generator).save(run / "model.keras")
    files.write_json(run / "ood.json", {"thresholds": {"ssim": 2.0}})
    files.write_json(run / "card.json", {"row": "ALI", "paper": "cohen2019"})
    config = experiment.resolve(
        EXPERIMENT, scale="demo", variant="sound", phantom=True, precision=None, seed=0
    )
    files.write_json(run / "config.json", config)
    return run


def _peer(folder: Path, model: keras.Model, packages: Path) -> None:
    """The same logits as a TensorFlow.js graph model, frozen and folded as tf2onnx gets it, and a page that runs it."""
    folder.mkdir()
    without = penultimate.logits(model)
    signature = tf.TensorSpec((1, SIZE, SIZE), tf.float32, name="image")
    traced = tf.function(lambda image: without(tf.stack([image] * 3, axis=-1)), input_signature=[signature])
    frozen = convert_variables_to_constants_v2(traced.get_concrete_function())
    ends = [[tensor.name for tensor in tensors] for tensors in (frozen.inputs, frozen.outputs)]
    with tf.Graph().as_default():
        graph = tf_loader.tf_optimize(*ends, frozen.graph.as_graph_def())
    entries, shard = [], b""
    for node in graph.node:
        if node.op == "Const":
            value = tf.make_ndarray(node.attr["value"].tensor)
            entries.append({"name": node.name, "shape": list(value.shape), "dtype": str(value.dtype)})
            shard += np.ascontiguousarray(value).tobytes()
            del node.attr["value"]
    (folder / "weights.bin").write_bytes(shard)
    content: dict[str, Any] = {
        "format": "graph-model",
        "modelTopology": json_format.MessageToDict(graph),
        "weightsManifest": [{"paths": ["weights.bin"], "weights": entries}],
    }
    (folder / "model.json").write_text(json.dumps(content))
    scripts = [packages / path for path in _TFJS] + [Path(__file__).with_suffix(".js")]
    for path in [*scripts, *scripts[1].parent.glob("*.wasm")]:
        shutil.copyfile(path, folder / path.name)
    tags = "".join(f'<script src="{path.name}"></script>' for path in scripts)
    (folder / "index.html").write_text(f"<!doctype html><title>TensorFlow.js</title>{tags}")


class _Isolated(SimpleHTTPRequestHandler):
    """Lets the peer use threads too."""

    def end_headers(self) -> None:
        for name in ("Cross-Origin-Opener-Policy", "Cross-Origin-Embedder-Policy"):
            self.send_header(name, serve.HEADERS[name])
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    handler = functools.partial(_Isolated, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except UserError as error:
        sys.exit(str(error))
