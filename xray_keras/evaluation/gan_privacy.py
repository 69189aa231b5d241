"""The privacy audit of a GAN run: whom do its images give away? This module runs a model.

Training patients are those whom the GAN learned from, held-out ones the test patients. Validation patients took no
part in the GAN: they teach the screen its threshold, and those of them from whom the embedding of identity has not
learned teach that of re-identification. Where the GAN learned one finding, everybody is compared by images with it.

The screen looks through all training images, for any may have been copied. Measures that compare the sides take one
image of equally many patients of either (`privacy.references`).
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np

from xray_keras import experiment, files, npz
from xray_keras.errors import UserError
from xray_keras.evaluation import (
    privacy,
    privacy_control,
    privacy_screen,
    privacy_sides,
    reidentification,
)
from xray_keras.evaluation import privacy_spaces as spaces
from xray_keras.evaluation.privacy_sides import Side
from xray_keras.models import saved
from xray_keras.training import environment, generation, infogan, inputs, siamese
from xray_keras.training.infogan_step import Options

RESULT, NEIGHBOURS = "privacy.json", "neighbours.npz"
MOST = 1000  # generated images that are looked at
FEWEST = 12  # patients of every kind
_BATCH = 128


def write(run: Path, population: Path, identity: Path) -> None:
    """Write `<run>/privacy.json` and `<run>/neighbours.npz`.

    privacy.json, in which measures are `metrics.Cell`::

        {"finding": name or None, "size": pixels, "generated": {"images": looked at, evenly taken, "of": how many},
         "training" | "held_out" | "validation": {"images", "patients"},
         "references": patients on either side of a comparison,
         "spaces": {"pixel" | "structure" | "embedding": see `privacy_spaces.compare`},
         "screen": see `privacy_screen.Screening.summary`,
         "identity": see `privacy_sides.recognised`, of the held-out patients,
         "reidentification": {"chance": stated, of a stranger, "patients": who taught the threshold, "threshold",
                              "false_match": share of pairs of two held-out patients below it,
                              "before" | "after": the screen, see `reidentification.Matched`},
         "control": see `privacy_control.judge`}

    Re-identification tries each generated image and its mirror image. neighbours.npz has the generated images nearest
    to a training image, see `privacy_screen.write_neighbours`, with the "row" of generated.npz.

    Args:
        run: a GAN run: config.json and generated.npz.
        population: folder with the manifest and the image cache.
        identity: a run of the trainer `siamese` on the same images, split alike.

    Raises:
        UserError: a run of another kind; a file is absent or damaged; the runs differ in images or split; too few
            images or patients.
    """
    config = files.read_json(run / "config.json")
    _check(run, config, identity)
    every = _generated(run)
    data = inputs.open_data(population, config)
    environment.prepare(config["seed"])
    embed = partial(_embed, saved.load(identity / "model.keras"))
    options, seed = Options(**config["model_options"]), config["seed"]

    def side(positions: np.ndarray) -> Side:
        images = data.images[data.rows[positions]]
        patients, views = (data.frame[name].to_numpy(str)[positions] for name in ("patient", "view"))
        return Side(images, patients, views, embed(images))

    def tried(pictures: np.ndarray) -> np.ndarray:
        return embed(np.stack([pictures, pictures[:, :, ::-1]], axis=1).reshape(-1, *pictures.shape[1:]))

    training, others, held_out = (
        side(infogan.learned(data, options, part)) for part in ("train", "validation", "test")
    )
    known = siamese.parts(data, seed).learned
    strangers = others.without(data.frame["patient"].to_numpy(str)[np.concatenate(known)])
    everybody = {
        "training": training,
        "held-out": held_out,
        "validation": others,
        "unknown validation": strangers,
    }
    _check_people(population, options.finding, everybody)
    rows = np.linspace(0, len(every) - 1, min(MOST, len(every))).round().astype(int)
    images = every[rows]
    references = privacy.references(training.patients, held_out.patients, seed)
    people = training.take(references.training), held_out.take(references.held_out)
    hidden = privacy_control.hide(training, references.training, seed)

    screening = privacy_screen.screen(images, training, held_out, others, hidden.copies, seed)
    flagged = screening.flagged(privacy_screen.GENERATED)

    vectors = tried(images)
    passed = vectors[np.repeat(~flagged, 2)]
    attack = reidentification.attack(
        people[0].vectors,
        people[1].vectors,
        strangers.one_each(privacy_screen.MOST_PEOPLE, seed).vectors,
        vectors,
    )
    before, after = attack.matched(vectors), attack.matched(passed)
    result = {
        "finding": options.finding,
        "size": config["size"],
        "generated": {"images": len(images), "of": len(every)},
        "training": training.counts(),
        "held_out": held_out.counts(),
        "validation": others.counts(),
        "references": len(references.training),
        "spaces": _spaces(images, vectors[::2], people, seed),
        "screen": screening.summary(),
        "identity": privacy_sides.recognised(held_out, seed),
        "reidentification": {
            "chance": attack.chance,
            "patients": attack.strangers,
            "threshold": attack.limit,
            "false_match": reidentification.false_match(held_out.vectors, held_out.patients, attack.limit),
            "before": before._asdict(),
            "after": after._asdict(),
        },
        "control": privacy_control.judge(
            hidden, screening.found, vectors, passed, attack, screening.rule.threshold, tried
        ),
    }
    privacy_screen.write_neighbours(run / NEIGHBOURS, screening, images, rows, training, held_out)
    files.write_json(run / RESULT, result)
    print(
        f"{run.name}: {int(flagged.sum())} of {len(images)} images flagged as near copies; identity "
        f"matches {before.training['value']:.1%} of training and {before.held_out['value']:.1%} of held-out patients"
    )


def _spaces(images: np.ndarray, vectors: np.ndarray, people: tuple[Side, Side], seed: int) -> dict[str, Any]:
    """`privacy_spaces.compare` of each space; `vectors` are the images' embeddings."""
    pixels = privacy.pixels(images)
    found = {
        spaces.PIXEL: [spaces.by_vectors(pixels, privacy.pixels(side.images)) for side in people],
        spaces.STRUCTURE: [spaces.by_structure(images, side.images) for side in people],
        spaces.EMBEDDING: [spaces.by_vectors(vectors, side.vectors) for side in people],
    }
    return {name: spaces.compare(training, held_out, seed) for name, (training, held_out) in found.items()}


