"""Train InfoGAN (ali2019 II.C, III.C): one model a finding, or one whose codes are labels, watched epoch by epoch."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from xray_keras import files, npz
from xray_keras.errors import UserError
from xray_keras.models import description
from xray_keras.models import infogan as networks
from xray_keras.training import collapse, environment, generation, infogan_watch, inputs, optimizers, progress
from xray_keras.training.checkpoints import LastCheckpoints
from xray_keras.training.infogan_step import InfoGan, Options

PUBLISHED = ("model.keras", "discriminator.keras", "samples.npz", "traversals.npz", generation.FILE)
_SHOWN = 64  # real images kept beside the samples


def learned(data: inputs.RunData, options: Options, part: str = "train") -> np.ndarray:
    """Positions (into frame, rows, split) of the images of a part that a run learns from: those with its finding."""
    chosen = data.part(part)
    if options.finding is None:
        return chosen
    if options.finding not in data.frame:
        raise UserError(
            f"there is no finding {options.finding!r}; name one of the manifest's in the experiment"
        )
    return chosen[data.frame[options.finding].to_numpy()[chosen] == 1]


def labels_of(data: inputs.RunData, options: Options, positions: np.ndarray) -> np.ndarray:
    """Labels of images that are codes as well: float32 (N, conditions), 0 or 1."""
    return data.frame[list(options.conditions)].to_numpy(np.float32)[positions]


def build_model(config: Mapping[str, Any], label_rows: np.ndarray, steps: int) -> InfoGan:
    """Networks and optimizers of a resolved config with initial weights.

    Half of the labels asked for in training are those of training images, half balanced (`generation.asked_labels`): a
    rare label's code would hardly ever be tried otherwise.

    Args:
        config: the run's resolved settings.
        label_rows: labels of the training images, (N, conditions).
        steps: of an epoch.

    Raises:
        UserError: a size, form, prior, reading, precision or schedule that there is not.
    """
    if config["precision"] == "mixed_float16":
        raise UserError("InfoGAN does not train in mixed_float16; choose PRECISION=float32 or mixed_bfloat16")
    keras.config.set_dtype_policy(config["precision"])
    options = Options(**config["model_options"])
    rates = optimizers.of_pair(config, {"generator": options.generator_rate, "discriminator": 1.0}, steps)
    asked, _ = generation.asked_labels(label_rows, 2 * len(label_rows), config["seed"])
    return InfoGan(options, rates, config["size"], asked)


def train(run: Path, population: Path) -> None:
    """Train the run of `<run>/config.json`, then generate images with it.

    Goes on from the last completed epoch of an interrupted run with the same settings, and ends with the same numbers
    as an undisturbed one. Publishes in the run's folder: model.keras, the generator; discriminator.keras; history.csv
    (epoch, loss, generator_loss, accuracy of the discriminator, information, label_loss, spread); generated.npz, see
    `generation`; samples.npz, see `infogan_watch.Watch.curve`, with "real" uint8 (n, S, S), test images of the kind
    that was learned; traversals.npz: "image" uint8 (codes, 10, S, S), "code" str; layers.json: "generator" and
    "discriminator" (see `models.description`) at the printed width and size, "paper", and as trained, "run";
    environment.json. Sheets `samples/epoch001.png`, `traversals/epoch001.png` and those after them stay.

    Args:
        run: the run's folder.
        population: folder with the manifest and the image cache.

    Raises:
        UserError: fewer images than a batch; see `inputs.open_data`, `build_model` and `collapse.check`; also a full
            disk, a damaged checkpoint.
    """
    config = files.read_json(run / "config.json")
    data = inputs.open_data(population, config)
    with files.exclusive(run):
        _train(run, population, config, data)


def _train(run: Path, population: Path, config: Mapping[str, Any], data: inputs.RunData) -> None:
    checkpoints = LastCheckpoints(run, {"config": config, "data": data.fingerprint})
    if checkpoints.ended(*PUBLISHED):
        return
    began = time.monotonic()
    environment.prepare(config["seed"])
    options = Options(**config["model_options"])
    training = learned(data, options)
    steps = len(training) // config["batch_size"]
    if not steps:
        what = f"with {options.finding}" if options.finding else "to learn from"
        raise UserError(
            f"{population / 'manifest.csv'} leaves {len(training)} training images {what}, fewer than a batch of "
            f"{config['batch_size']}; use more images, or a smaller batch_size in the experiment"
        )
    label_rows = labels_of(data, options, training)
    model = build_model(config, label_rows, steps)
    watch = infogan_watch.Watch(run, options, label_rows, config["epochs"], config["seed"])
    real = data.images[data.rows[training[:: max(1, len(training) // infogan_watch.SAMPLES)]]]
    done = checkpoints.resume(model)
    watch.forget_after(done)
    for epoch in range(done, config["epochs"]):
        batches = inputs.epoch_of(data.images, data.rows[training], label_rows, config, epoch)
        environment.begin_epoch(model, epoch)
        fitted = model.fit(
            batches.take(steps),
            initial_epoch=epoch,
            epochs=epoch + 1,
            verbose=environment.verbosity(),
            shuffle=False,
        )
        scores = {name: float(fitted.history[name][0]) for name in model.means}
        scores["spread"] = collapse.spread(watch.sample(model.painter, epoch + 1), real)
        history = [*checkpoints.history, {"epoch": epoch + 1, **scores}]
        collapse.check(run, history, infogan_watch.COLLAPSED, steps)
        checkpoints.save(model, scores)
        print(progress.line(run.name, epoch + 1, config["epochs"], scores), flush=True)

    checkpoints.write_history(run / "history.csv")
    environment.write(run / "environment.json", config, data, model, time.monotonic() - began)
    _publish(run, model, watch, _examples(data, options), label_rows, config["seed"])
    checkpoints.finish()
    watch.tidy()


def _examples(data: inputs.RunData, options: Options) -> np.ndarray:
    held_out = learned(data, options, "test")
    return data.images[data.rows[held_out[:: max(1, len(held_out) // _SHOWN)][:_SHOWN]]]


def _printed_size(options: Options) -> tuple[keras.Model, keras.Model]:
    """Both networks of the run's form, as wide as printed and for images of the printed size; not trained."""
    return (
        networks.generator(options.latent, form=options.form),
        networks.discriminator(options.latent, form=options.form),
    )


def _publish(
    run: Path, model: InfoGan, watch: infogan_watch.Watch, real: np.ndarray, label_rows: np.ndarray, seed: int
) -> None:
    """Everything that other stages take, the generator last, as make's mark."""
    generator, discriminator, options = model.painter, model.discriminator, model.options
    npz.write(run / "samples.npz", {**watch.curve(), "real": real})
    traversals = {"image": watch.traversals(generator), "code": np.array(infogan_watch.code_names(options))}
    npz.write(run / "traversals.npz", traversals)
    sizes = {"paper": _printed_size(options), "run": (generator, discriminator)}
    layers = {
        name: dict(zip(("generator", "discriminator"), map(description.describe, pair), strict=True))
        for name, pair in sizes.items()
    }
    files.write_json(run / "layers.json", layers)
    made = generation.generate(
        generator, discriminator, options, label_rows, count=options.generated, seed=seed + 2
    )
    npz.write(run / generation.FILE, made)
    for name, each in (("discriminator.keras", discriminator), ("model.keras", generator)):
        with files.publish(run / name) as temporary:
            each.save(temporary)
