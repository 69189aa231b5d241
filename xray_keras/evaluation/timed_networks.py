"""The networks of zhao2019's Table I on one thread, in Keras and in ONNX Runtime. This module runs models.

`evaluation.speed` begins it in a process of its own (`python -m xray_keras.evaluation.timed_networks OUTPUT`), for
TensorFlow takes its number of threads when it starts. Random weights do: no time depends on their values.
"""

import platform
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import onnx
import onnxruntime
import tensorflow as tf
import tf2onnx

from xray_keras import files
from xray_keras.datasets.scenes.pictures import scaled_size
from xray_keras.evaluation import stopwatch
from xray_keras.models import any_size_onnx, msp_net, text_student, text_teacher
from xray_keras.papers import loader

SECONDS = 50.0
"""For all rounds; with building and converting the networks, one core needs about twice that."""
KERAS, ONNX = "keras", "onnxruntime"
CUDA = "CUDAExecutionProvider"
OUTPUT = "regions"
Size = tuple[int, int]
Call = Callable[[], np.ndarray]


class Network(NamedTuple):
    """What is timed, and the size (height, width) in pixels that the paper gives it."""

    build: Callable[[], keras.Model]
    own: Size


class Condition(NamedTuple):
    """One network, in one framework, on "cpu" or "gpu", with a picture of (height, width)."""

    network: str
    framework: str
    device: str
    size: Size


def networks() -> tuple[dict[str, Network], Size]:
    """The three networks as wide as the paper has them, by printed row, and the size at which all can be compared.

    Pictures are taken to be 4:3 (not printed), with the printed short edge or height.
    """
    settings = loader.load("zhao2019")["settings"]
    short, tall = (
        scaled_size(4, 3, edge)[::-1]
        for edge in (settings["input"]["short_edge"], settings["mspnet"]["input_height"])
    )
    found = {
        "MSP-Net": Network(lambda: msp_net.build(weights="random"), tall),
        "Teacher Network": Network(lambda: text_teacher.build(weights="random"), short),
        "Student Network": Network(text_student.build, short),
    }
    return found, short


def measure(timed: Mapping[str, Network], same: Size, *, seconds: float, rounds: int = 5) -> dict[str, Any]:
    """Time each network at its own size and at the same one, a picture a call, the result fetched.

    Args:
        timed: by name. same: (height, width) for all.
        seconds, rounds: see `stopwatch.measure`.

    Returns:
        Ready for JSON: "networks": name → "parameters" (trained ones), "stored" (all), "own"; "same"; "turns": a list
        of each condition's entries with "turns": [[wall seconds], [cpu seconds]] of each round; "absent": framework,
        device and reason of what could not be timed; "disagreement": the largest difference between the probabilities
        that the frameworks gave; "versions"; "gpu": its name or None.
    """
    gpus = tf.config.list_physical_devices("GPU")
    absent = _absent(bool(gpus))
    calls: dict[Condition, Call] = {}
    about: dict[str, Any] = {}
    for name, network in timed.items():
        sizes = dict.fromkeys((network.own, same))
        model = _on("cpu", network.build)
        about[name] = _about(model, network)
        calls |= {Condition(name, KERAS, "cpu", size): _in_keras(model, "cpu", size) for size in sizes}
        if gpus:
            twin = _on("gpu", network.build)
            twin.set_weights(model.get_weights())
            calls |= {Condition(name, KERAS, "gpu", size): _in_keras(twin, "gpu", size) for size in sizes}
        converted = any_size_onnx.convert(model, [OUTPUT])
        for device in ("cpu", "gpu"):
            if all((each["framework"], each["device"]) != (ONNX, device) for each in absent):
                calls |= _in_onnxruntime(name, converted, device, sizes)
        del converted
    answers = {condition: call() for condition, call in calls.items()}
    turns = stopwatch.measure(calls, seconds=seconds, rounds=rounds)
    return {
        "networks": about,
        "same": list(same),
        "turns": [{**condition._asdict(), "turns": turns[condition]} for condition in calls],
        "absent": absent,
        "disagreement": _disagreement(answers),
        "versions": {
            "python": platform.python_version(),
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
            "onnxruntime": onnxruntime.__version__,
            "numpy": np.__version__,
            "tf2onnx": tf2onnx.__version__,
        },
        "gpu": tf.config.experimental.get_device_details(gpus[0]).get("device_name") if gpus else None,
    }


def _absent(gpu: bool) -> list[dict[str, str]]:
    """Which framework cannot run on which device, and why."""
    if not gpu:
        reasons = dict.fromkeys((KERAS, ONNX), "no GPU")
    elif CUDA not in onnxruntime.get_available_providers():
        reasons = {ONNX: "ONNX Runtime is built without CUDA; install onnxruntime-gpu"}
    else:
        reasons = {}
    return [
        {"framework": framework, "device": "gpu", "reason": reason} for framework, reason in reasons.items()
    ]


def _on(device: str, build: Callable[[], keras.Model]) -> keras.Model:
    with tf.device(f"/{device.upper()}:0"):
        return build()


def _about(model: keras.Model, network: Network) -> dict[str, Any]:
    trained = sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)
    return {"parameters": trained, "stored": model.count_params(), "own": list(network.own)}


def _picture(size: Size) -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 255, (1, *size, 3)).astype(np.float32)


def _in_keras(model: keras.Model, device: str, size: Size) -> Call:
    """The model as one compiled graph for this size, the picture already on the device."""
    place = f"/{device.upper()}:0"
    with tf.device(place):
        picture = tf.identity(_picture(size))
    compiled = tf.function(lambda image: model(image, training=False)[OUTPUT], jit_compile=False)

    def call() -> np.ndarray:
        with tf.device(place):
            return compiled(picture).numpy()

    return call


def _in_onnxruntime(
    name: str, converted: onnx.ModelProto, device: str, sizes: Iterable[Size]
) -> dict[Condition, Call]:
    """One session for all sizes, on one thread, the picture already on the device."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    providers = [CUDA] if device == "gpu" else ["CPUExecutionProvider"]
    session = onnxruntime.InferenceSession(converted.SerializeToString(), options, providers=providers)
    return {Condition(name, ONNX, device, size): _bound(session, device, size) for size in sizes}


def _bound(session: onnxruntime.InferenceSession, device: str, size: Size) -> Call:
    where = "cuda" if device == "gpu" else "cpu"
    picture = onnxruntime.OrtValue.ortvalue_from_numpy(_picture(size), where, 0)
    binding = session.io_binding()
    binding.bind_ortvalue_input("image", picture)
    binding.bind_output(OUTPUT, "cpu")

    def call() -> np.ndarray:
        session.run_with_iobinding(binding)
        return binding.copy_outputs_to_cpu()[0]

    return call


def _disagreement(answers: Mapping[Condition, np.ndarray]) -> float:
    """The largest difference to what Keras gives on the CPU for the same picture."""
    return max(
        float(np.abs(answer - answers[condition._replace(framework=KERAS, device="cpu")]).max())
        for condition, answer in answers.items()
    )


if __name__ == "__main__":
    begin = time.perf_counter()
    result = measure(*networks(), seconds=SECONDS)
    files.write_json(Path(sys.argv[1]), {**result, "seconds": round(time.perf_counter() - begin, 1)})
