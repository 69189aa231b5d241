"""Run a trained model over the held-out images of its own split: the one module here that needs TensorFlow."""

from pathlib import Path

import numpy as np
import pandas as pd

from xray_keras import files
from xray_keras.evaluation import predictions
from xray_keras.evaluation.checks import SPLITS
from xray_keras.models import saved
from xray_keras.training import environment, features, inputs, supervised

_CARRIED = ("group", "source")  # of the manifest: what reports divide the images by


def predict(run: Path, population: Path) -> None:
    """Write `<run>/predictions.parquet` for the validation, test and probe images of the run.

    Where the manifest has them, the columns `group` and `source` come along.

    Args:
        run: a trained run: config.json and model.keras.
        population: folder with the manifest and the image cache it was trained on.

    Raises:
        UserError: the model is absent or damaged, or the population has changed since.
    """
    config = files.read_json(run / "config.json")
    data = inputs.open_data(population, config)
    environment.prepare(config["seed"])
    model = saved.load(run / "model.keras")
    chosen = data.part(*SPLITS)
    images: np.ndarray = data.images
    if config.get("cache_features"):
        model, images = features.cached(model, population, data, config)
    batches = inputs.in_order(images, data.rows[chosen], config["batch_size"])
    output = model.predict(batches, verbose=environment.verbosity())
    p = supervised.positive_probability(output, len(config["labels"]))
    columns = {"image": data.frame["image"].iloc[chosen].to_numpy()}
    columns |= {"patient": data.frame["patient"].iloc[chosen].to_numpy(), "split": data.split[chosen]}
    columns |= {name: data.frame[name].iloc[chosen].to_numpy() for name in _CARRIED if name in data.frame}
    for k, label in enumerate(config["labels"]):
        columns |= {f"y_{label}": data.targets[chosen, k].astype("int8"), f"p_{label}": p[:, k]}
    predictions.write(pd.DataFrame(columns), run / "predictions.parquet")
