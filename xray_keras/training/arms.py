"""Train several networks that differ only in what they are shown: real images, augmented, generated, balanced.

All arms answer for the run's labels on its split, behind all are the same real images, and every network takes as many
steps: epochs × ceil(real training images / batch size). What an arm may say is in `arm_settings`.
"""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from xray_keras import files
from xray_keras.training import arm_settings, arm_trainer, environment, generated, inputs
from xray_keras.training.arm_records import Record, Records
from xray_keras.training.arm_settings import Arm
from xray_keras.training.arm_trainer import Trainer
from xray_keras.training.tracking import Tracker

_HISTORY = ("arm", "seed", "epoch", "loss", "val_loss", "val_auc", "val_f1")
_OF_THE_RUN = ("arms", "arm_seeds", "uses")  # settings that say nothing about a single network


def train(run: Path, population: Path) -> None:
    """Train the arms of `<run>/config.json`; publish what tells them apart.

    - `arms.parquet`: what each network says about the validation and test images, columns `arm`, `seed`, `image`,
      `patient`, `split`, and `y_<label>`, `p_<label>` for each label.
    - `arms.json`: what each arm learned from: "real" and "generated" images in its training set, "positives" of each
      label there (images that balance counted as often as they stand there), "shown": the same three counted over the
      whole training of its first network, "steps" and mean "seconds" of a network; steps are 0 for an arm without one.
    - `history.csv`: arm, seed, epoch, loss, val_loss, val_auc, val_f1. A weighted loss weighs positives by all images
      that the network is shown, generated ones included; losses of different arms do not compare.
    - `model.keras`: the network of the first arm and seed. `environment.json`.

    An arm without a network learns from the images that a network would see in its first epoch. Goes on after the last
    completed network of an interrupted run, and ends with the same numbers; networks of the same settings, images and
    generated images are never trained again.

    Args:
        run: the run's folder.
        population: folder with the manifest and the image cache.

    Raises:
        UserError: see `inputs.open_data`, `arm_settings.read`, `generated.load` and `arm_images.compose`; an arm that
            shows positives alone, or none, to a network with a weighted loss; a damaged record, a full disk.
    """
    config = files.read_json(run / "config.json")
    arms = arm_settings.read(config, run / "config.json")
    data = inputs.open_data(population, config)
    with files.exclusive(run):
        _train(run, config, arms, data)


def _train(run: Path, config: Mapping[str, Any], arms: list[Arm], data: inputs.RunData) -> None:
    environment.prepare(config["seed"])
    records, tracker = Records(run), Tracker(run)
    sources = {arm.gan: generated.load(run, config, arm.gan) for arm in arms if arm.needs_gan}
    seeds = range(config["seed"], config["seed"] + config["arm_seeds"])
    networks = [(arm, seed) for arm in arms for seed in seeds]
    of_the_network = {key: value for key, value in config.items() if key not in _OF_THE_RUN}
    trainer = Trainer(config, data, sources)
    found: dict[tuple[str, int], Record] = {}
    for number, (arm, seed) in enumerate(networks, 1):
        identity = {
            "config": of_the_network,
            "arm": dataclasses.asdict(arm),
            "seed": seed,
            "data": data.fingerprint,
            "generated": sources[arm.gan].sha256 if arm.needs_gan else None,
        }
        record = records.find(arm.name, seed, identity)
        if record is None or (number == 1 and not records.has_model(identity)):
            record = trainer.train(arm, seed)
            if number == 1:
                records.save_model(trainer.network().model, identity)
            records.save(arm.name, seed, identity, record)
            print(_line(run.name, number, len(networks), arm.name, seed, record), flush=True)
        tracker.follow(record.history, f"{arm.name}-seed{seed}")
        found[arm.name, seed] = record
    if not trainer.trained:
        print(f"{run.name}: trained with these settings on these images already")
    _publish(run, config, data, found, trainer, records)


def _publish(
    run: Path,
    config: Mapping[str, Any],
    data: inputs.RunData,
    found: Mapping[tuple[str, int], Record],
    trainer: Trainer,
    records: Records,
) -> None:
    """Write the run's files, the model last: it is what make asks for."""
    frames = [_frame(data, config["labels"], *key, record) for key, record in found.items()]
    rows = [
        {"arm": arm, "seed": seed, **row} for (arm, seed), record in found.items() for row in record.history
    ]
    contents = {}
    for arm in config["arms"]:
        records_of_it = [record for (name, _), record in found.items() if name == arm]
        seconds = round(float(np.mean([record.seconds for record in records_of_it])), 2)
        contents[arm] = {**records_of_it[0].contents, "seconds": seconds}
    with files.publish(run / "arms.parquet") as temporary:
        pd.concat(frames, ignore_index=True).to_parquet(temporary, index=False)
    files.write_json(run / "arms.json", contents)
    with files.publish(run / "history.csv") as temporary:
        pd.DataFrame(rows, columns=_HISTORY).to_csv(temporary, index=False)
    seconds = sum(record.seconds for record in found.values())
    environment.write(run / "environment.json", config, data, trainer.network().model, seconds)
    records.publish_model()


def _frame(data: inputs.RunData, labels: list[str], arm: str, seed: int, record: Record) -> pd.DataFrame:
    asked = data.part(*arm_trainer.HELD_OUT)
    identity = data.frame[["image", "patient"]].iloc[asked].assign(split=data.split[asked])
    columns: dict[str, Any] = {"arm": arm, "seed": seed, **identity}
    for k, label in enumerate(labels):
        columns[f"y_{label}"] = data.targets[asked, k].astype(np.int8)
        columns[f"p_{label}"] = record.probabilities[:, k]
    return pd.DataFrame(columns)


def _line(name: str, number: int, networks: int, arm: str, seed: int, record: Record) -> str:
    scores = record.history[-1] if record.history else {}
    told = "".join(f"{key} {scores[key]:.3f}  " for key in ("val_loss", "val_auc", "val_f1") if scores)
    return f"{name:<27} network {number}/{networks}  {arm} (seed {seed})  {told}{record.seconds:.1f} s"
