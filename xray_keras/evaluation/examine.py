"""Examine anybody's image as Chester does (cohen2019 §1): is it like the training radiographs, and what is to be seen?

This module runs models.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from xray_keras import files
from xray_keras.datasets import radiograph
from xray_keras.errors import UserError
from xray_keras.evaluation import calibration
from xray_keras.models import saved
from xray_keras.training import ali_watch, inputs

_DETECTOR = "ssim"  # of the gate, as the paper chooses (§3.2)


@dataclass(frozen=True)
class Classifier:
    """A model (B, size, size, 3) 0–255 → (B, labels), its labels, and the operating points stored with it, if any."""

    model: keras.Model
    size: int
    labels: Sequence[str]
    points: Mapping[str, float]


@dataclass(frozen=True)
class Gate:
    """An ALI run's autoencoder, the side of its input, and the distance above which an image is refused."""

    model: keras.Model
    size: int
    threshold: float


@dataclass(frozen=True)
class Examination:
    """What was found of one image.

    Attributes:
        image: its path.
        notes: how it was read.
        distance: 1 − SSIM between image and reconstruction; None without a gate.
        threshold: above which it is refused.
        refused: whether it is.
        probabilities: of each label, scaled by Equation 1, the most probable first. None where the image is refused.
        raw: labels whose operating point is unknown; theirs are the model's own outputs, and one half means nothing.
    """

    image: str
    notes: tuple[str, ...]
    distance: float | None
    threshold: float | None
    refused: bool
    probabilities: Mapping[str, float] | None
    raw: tuple[str, ...]


def load_classifier(path: Path) -> Classifier:
    """Read a classifier: a run's folder, or an imported .keras file with its card beside it.

    Raises:
        UserError: a file of it is absent, damaged or not a classifier's.
    """
    remedy = "name a trained run's folder or a file that import-weights wrote"
    if path.is_dir():
        labels = _labels(path / "config.json")
        points = calibration.read(path)
        path = path / "model.keras"
    else:
        if path.suffix != ".keras" or not path.with_suffix(".json").is_file():
            raise UserError(f"{path} is no model with its card beside it; {remedy}")
        card = path.with_suffix(".json")
        labels = _labels(card)
        try:
            points = calibration.checked(_json(card).get("operating_points") or {})
        except (TypeError, ValueError, AttributeError, OverflowError):
            raise UserError(f"{card} has an operating point outside [0, 1]; import the model again") from None
    model = saved.load(path, remedy)
    size = _side(path, model)
    if [tuple(output.shape[1:]) for output in model.outputs] != [(len(labels),)]:
        raise UserError(f"{path} does not give one score a label; {remedy}")
    return Classifier(model, size, labels, points)


def load_gate(run: Path) -> Gate:
    """Read a gate: the folder of an ALI run whose images have been scored (`xray-keras ood`).

    Raises:
        UserError: a file of it is absent, damaged or not an ALI run's.
    """
    if not run.is_dir():
        raise UserError(f"{run} is no folder; name that of an ALI run")
    thresholds = _json(run / "ood.json").get("thresholds")
    threshold = thresholds.get(_DETECTOR) if isinstance(thresholds, dict) else None
    if not isinstance(threshold, int | float) or not 0 <= threshold <= 2:  # the range of 1 − SSIM
        raise UserError(f"{run} has no reconstruction error to judge by; name the folder of an ALI run")
    model = saved.load(run / "model.keras")
    if not isinstance(model.output, dict) or "reconstruction" not in model.output:
        raise UserError(f"{run / 'model.keras'} reconstructs no image; name the folder of an ALI run")
    return Gate(model, _side(run / "model.keras", model), float(threshold))


def _json(path: Path) -> dict[str, Any]:
    content = files.read_json(path)
    if not isinstance(content, dict):
        raise UserError(f"{path} is not a run's or a model's description; delete it and run again")
    return content


def _labels(path: Path) -> list[str]:
    labels = _json(path).get("labels")
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise UserError(f"{path} does not list its labels; name the description of a classifier")
    return labels


def _side(path: Path, model: keras.Model) -> int:
    """Of the square pictures that a model takes."""
    shape = tuple(model.inputs[0].shape)
    if len(model.inputs) != 1 or len(shape) != 4 or not shape[1] or shape[1] != shape[2]:
        raise UserError(f"{path} does not take square pictures of one size; name another model")
    return int(shape[1])


