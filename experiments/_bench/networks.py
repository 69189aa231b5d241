"""Networks: a training step in either precision, and a prediction in Keras, compiled, and in ONNX Runtime."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnxruntime
import tensorflow as tf

from experiments import _steps
from experiments._bench.lines import Line
from xray_keras.export import to_onnx
from xray_keras.training import supervised

TRAINED = (
    "ali2019/baseline_effusion",
    "ali2019/vgg16",
    "ali2019/inception_v3",
    "ali2019/infogan_effusion",
    "minaee2020/resnet18",
    "minaee2020/resnet50",
    "minaee2020/squeezenet",
    "minaee2020/densenet121",
    "cohen2019/chexnet",
    "cohen2019/ali",
    "zhao2019/teacher",
    "zhao2019/student_hard",
    "zhao2019/msp_net",
    "gan_notes/identity",
)
PREDICTING = ("ali2019/vgg16", "minaee2020/resnet50", "minaee2020/squeezenet", "cohen2019/chexnet")


def lines(folder: Path) -> Iterator[Line]:
    """A line a network and task; weights are random, which changes no time."""
    for name in TRAINED:
        config = _steps.settings(name, "demo")
        calls = {
            precision: _step({**config, "precision": precision})
            for precision in ("float32", "mixed_bfloat16")
        }
        yield Line(
            f"training step, {name}, {config['size']} px, batch of {config['batch_size']}",
            "images",
            config["batch_size"],
            calls,
            seconds=5,
            rounds=3,
        )
        keras.backend.clear_session()
    for name in PREDICTING:
        config = _steps.settings(name, "demo") | {"precision": "float32"}
        yield Line(
            f"prediction of one image, {name}, {config['size']} px",
            "images",
            1,
            _predictions(config),
            seconds=4,
        )
        keras.backend.clear_session()


def _step(config: Mapping[str, Any]) -> Callable[[], object]:
    step = _steps.training(config)
    keras.config.set_dtype_policy("float32")
    return step


def _predictions(config: Mapping[str, Any]) -> Mapping[str, Callable[[], object]]:
    model = supervised.build_model(config)
    x = np.random.default_rng(0).uniform(0, 255, (1, config["size"], config["size"], 3)).astype(np.float32)
    compiled = tf.function(lambda image: model(image, training=False))
    tensor = tf.constant(x)
    graph = to_onnx.classifier(model).SerializeToString()  # takes one gray image
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    given = {"image": x[..., 0]}
    return {
        "ONNX Runtime": lambda: session.run(["probability"], given),
        "Keras, compiled (tf.function)": lambda: compiled(tensor),
        "Keras predict": lambda: model.predict(x, verbose=0),
    }
