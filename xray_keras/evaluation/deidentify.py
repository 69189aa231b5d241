"""The price of anonymity: who is still known, and what is still diagnosed, the more a radiograph is changed.

This module runs models. The attacker knows the patients of a gallery of untouched radiographs and looks up, by an
embedding of identity, whose a published, changed one is. He takes the embedding as it is: one that has learned from
changed images would know more patients, so the rates are the least that is to be feared.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from xray_keras import experiment, files, npz
from xray_keras.errors import UserError
from xray_keras.evaluation import neighbours, obscuring, points, projection, recognition
from xray_keras.models import infogan, saved
from xray_keras.training import environment, generation, inputs, supervised
from xray_keras.training import infogan as infogan_training
from xray_keras.training.infogan_step import Options, with_labels

CURVES, EXAMPLES = "deidentified.parquet", "deidentified.npz"
MOST = 200  # images that are changed
SHOWN = 4  # of them that are kept as pictures
KNOWN = 4000  # generated images among which each search begins
PROJECTION, LABELLED, EDIT = "projection", "projection, labels kept", "latent edit"
BLUR, PIXELATION = "blur", "pixelation"
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
WIDTHS = (0.0, 1 / 64, 1 / 32, 1 / 16, 1 / 8)  # of the blur
CELLS = (0.0, 1 / 32, 1 / 16, 1 / 8, 1 / 4)

Point = tuple[str, float, np.ndarray]  # method, strength, changed images


def write(run: Path, population: Path, identity: Path, classifier: Path) -> None:
    """Write `<run>/deidentified.parquet` and `<run>/deidentified.npz`.

    deidentified.parquet has a row a method and strength. Columns: `method`, `strength`; `reid`, `reid_low`,
    `reid_high`, share of the changed images whose nearest gallery image is of the same patient, and `chance`, that of
    a blind guess; `verification` …, AUC of telling pairs of one patient from pairs of two; `auc` …, the classifier's,
    mean of its labels; `difference`, mean absolute change in gray levels; how many `images` of how many `patients`
    were changed. Intervals are of 95 % over these patients, NaN where there is none. Methods and their strength:

    - "projection": share of the generated image nearest to the original in a mixture with it;
    - "projection, labels kept" (a GAN with conditions): likewise, of the nearest that is asked for with the
      original's labels, so that its AUC is what the generator shows of a label, not what it found in the image;
    - "latent edit": share of the projection's noise that is drawn anew, at 0 the projection itself;
    - "blur", "pixelation": see `obscuring`.

    deidentified.npz has `image` str (n,) and `original` uint8 (n, S, S) of a few images, `method` and `strength` (P,)
    of all points, and `changed` uint8 (P, n, S, S).

    Args:
        run: a GAN run: config.json and model.keras.
        population: folder with the manifest and the image cache.
        identity: a run whose model embeds images, those of one patient nearby.
        classifier: a run whose model gives the probabilities of its labels.

    Raises:
        UserError: a model is absent or damaged; the runs differ in images or split; the GAN has the form "code"; no
            patient has two test images.
    """
    config = files.read_json(run / "config.json")
    labels = _check(config, run, identity, classifier)
    data = inputs.open_data(population, {**config, "labels": labels})
    environment.prepare(config["seed"])
    held = data.part("test")
    looked_up = recognition.queries(data.frame["patient"].to_numpy(str)[held], MOST, config["seed"])
    if not looked_up.any():
        raise UserError(
            f"{population / 'manifest.csv'} has no patient with two test images, so nobody can be known again; use "
            "more images"
        )
    chosen = held[looked_up]
    attacked = Attacked(data, chosen, held[~looked_up], identity, classifier)
    shown = np.linspace(0, len(chosen) - 1, min(SHOWN, len(chosen))).round().astype(int)
    untouched = attacked.numbers(attacked.images)
    rows, pictures = [], []
    for method, strength, images in _points(run, config, data, chosen):
        unchanged = np.array_equal(images, attacked.images)
        numbers = untouched if unchanged else attacked.numbers(images)
        rows.append({"method": method, "strength": strength, **numbers})
        pictures.append(images[shown])
    table = pd.DataFrame(rows)
    arrays = {
        "image": data.frame["image"].to_numpy(str)[chosen[shown]],
        "original": attacked.images[shown],
        "method": table["method"].to_numpy(str),
        "strength": table["strength"].to_numpy(),
        "changed": np.stack(pictures),
    }
    npz.write(run / EXAMPLES, arrays)
    with files.publish(run / CURVES) as temporary:
        table.to_parquet(temporary, index=False)
    print(f"{run.name}: {len(chosen)} images changed in {len(table)} ways")


def _check(config: Mapping[str, Any], run: Path, identity: Path, classifier: Path) -> list[str]:
    """The classifier's labels, where all three runs have the same images, split alike."""
    if Options(**config["model_options"]).form == infogan.CODE:
        raise UserError(
            f"{run} makes an image that depends on the others of its batch (form {infogan.CODE!r}), so none can be "
            "searched for; use a GAN of another form"
        )
    others = {folder: files.read_json(folder / "config.json") for folder in (identity, classifier)}
    for folder, other in others.items():
        for name in experiment.SAME_IMAGES:
            if other[name] != config[name]:
                raise UserError(
                    f"{folder} has {name} {other[name]} and {run} has {config[name]}, so their test images differ; "
                    f"give both experiments the same {name}"
                )
    return list(others[classifier]["labels"])


