"""Networks that differ in their finding alone: in one pass over the images, and each by itself."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from experiments._bench.lines import Line
from xray_keras import experiment, files
from xray_keras.training import environment, inputs, optimizers, supervised, together

ROOT = Path(__file__).parents[2]
NAMES = ("ali2019/baseline_infiltration", "ali2019/baseline_effusion", "ali2019/baseline_atelectasis")
DEMO_NETWORKS, PAPER_NETWORKS, IMAGES = 7, 2, 256
ALL = 14  # findings


def lines(folder: Path) -> Iterator[Line]:
    """Epochs at demo and at paper size, and whole processes, start-up among them."""
    where = f"on {environment.device()}"
    for scale, networks in (("demo", DEMO_NETWORKS), ("paper", PAPER_NETWORKS)):
        config = _config(NAMES[0], scale)
        sizes = f"{config['size']} px, batch of {config['batch_size']}, {config['precision']}"
        yield Line(
            f"an epoch of {IMAGES} images for {networks} binary CNNs of {scale} size ({sizes}), {where}",
            "images",
            IMAGES * networks,
            _epochs(config, networks),
            rounds=3,
            remark="reading, maps and steps; each image counts once for each network.",
        )
        keras.backend.clear_session()
        keras.config.set_dtype_policy("float32")
    yield Line(
        f"train {len(NAMES)} binary CNNs of demo size for an epoch, from start to end of the processes, {where}",
        "",
        1,
        _processes(folder),
        rounds=3,
        remark=f"what is saved is a start of Python and TensorFlow a network, {ALL} of them in Table II, "
        "however many epochs follow.",
    )


def _config(name: str, scale: str) -> dict[str, Any]:
    return experiment.resolve(experiment.load(name, ROOT), scale=scale, variant="sound")


def _epochs(config: Mapping[str, Any], networks: int) -> Mapping[str, Callable[[], object]]:
    """Batches and steps of an epoch; the networks are the same, only how they are taught differs."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (IMAGES, config["size"], config["size"]), np.uint8)
    rows, targets = np.arange(IMAGES), rng.integers(0, 2, (IMAGES, networks)).astype(np.float32)
    drawn = inputs.draw(targets, config["size"], config, 0)
    models = [supervised.build_model(config) for _ in range(networks)]
    for model in models:
        steps = IMAGES // config["batch_size"]
        optimizer = optimizers.build(config, steps, model.trainable_variables)
        model.compile(optimizer=optimizer, loss=supervised.loss_function(config, 2.0))
    step = together.joint_step(models)

    def in_one_pass() -> list[float]:
        for x, y in inputs.batches_of(images, rows, targets, drawn, config["batch_size"]):
            losses = step(x, y)
        return [float(loss) for loss in losses]  # a GPU is waited for

    def each_alone() -> None:
        for k, model in enumerate(models):
            batches = inputs.batches_of(images, rows, targets[:, k : k + 1], drawn, config["batch_size"])
            model.fit(batches, verbose=0, shuffle=False)

    return {"in one pass (xray_keras)": in_one_pass, "each alone": each_alone}


def _processes(folder: Path) -> Mapping[str, Callable[[], object]]:
    """`xray-keras train` of all runs at once, and of each."""
    runs = [folder / "runs" / "sound" / name for name in NAMES]
    for name, run in zip(NAMES, runs, strict=True):
        config = _config(name, "demo") | {"max_images": IMAGES, "epochs": 1}
        files.write_json(run / "config.json", config)
    population = experiment.population_folder(runs[0], config)
    drawn = {key: config[key] for key in ("dataset", "images", "max_images")}
    files.write_json(population / "population.json", {**drawn, "data": None, "missing": "error"})
    _verb("manifest", population)
    _verb("cache", population, "--size", str(config["size"]))

    def train(*processes: list[Path]) -> None:
        for run in runs:
            shutil.rmtree(run / "checkpoints", ignore_errors=True)
        for named in processes:
            _verb("train", *named)

    return {
        "in one pass (xray_keras)": lambda: train(runs),
        "each alone": lambda: train(*([run] for run in runs)),
    }


def _verb(*arguments: object) -> None:
    command = [sys.executable, "-m", "xray_keras", *map(str, arguments)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
