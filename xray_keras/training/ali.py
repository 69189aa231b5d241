"""Train ALI (cohen2019 §3.1): encoder, generator and discriminator, watched epoch by epoch."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from xray_keras import files, npz
from xray_keras.errors import UserError
from xray_keras.models import ali as networks
from xray_keras.papers import loader
from xray_keras.training import ali_watch, collapse, environment, inputs, optimizers, progress
from xray_keras.training.ali_step import Ali, Options
from xray_keras.training.checkpoints import LastCheckpoints


def smoothing() -> dict[str, tuple[float, float]]:
    """The printed ranges of smoothed labels (§3.1): "real" and "fake", (low, high) each."""
    printed = loader.claims("cohen2019")["label_smoothing"].values

    def ends(side: str) -> tuple[float, float]:
        return printed[f"{side}_low"].value, printed[f"{side}_high"].value

    return {"real": ends("positive"), "fake": ends("negative")}


def build_model(config: Mapping[str, Any], steps: int) -> Ali:
    """The networks of a resolved config with initial weights, and optimizers over epochs of `steps` steps.

    Raises:
        UserError: a size, a precision or a schedule that ALI does not have.
    """
    if config["size"] != networks.SIZE:
        raise UserError(
            f"ALI's kernels fit images of {networks.SIZE} pixels, not {config['size']}; say size={networks.SIZE} in "
            "the experiment"
        )
    if config["precision"] == "mixed_float16":
        raise UserError("ALI does not train in mixed_float16; choose PRECISION=float32 or mixed_bfloat16")
    keras.config.set_dtype_policy(config["precision"])
    options = Options(**config["model_options"])
    shares = {"pair": 1.0, "discriminator": options.discriminator_rate}
    return Ali(options, optimizers.of_pair(config, shares, steps), smoothing())


def train(run: Path, population: Path) -> None:
    """Train the run of `<run>/config.json`; publish model.keras, reconstructions.npz, history.csv, environment.json.

    Goes on from the last completed epoch of an interrupted run with the same settings, and ends with the same
    numbers as an undisturbed one. `<run>/reconstructions/epoch001.png` and those after it show the same held-out
    images after each epoch; they stay.

    Args:
        run: the run's folder.
        population: folder with the manifest and the image cache.

    Raises:
        UserError: see `inputs.open_data`, `build_model` and `collapse.check`; also a full disk, a damaged checkpoint.
    """
    config = files.read_json(run / "config.json")
    data = inputs.open_data(population, config)
    with files.exclusive(run):
        _train(run, config, data)


def _train(run: Path, config: Mapping[str, Any], data: inputs.RunData) -> None:
    checkpoints = LastCheckpoints(run, {"config": config, "data": data.fingerprint})
    if checkpoints.ended("model.keras", "reconstructions.npz"):
        return
    began = time.monotonic()
    environment.prepare(config["seed"])
    training, validation = data.part("train"), data.part("validation")
    held_out = data.images[data.rows[validation]]
    shown = np.searchsorted(validation, ali_watch.chosen(validation))
    # A last batch of few images would spoil the batch-norms of 1×1 maps.
    steps = max(1, len(training) // config["batch_size"])
    model = build_model(config, steps)
    autoencoder = networks.autoencoder(model.encoder, model.generator)
    done = checkpoints.resume(model)
    for picture in (run / "reconstructions").glob("epoch*.png"):
        if int(picture.stem.removeprefix("epoch")) > done:
            picture.unlink()  # of other settings
    for epoch in range(done, config["epochs"]):
        batches = inputs.epoch_of(data.images, data.rows[training], data.targets[training], config, epoch)
        environment.begin_epoch(model, epoch)
        fitted = model.fit(
            batches.take(steps),
            initial_epoch=epoch,
            epochs=epoch + 1,
            verbose=environment.verbosity(),
            shuffle=False,
        )
        losses = {name: float(fitted.history[name][0]) for name in model.means}
        found = ali_watch.reconstruct(autoencoder, held_out, config["batch_size"])
        scores = {**losses, **ali_watch.scores(held_out, found)}
        picture = run / "reconstructions" / f"epoch{epoch + 1:03d}.png"
        ali_watch.write_sheet(picture, held_out[shown], found["reconstruction"][shown])
        history = [*checkpoints.history, {"epoch": epoch + 1, **scores}]
        collapse.check(run, history, ali_watch.COLLAPSED, steps)
        checkpoints.save(model, scores)
        print(progress.line(run.name, epoch + 1, config["epochs"], scores), flush=True)

    checkpoints.write_history(run / "history.csv")
    environment.write(run / "environment.json", config, data, model, time.monotonic() - began)
    _write_examples(run / "reconstructions.npz", autoencoder, data, config)
    with files.publish(run / "model.keras") as temporary:
        autoencoder.save(temporary)
    checkpoints.finish()


def _write_examples(
    path: Path, autoencoder: keras.Model, data: inputs.RunData, config: Mapping[str, Any]
) -> None:
    """What Figure 4 shows: test images, which no choice depends on, and what becomes of them.

    Arrays of the file: "image" str (N,), "input" and "reconstruction" uint8 (N, 64, 64); "latent", "l1", "l2" and
    "ssim" float64 (N,), see `losses.distances`.
    """
    examples = ali_watch.chosen(data.part("test"))
    pixels = data.images[data.rows[examples]]
    found = ali_watch.reconstruct(autoencoder, pixels, config["batch_size"])
    arrays = {
        "image": data.frame["image"].iloc[examples].to_numpy(str),
        "input": pixels,
        **found,
    }
    npz.write(path, arrays)