def examine(
    path: Path, classifier: Classifier, gate: Gate | None, *, show_refused: bool = False
) -> Examination:
    """Read, gate and score one image.

    It is scaled and its centre cropped, never stretched (§5.1).

    Args:
        path: anything that `radiograph.read` reads.
        classifier, gate: see `load_classifier` and `load_gate`; no gate refuses nothing.
        show_refused: give the scores of a refused image all the same; the paper shows none, for outside its training
            distribution nothing is known of a model's accuracy (§1).

    Raises:
        UserError: see `radiograph.read`; a model gives no number.
    """
    read = radiograph.read(path)
    distance = None
    if gate is not None:
        pixels = radiograph.square(read.pixels, gate.size)[np.newaxis]
        distance = float(ali_watch.reconstruct(gate.model, pixels, 1)[_DETECTOR][0])
        if not np.isfinite(distance):
            raise UserError(f"the gate gives no number for {path}; train it again")
    refused = gate is not None and distance is not None and distance > gate.threshold
    found = _scores(radiograph.square(read.pixels, classifier.size), classifier)
    return Examination(
        str(path),
        read.notes,
        distance,
        gate.threshold if gate else None,
        refused,
        found if show_refused or not refused else None,
        tuple(label for label in classifier.labels if label not in classifier.points),
    )


def _scores(pixels: np.ndarray, classifier: Classifier) -> dict[str, float]:
    """Of uint8 (size, size), the most probable first."""
    output = np.asarray(classifier.model.predict_on_batch(inputs.to_input(pixels[np.newaxis])), np.float64)[0]
    if not np.isfinite(output).all():
        raise UserError("the classifier gives no number for it; train or import it again")
    scores = {}
    for label, p in zip(classifier.labels, output, strict=True):
        known = label in classifier.points
        scores[label] = float(calibration.calibrate(p, classifier.points[label])) if known else float(p)
    return dict(sorted(scores.items(), key=lambda item: -item[1]))


def describe(found: Examination) -> str:
    """A few lines for people."""
    lines = [f"{found.image}" + "".join(f"; {note}" for note in found.notes)]
    if found.distance is None:
        lines.append("  not gated: no --gate was named, so any picture gets scores")
    else:
        relation = "above" if found.refused else "not above"
        verdict = "refused: unlike the training radiographs" if found.refused else "accepted"
        lines.append(f"  {verdict} (1 − SSIM {found.distance:.3f}, {relation} {found.threshold:.3f})")
    if found.probabilities is None:
        lines.append("  no scores are shown for a refused image (--show-refused shows them)")
    else:
        width = max(map(len, found.probabilities))
        partly = 0 < len(found.raw) < len(found.probabilities)
        for label, p in found.probabilities.items():
            lines.append(f"  {label:<{width}}  {p:.3f}" + (" raw" if partly and label in found.raw else ""))
        if found.raw:
            those = "raw outputs are those of labels" if partly else "raw outputs: the model came"
            lines.append(f"  {those} without operating points, so one half means nothing")
    return "\n".join(lines)


def command(
    images: Sequence[Path], classifier: Path, gate: Path | None, *, show_refused: bool
) -> dict[str, Any]:
    """Examine several images, and print what is found of each; one that cannot be read is said to be so.

    Args:
        images: their files. classifier, gate: see `load_classifier` and `load_gate`. show_refused: see `examine`.

    Returns:
        {"note", "classifier", "gate", "images": for each `Examination` as a dictionary, or "image" and "error"}

    Raises:
        UserError: see `load_classifier` and `load_gate`.
    """
    loaded, guard = load_classifier(classifier), load_gate(gate) if gate else None
    found: list[dict[str, Any]] = []
    for path in images:
        try:
            examined = examine(path, loaded, guard, show_refused=show_refused)
        except UserError as error:
            print(f"not examined: {error}")
            found.append({"image": str(path), "error": str(error)})
            continue
        print(describe(examined))
        found.append(asdict(examined))
    print("Not for diagnosis.")
    models = {"classifier": str(classifier), "gate": str(gate) if gate else None}
    return {"note": "Not for diagnosis.", **models, "images": found}
