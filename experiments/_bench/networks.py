"""Networks: a training step in either precision, and a prediction in Keras, compiled, and in ONNX Runtime."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnxruntime
import tensorflow as tf

from experiments._bench.lines import Line
from xray_keras import experiment
from xray_keras.export import to_onnx
from xray_keras.training import inputs, supervised

ROOT = Path(__file__).parents[2]
TRAINED = (
    "ali2019/baseline_effusion",
    "ali2019/vgg16",
    "ali2019/inception_v3",
    "minaee2020/resnet18",
    "minaee2020/resnet50",
    "minaee2020/squeezenet",
    "minaee2020/densenet121",
    "cohen2019/chexnet",
)
PREDICTING = ("ali2019/vgg16", "minaee2020/resnet50", "minaee2020/squeezenet", "cohen2019/chexnet")
SIZE, BATCH, IMAGES = 128, 16, 512


def lines(folder: Path) -> Iterator[Line]:
    """A line a network and task; weights are random, which changes no time."""
    for at, name in enumerate(TRAINED):
        yield Line(
            f"training step, {name}, {SIZE} px, batch of {BATCH}",
            "images",
            BATCH,
            {
                "float32": _step(name, "float32"),
                "mixed_bfloat16": _step(name, "mixed_bfloat16"),
                "its input alone: cache, shift and zoom": _batches(),
            },
            seconds=6,
            rounds=3,
            remark="a step is fed with a core to spare where its input takes less time than it does."
            * (not at),
        )
        keras.backend.clear_session()
    for name in PREDICTING:
        yield Line(f"prediction of one image, {name}, {SIZE} px", "images", 1, _predictions(name), seconds=4)
        keras.backend.clear_session()


def _config(name: str, precision: str) -> dict[str, Any]:
    found = experiment.load(name, ROOT)
    config = experiment.resolve(found, scale="demo", variant="sound", precision=precision)
    return config | {"size": SIZE, "weights": "random" if config["weights"] else None}


def _step(name: str, precision: str) -> Callable[[], object]:
    config = _config(name, precision)
    model = supervised.build_model(config)
    model.compile(optimizer="adam", loss=supervised.loss_function(config, 1.0))
    rng = np.random.default_rng(0)
    x = tf.constant(rng.uniform(0, 255, (BATCH, SIZE, SIZE, 3)).astype(np.float32))
    y = tf.constant(rng.integers(0, 2, (BATCH, len(config["labels"]))).astype(np.float32))
    keras.config.set_dtype_policy("float32")
    return lambda: model.train_on_batch(x, y)


def _batches() -> Callable[[], object]:
    """The next batch that a training would see, augmented."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (IMAGES, SIZE, SIZE), np.uint8)
    targets = rng.integers(0, 2, (IMAGES, 1)).astype(np.float32)
    config = {"seed": 0, "batch_size": BATCH, "augmentation": "shift+zoom"}
    shown = iter(inputs.epoch_of(images, np.arange(IMAGES), targets, config, 0).repeat())
    return lambda: next(shown)


def _predictions(name: str) -> Mapping[str, Callable[[], object]]:
    model = supervised.build_model(_config(name, "float32"))
    x = np.random.default_rng(0).uniform(0, 255, (1, SIZE, SIZE, 3)).astype(np.float32)
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