def _embed(model: keras.Model, images: np.ndarray) -> np.ndarray:
    batches = inputs.in_order(images, np.arange(len(images)), _BATCH)
    return model.predict(batches, verbose=environment.verbosity()).astype(np.float64)


def _check(run: Path, config: Mapping[str, Any], identity: Path) -> None:
    """Raise a UserError unless a GAN and an embedding of identity have the same images, split alike."""
    other = files.read_json(identity / "config.json")
    for folder, found, wanted in ((run, config, "infogan"), (identity, other, "siamese")):
        if found["trainer"] != wanted:
            raise UserError(f"{folder} is a run of {found['trainer']}; give one of {wanted}")
    for name in experiment.SAME_IMAGES:
        if other[name] != config[name]:
            raise UserError(
                f"{identity} has {name} {other[name]} and {run} has {config[name]}, so strangers to one may be "
                f"known to the other; give both experiments the same {name}"
            )


def _check_people(population: Path, finding: str | None, everybody: Mapping[str, Side]) -> None:
    """Raise a UserError where there are too few people of a kind for anything to be said."""
    for kind, given in everybody.items():
        count = given.counts()["patients"]
        if count < FEWEST:
            what = f" with {finding}" if finding else ""
            raise UserError(
                f"{population / 'manifest.csv'} leaves {count} {kind} patients{what}, and the audit needs {FEWEST}; "
                "use more images"
            )


def _generated(run: Path) -> np.ndarray:
    remedy = f"delete {run / 'model.keras'} and train the run again"
    return npz.read(run / generation.FILE, remedy, ["image"])["image"]