class Attacked:
    """Some images, a gallery, and what an attacker and a classifier make of the images after a change."""

    def __init__(
        self,
        data: inputs.RunData,
        chosen: np.ndarray,
        gallery: np.ndarray,
        identity: Path,
        classifier: Path,
    ) -> None:
        """Embed the gallery.

        Args:
            data: with targets of the classifier's labels.
            chosen, gallery: positions of the images and of the gallery.
            identity, classifier: runs, see `write`.
        """
        self.images = data.images[data.rows[chosen]]
        self._embed, self._diagnose = (saved.load(path / "model.keras") for path in (identity, classifier))
        self._gallery = _outputs(self._embed, data.images[data.rows[gallery]])
        people = data.frame["patient"].to_numpy(str)
        self._same = people[chosen][:, np.newaxis] == people[gallery]
        self._patients = np.unique(people[chosen], return_inverse=True)[1]
        self._frame = data.frame.iloc[chosen].reset_index(drop=True)
        self._targets = data.targets[chosen]

    def numbers(self, images: np.ndarray) -> dict[str, float]:
        """The row of deidentified.parquet for the images uint8 (N, S, S) after a change."""
        vectors = _outputs(self._embed, images)
        squared = [block for _, block in neighbours.squared_distances(vectors, self._gallery)]
        found = recognition.recognised(np.concatenate(squared), self._same, self._patients)
        p = supervised.positive_probability(_outputs(self._diagnose, images), self._targets.shape[1])
        return {
            **points.with_ends("reid", found.rank_one),
            "chance": found.chance,
            **points.with_ends("verification", found.verification),
            **points.with_ends("auc", points.diagnosed(self._frame, self._targets, p)["auc"]),
            "difference": float(np.abs(images.astype(np.float32) - self.images).mean()),
            "images": len(images),
            "patients": int(self._patients.max()) + 1,
        }


def _outputs(model: keras.Model, images: np.ndarray) -> np.ndarray:
    batches = inputs.in_order(images, np.arange(len(images)), projection.BATCH)
    return model.predict(batches, verbose=environment.verbosity()).astype(np.float64)


def _points(
    run: Path, config: Mapping[str, Any], data: inputs.RunData, chosen: np.ndarray
) -> Iterator[Point]:
    """All points of all curves."""
    images = data.images[data.rows[chosen]]
    for width in WIDTHS:
        yield BLUR, width, obscuring.blurred(images, width)
    for cell in CELLS:
        yield PIXELATION, cell, obscuring.pixelated(images, cell)
    options, seed = Options(**config["model_options"]), config["seed"]
    generator = saved.load(run / "model.keras")
    learned = infogan_training.labels_of(data, options, infogan_training.learned(data, options))
    labels, _ = generation.asked_labels(learned, KNOWN, seed)
    known = generation.draw(options, labels, seed)
    starts = projection.candidates(images, generation.paint(generator, known, options), known)
    rows = projection.project(generator, options.latent, images, starts)
    made = generation.paint(generator, rows, options)
    for share in SHARES:
        yield PROJECTION, share, obscuring.blended(images, made, share)
    for share in SHARES:
        changed = projection.edited(options.latent, rows, share, seed)
        yield EDIT, share, generation.paint(generator, changed, options)
    if options.conditions:
        own = infogan_training.labels_of(data, options, chosen)
        kept = [
            keras.ops.convert_to_numpy(with_labels(options, start, own)) for start in starts.swapaxes(0, 1)
        ]
        rows = projection.project(generator, options.latent, images, np.stack(kept, axis=1))
        made = generation.paint(generator, rows, options)
        for share in SHARES:
            yield LABELLED, share, obscuring.blended(images, made, share)
