"""Where numbers came from: seeds and threads before a run, versions and data after it."""

import os
import platform
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

import xray_keras
from xray_keras import files
from xray_keras.datasets import splits
from xray_keras.models import weights

if TYPE_CHECKING:
    from xray_keras.training.inputs import RunData

THREADS = (
    "TF_NUM_INTRAOP_THREADS"  # TensorFlow reads it itself; the Makefile sets it where runs share the cores
)
DETERMINISTIC = "XRAY_KERAS_DETERMINISTIC"


def prepare(seed: int) -> None:
    """Seed Python, numpy and Keras; force deterministic kernels where XRAY_KERAS_DETERMINISTIC=1."""
    keras.utils.set_random_seed(seed)
    if os.environ.get(DETERMINISTIC) == "1":
        tf.config.experimental.enable_op_determinism()


def begin_epoch(model: keras.Model, epoch: int) -> None:
    """Put the model's random generators (dropout) where they stand at the start of an epoch.

    Keras does not save their counters with the weights; as a function of the epoch they survive an interruption.
    """
    for variable in model.variables:
        if variable.path.endswith("seed_generator_state"):
            seed, _ = keras.ops.convert_to_numpy(variable)
            variable.assign([seed, epoch << 20])


def verbosity() -> int:
    """Keras' `verbose`: a bar within each epoch on a terminal, silence in a log or beside other runs.

    The bar is coloured whatever the terminal says, so there is none where NO_COLOR is set or TERM is dumb.
    """
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return 1 if sys.stdout.isatty() and not plain and THREADS not in os.environ else 0


def versions() -> dict[str, str]:
    """Of the suite, of Python, and of the packages that decide numbers."""
    return {
        "xray_keras": xray_keras.__version__,
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
    }


def device() -> str:
    """What networks run on: the name of the first GPU, or "CPU"."""
    gpus = tf.config.list_physical_devices("GPU")
    return str(tf.config.experimental.get_device_details(gpus[0])["device_name"]) if gpus else "CPU"


def write(
    path: Path,
    config: Mapping[str, Any],
    data: "RunData",
    model: keras.Model,
    seconds: float,
    backbone: str | None = None,
    together: Sequence[str] = (),
    spread: tf.distribute.Strategy | None = None,
) -> None:
    """Write environment.json: versions, device, seed, data fingerprint and counts, parameters, time.

    Args:
        path: of the file.
        config, data, model: of the run.
        seconds: of training.
        together: names of the runs that were trained in one pass over the images, this one among them; the time is
            that of all.
        backbone: architecture whose ImageNet weights the model began with; by default its own name.
        spread: over several devices, see `devices`.
    """
    parts = {name: int((data.split == name).sum()) for name in splits.PARTS}
    value = {
        "versions": versions(),
        "device": device(),
        "devices": 1 if spread is None else spread.num_replicas_in_sync,
        "threads": os.environ.get(THREADS, "all"),
        "deterministic": os.environ.get(DETERMINISTIC) == "1",
        "seed": config["seed"],
        "data": {
            "fingerprint": data.fingerprint,
            "images": parts,
            "patients": int(data.frame["patient"].nunique()),
            "leaked_patients": splits.leaked_patients(data.frame["patient"], pd.Series(data.split)),
        },
        "weights": weights.card(backbone or model.name)
        if config["weights"] == "imagenet"
        else config["weights"],
        "parameters": model.count_params(),
        "trainable_parameters": sum(int(np.prod(v.shape)) for v in model.trainable_variables),
        "seconds": round(seconds, 1),
    }
    if together:
        value["together"] = list(together)
    files.write_json(path, value)
