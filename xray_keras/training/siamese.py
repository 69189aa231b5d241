"""Train an embedding of identity on validation patients: no GAN has learned from them, and no test looks at them."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from sklearn.metrics import roc_auc_score

from xray_keras import files
from xray_keras.errors import UserError
from xray_keras.losses import metric_learning
from xray_keras.models import saved, siamese
from xray_keras.training import augmentation, environment, inputs, optimizers, progress, streams
from xray_keras.training.checkpoints import LastCheckpoints

TEMPERATURE = 0.1
FEWEST = 10  # patients with two images
_WATCHED = 5  # one of so many of them is not learned from
_MOST_WATCHED = 1000  # images: half a million pairs
_CURVE = 1.5  # γ of the jittered gray levels is between its inverse and itself


class Parts(NamedTuple):
    """Positions (into frame, rows, split) of validation images, int64.

    learned: one array a patient, of at least two images each. unseen: of the other patients, those with two first: a
    fifth of those who have, and all who have one image only.
    """

    learned: list[np.ndarray]
    unseen: np.ndarray


def parts(data: inputs.RunData, seed: int) -> Parts:
    """Whom an identity run learns from, a function of the split and the seed alone.

    Raises:
        UserError: fewer than ten validation patients have two images.
    """
    chosen = data.part("validation")
    grouped = data.frame.iloc[chosen].groupby("patient", sort=True).indices
    patients = [chosen[rows] for rows in grouped.values()]
    several = [rows for rows in patients if len(rows) > 1]
    if len(several) < FEWEST:
        raise UserError(
            f"{len(several)} validation patients have two images, and an embedding of identity needs {FEWEST}; use "
            "more images, or a larger validation share in the experiment"
        )
    order = np.random.default_rng(seed).permutation(len(several))
    watched = max(2, len(several) // _WATCHED)
    unseen = [several[k] for k in order[:watched]] + [rows for rows in patients if len(rows) == 1]
    return Parts([several[k] for k in order[watched:]], np.concatenate(unseen))


def pairs(learned: list[np.ndarray], batch_size: int, rng: np.random.Generator) -> np.ndarray:
    """Positions of an epoch's images, int64 (steps, 2 P): two of each of P patients, side by side.

    As many images as there are, drawn patient by patient: one with many images is not seen more often.

    Args:
        learned: see `Parts`. batch_size: images of a step, at most; P is half of it, or all patients. rng: of the draw.
    """
    width = min(batch_size // 2, len(learned))
    steps = max(1, sum(map(len, learned)) // (2 * width))
    drawn = [
        [rng.choice(learned[k], 2, replace=False) for k in rng.choice(len(learned), width, replace=False)]
        for _ in range(steps)
    ]
    return np.array(drawn).reshape(steps, 2 * width)


def epoch_of(
    data: inputs.RunData, learned: list[np.ndarray], config: Mapping[str, Any], epoch: int
) -> tf.data.Dataset:
    """Batches of an epoch, a function of (seed, epoch): images float32 (B, S, S, 3) 0–255, and patients float32 (B,).

    Each image is mapped by the run's `augmentation` and its gray levels are bent by a power, x → 255 (x / 255)^γ, so
    that pose and display, which change from image to image, say nothing of the patient.

    Args:
        data: the run's images. learned: see `Parts`. config: `batch_size`, `augmentation`, `seed`. epoch: 0, 1, …
    """
    rng = np.random.default_rng([config["seed"], epoch])
    drawn = pairs(learned, config["batch_size"], rng)
    size = data.images.shape[1]
    maps = augmentation.transforms(rng, drawn.size, size, augmentation.parse(config["augmentation"]))
    curves = _CURVE ** rng.uniform(-1, 1, drawn.size).astype(np.float32)
    numbers = np.unique(data.frame["patient"].to_numpy(str), return_inverse=True)[1].astype(np.float32)

    def generate() -> Iterator[streams.Batch]:
        for step, chosen in enumerate(drawn):
            part = slice(step * len(chosen), (step + 1) * len(chosen))
            yield data.images[data.rows[chosen]], numbers[chosen], maps[part], curves[part]

    signature = (
        tf.TensorSpec((None, size, size), tf.uint8),
        tf.TensorSpec((None,), tf.float32),
        tf.TensorSpec((None, 8), tf.float32),
        tf.TensorSpec((None,), tf.float32),
    )

    def jittered(
        images: tf.Tensor, patients: tf.Tensor, maps: tf.Tensor, curves: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        x = inputs.to_input(images, maps) / 255.0
        return 255.0 * x ** curves[:, None, None, None], patients

    return streams.dataset(generate, len(drawn), signature).map(jittered).prefetch(2)


def verification(embeddings: np.ndarray, patients: np.ndarray, views: np.ndarray) -> dict[str, float]:
    """AUC of telling pairs of one patient from pairs of two, by their cosine.

    "val_auc" of all pairs, "val_auc_same_view" of those of one view: a view changes an image more than most patients
    differ, and one who always lies in bed would be known by it. One half where there are no two kinds of pairs.

    Args:
        embeddings: (N, D). patients: (N,). views: (N,).
    """
    one, other = np.triu_indices(len(embeddings), 1)
    cosine = (embeddings @ embeddings.T)[one, other]
    same, alike = patients[one] == patients[other], views[one] == views[other]
    found = {}
    for name, chosen in (("val_auc", np.ones_like(alike)), ("val_auc_same_view", alike)):
        both = len(np.unique(same[chosen])) == 2
        found[name] = float(roc_auc_score(same[chosen], cosine[chosen])) if both else 0.5
    return found


def build_model(config: Mapping[str, Any], steps: int) -> keras.Model:
    """The network of a resolved config with initial weights of its seed, compiled for epochs of `steps` steps."""
    environment.prepare(config["seed"])
    keras.config.set_dtype_policy(config["precision"])
    options = dict(config["model_options"])
    temperature = options.pop("temperature", TEMPERATURE)
    model = siamese.build(size=config["size"], **options)
    model.compile(
        optimizer=optimizers.build(config, steps, model.trainable_variables),
        loss=lambda patients, embeddings: metric_learning.nt_xent(patients, embeddings, temperature),
    )
    return model


def train(run: Path, population: Path) -> None:
    """Train the run of `<run>/config.json`; publish model.keras (see `models.siamese`), history.csv, environment.json.

    history.csv has the columns epoch, loss and those of `verification`, on patients not learned from. Goes on from the
    last completed epoch of an interrupted run with the same settings, and ends with the same numbers as an undisturbed
    one.

    Args:
        run: the run's folder. Its `model_options` are "width" and "length", see `models.siamese`, and "temperature"
            (0.1), see `losses.metric_learning`; `batch_size` counts images, two of each patient.
        population: folder with the manifest and the image cache.

    Raises:
        UserError: see `inputs.open_data`, `parts` and `optimizers.build`; also a full disk, a damaged checkpoint.
    """
    config = files.read_json(run / "config.json")
    data = inputs.open_data(population, config)
    with files.exclusive(run):
        _train(run, config, data)


def _train(run: Path, config: Mapping[str, Any], data: inputs.RunData) -> None:
    checkpoints = LastCheckpoints(run, {"config": config, "data": data.fingerprint})
    if checkpoints.ended("model.keras"):
        return
    began = time.monotonic()
    learned, unseen = parts(data, config["seed"])
    watched = unseen[:_MOST_WATCHED]
    patients, views = (data.frame[name].to_numpy(str)[watched] for name in ("patient", "view"))
    model = build_model(config, len(pairs(learned, config["batch_size"], np.random.default_rng(0))))
    done = checkpoints.resume(model)
    for epoch in range(done, config["epochs"]):
        batches = epoch_of(data, learned, config, epoch)
        fitted = model.fit(
            batches, initial_epoch=epoch, epochs=epoch + 1, verbose=environment.verbosity(), shuffle=False
        )
        held_out = inputs.in_order(data.images, data.rows[watched], config["batch_size"])
        scores = {
            "loss": float(fitted.history["loss"][0]),
            **verification(model.predict(held_out, verbose=0), patients, views),
        }
        checkpoints.save(model, scores)
        print(progress.line(run.name, epoch + 1, config["epochs"], scores), flush=True)
    checkpoints.write_history(run / "history.csv")
    environment.write(run / "environment.json", config, data, model, time.monotonic() - began)
    saved.publish(model, run / "model.keras")
    checkpoints.finish()
