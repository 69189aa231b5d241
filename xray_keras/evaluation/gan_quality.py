"""How good a GAN run's images are: by epochs, by the discriminator's choice, beside yardsticks. Runs a model.

Features are those of SqueezeNet trained on ImageNet, of images scaled to 128 pixels: 2.6 ms an image in one thread.
Between 124 images of the phantom and as many mixtures of its principal components the kernel distance is more than
ten standard errors from 0, as with ResNet18, which takes 12 ms. At the network's own 227 pixels such images have no
precision and no recall left; at 128 the better ones still have more than the worse.

Every comparison has the same number of images on either side, because precision and recall depend on it.
"""

import math
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
from scipy.ndimage import gaussian_filter

from xray_keras import files, npz
from xray_keras.errors import UserError
from xray_keras.evaluation import frechet, image_quality, kernel_distance, sample_manifold
from xray_keras.evaluation.metrics import Cell
from xray_keras.models import weights
from xray_keras.training import environment, generation, infogan, infogan_step, inputs

RESULT = "quality.json"
ARCHITECTURE = "squeezenet"
NETWORK = "SqueezeNet 1.1 trained on ImageNet, its last map (fire9) averaged"
SHARES = (1.0, 0.5, 0.25, 0.1)  # of the generated images, those that the discriminator ranks highest
MOST = 1000  # images on either side: a published subset of a kernel distance
BLUR = 1 / 64  # σ of the blurred images over their side
SIDE = 128  # pixels, whatever the run's size
_BATCH = 32


class Real(NamedTuple):
    """Test images to compare with: features (N, C), and the patient's number of each, int (N,)."""

    features: np.ndarray
    clusters: np.ndarray


def write(run: Path, population: Path) -> None:
    """Write `<run>/quality.json`.

    Compared with test images that have the finding the run learned (with all test images where it learned from all):
    generated images, those of the upper shares of the discriminator's logits, samples after each kept epoch, and three
    yardsticks: "training", training images with the finding, which a perfect generator would score as (and one that
    copies them, too); "blurred", these blurred; "noise", each pixel from another of these::

        {"network", "weights": their card, "finding": name or None, "size": pixels, "images": on either side,
         "epochs": trained, "held_out" | "training": {"images", "patients"} at hand,
         "generated": see `image_quality.measure`,
         "selections": [{"share", "generated": images of that share, "kernel", "frechet", "precision", "recall"}],
         "curve": [{"epoch", "kernel", "precision", "recall"}],
         "yardsticks": {"training" | "blurred" | "noise": {"kernel", "frechet", "precision", "recall"}}}

    Each measure is a `metrics.Cell`. Intervals know the patients of the test images; training images count as
    independent.

    Args:
        run: a trained GAN run: config.json, generated.npz, samples.npz.
        population: folder with the manifest and the image cache that it was trained on.

    Raises:
        UserError: no run of a GAN, or a file of it is absent or damaged; too few images for a comparison; no ImageNet
            weights to be had.
    """
    config = files.read_json(run / "config.json")
    if config["trainer"] != "infogan":
        raise UserError(f"{run} is no run of a GAN but of {config['trainer']}; give one of infogan")
    remedy = f"delete {run / 'model.keras'} and train the run again"
    generated = npz.read(run / generation.FILE, remedy, ("image", "logit", "balanced"))
    samples = npz.read(run / "samples.npz", remedy, ("image", "epoch"))
    data = inputs.open_data(population, config)
    options = infogan_step.Options(**config["model_options"])
    held_out, training = (infogan.learned(data, options, part) for part in ("test", "train"))
    # Rows of balanced labels have another mixture of findings than the test images.
    made, logits = (generated[name][~generated["balanced"]] for name in ("image", "logit"))
    upper = _upper(logits)
    of_finding = f" with {options.finding}" if options.finding else ""
    count = _equal_number(
        run,
        {
            f"test images{of_finding}": len(held_out),
            f"training images{of_finding}": len(training),
            f"generated images in the upper {min(SHARES):.0%}": len(upper[min(SHARES)]),
            "samples of an epoch": samples["image"].shape[1],
        },
    )
    environment.prepare(config["seed"])
    rng = np.random.default_rng(config["seed"])
    chosen, learned = (np.sort(rng.choice(rows, count, replace=False)) for rows in (held_out, training))
    network = _network(config["size"])
    patients = data.frame["patient"].to_numpy(str)
    clusters = np.unique(patients[chosen], return_inverse=True)[1]
    real = Real(_features(network, data.images[data.rows[chosen]]), clusters)
    name = f"{NETWORK}, images scaled to {SIDE} pixels"
    found = {share: _features(network, made[rows[:count]]) for share, rows in upper.items()}
    yardsticks = _yardsticks(data.images[data.rows[learned]], rng)
    result = {
        "network": name,
        "weights": weights.card(ARCHITECTURE),
        "finding": options.finding,
        "size": config["size"],
        "images": count,
        "epochs": int(samples["epoch"][-1]),
        "held_out": {"images": len(held_out), "patients": len(set(patients[held_out]))},
        "training": {"images": len(training), "patients": len(set(patients[training]))},
        "generated": image_quality.measure(real.features, found[1.0], network=name, patients=clusters),
        "selections": [
            {"share": share, "generated": len(upper[share]), **_compare(real, features)}
            for share, features in found.items()
        ],
        "curve": [
            {"epoch": int(epoch), **_compare_briefly(real, _features(network, images[:count]))}
            for epoch, images in zip(samples["epoch"], samples["image"], strict=True)
        ],
        "yardsticks": {
            yardstick: _compare(real, _features(network, images)) for yardstick, images in yardsticks.items()
        },
    }
    files.write_json(run / RESULT, result)


