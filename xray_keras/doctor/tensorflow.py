"""Does TensorFlow import, compute, see a GPU? Asked in a child: a build for another processor kills its process."""

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xray_keras.doctor import child
from xray_keras.doctor.finding import AGAIN, FAILED, NOTE, OK, Finding

SECONDS = 180
_MARK = "xray-keras-doctor:"
CODE = f"""
import json, keras, tensorflow as tf
total = float(keras.ops.convert_to_numpy(keras.ops.sum(keras.ops.matmul(tf.ones((8, 8)), tf.ones((8, 8))))))
gpus = tf.config.list_physical_devices("GPU")
names = [tf.config.experimental.get_device_details(gpu).get("device_name", gpu.name) for gpu in gpus]
found = dict(tensorflow=tf.__version__, keras=keras.__version__, backend=keras.backend.backend(), gpus=names,
             cuda=tf.test.is_built_with_cuda(), sound=total == 512)
print("{_MARK}" + json.dumps(found))
"""
_BACKEND = "set the variable KERAS_BACKEND to tensorflow, or correct keras.json in ~/.keras"


def examine() -> Iterator[Finding]:
    """TensorFlow, then the GPU; the second only where the first answers."""
    found, failure = _asked()
    if found is None:
        yield Finding("TensorFlow", FAILED, f"does not import ({failure})", _remedy(failure))
        return
    said = f"{found['tensorflow']} with Keras {found['keras']}"
    if found["backend"] != "tensorflow":
        told = f"{said}, but Keras computes with {found['backend']}"
        yield Finding("TensorFlow", FAILED, told, _BACKEND, found)
    elif not found["sound"]:
        yield Finding("TensorFlow", FAILED, f"{said} computes wrong numbers", AGAIN, found)
    else:
        yield Finding("TensorFlow", OK, f"{said} imports and computes", facts=found)
    yield _gpu(found)


def _remedy(failure: str) -> str:
    """What to do where the child gave no answer."""
    if backend() != "tensorflow":
        return f"Keras is told to compute with {backend()}: {_BACKEND}"
    if failure.startswith(child.CRASHED):
        return "this TensorFlow may be built for another processor (x86 needs AVX); take another machine or build"
    if failure.startswith(child.LATE):
        return "run the command again when the machine is less busy"
    return AGAIN


def backend() -> str:
    """What Keras is told to compute with, by a variable or by its file."""
    if named := os.environ.get("KERAS_BACKEND"):
        return named
    file = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "keras.json"
    try:
        return json.loads(file.read_text(encoding="utf-8")).get("backend", "tensorflow")
    except (OSError, ValueError, AttributeError):
        return "tensorflow"


def _asked() -> tuple[dict[str, Any] | None, str]:
    """What the child found, or why it found nothing."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    answer = child.ask([sys.executable, "-c", CODE], SECONDS, environment)
    if answer.failure:
        return None, answer.failure
    marked = [line for line in answer.printed.splitlines() if line.startswith(_MARK)]
    return (json.loads(marked[-1].removeprefix(_MARK)), "") if marked else (None, "it printed nothing")


def _gpu(found: dict[str, Any]) -> Finding:
    if found["gpus"]:
        return Finding(
            "GPU", OK, f"TensorFlow sees {', '.join(found['gpus'])}", facts={"gpus": found["gpus"]}
        )
    card = _card()
    if not card:
        return Finding("GPU", OK, "none; SCALE=demo is sized for two cores without one", facts={"gpus": []})
    if found["cuda"]:
        said = f"{card} is there, but TensorFlow does not see it"
        remedy = "update the NVIDIA driver, and look at CUDA_VISIBLE_DEVICES; until then the CPU computes"
    else:
        said = f"{card} is there, but this TensorFlow is for the CPU"
        remedy = "to use it, delete .venv and say TF=gpu, as in make table2 TF=gpu"
    return Finding("GPU", NOTE, said, remedy, {"gpus": [], "card": card})


def _card() -> str:
    """Name of an NVIDIA card that the driver knows, "" without one."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ""
    answer = child.ask([program, "--query-gpu=name", "--format=csv,noheader"], 20)
    return "" if answer.failure else (answer.printed.strip().splitlines() or [""])[0].strip()