def _compare(real: Real, made: np.ndarray) -> dict[str, Cell]:
    return {
        **_compare_briefly(real, made),
        "frechet": frechet.estimate(real.features, made, clusters=real.clusters),
    }


def _compare_briefly(real: Real, made: np.ndarray) -> dict[str, Cell]:
    """Without the Fréchet distance, which takes as long as all else."""
    distance = kernel_distance.estimate(
        real.features, made, clusters=real.clusters, resamples=image_quality.KERNEL_RESAMPLES
    )
    shares = sample_manifold.estimate(real.features, made, clusters=real.clusters)
    return {"kernel": distance, "precision": shares.precision, "recall": shares.recall}


def _upper(logits: np.ndarray) -> dict[float, np.ndarray]:
    """Share → rows with the highest logits, in the order of generation."""
    ranked = np.argsort(-logits, kind="stable")
    return {share: np.sort(ranked[: math.ceil(share * len(ranked))]) for share in SHARES}


def _equal_number(run: Path, at_hand: dict[str, int]) -> int:
    """As many images as every side of every comparison has."""
    scarce = min(at_hand, key=lambda name: at_hand[name])
    fewest = sample_manifold.K + 1
    if at_hand[scarce] < fewest:
        raise UserError(
            f"{run} has {at_hand[scarce]} {scarce}, and a comparison needs at least {fewest}; use more images"
        )
    return min(at_hand[scarce], MOST)


def _network(size: int) -> keras.Model:
    """Images (B, size, size, 3), float32 0–255 → features (B, C) float32.

    Raises:
        UserError: no weights to be had.
    """
    image = keras.Input((size, size, 3), name="image")
    x = keras.layers.Resizing(SIDE, SIDE, interpolation="bilinear")(image)
    base = weights.load_backbone(ARCHITECTURE, input_shape=(SIDE, SIDE, 3))
    x = base(weights.preprocess(ARCHITECTURE, x))
    return keras.Model(image, keras.layers.GlobalAveragePooling2D()(x), name=ARCHITECTURE)


def _features(network: keras.Model, images: np.ndarray) -> np.ndarray:
    """Features (N, C) of images (N, S, S) uint8."""
    batches = inputs.in_order(images, np.arange(len(images)), _BATCH)
    return network.predict(batches, verbose=environment.verbosity())


def _yardsticks(images: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Training images (N, S, S) uint8, and what bad generators would make."""
    sigma = BLUR * images.shape[-1]
    return {
        "training": images,
        "blurred": np.stack([gaussian_filter(image, sigma) for image in images]),
        "noise": rng.permuted(images, axis=0),
    }
