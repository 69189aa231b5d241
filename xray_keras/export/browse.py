"""Does the page see what Python sees? The same pictures through both, answer by answer (cohen2019 §5, Figure 9)."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from xray_keras import experiment, files
from xray_keras.datasets import manifest, populations, radiograph
from xray_keras.errors import UserError
from xray_keras.evaluation import examine
from xray_keras.export import browser, page
from xray_keras.training import ali_watch, inputs

FOLDER, RESULT = "browser", "browser.json"
PICTURES, SIDE = 20, 1024  # of held-out images: as many as the paper's, at the size of the release
FOREIGN_SIDE = 512


def write(classifier: Path, gate: Path, images: Sequence[Path] = (), *, half: bool = False) -> Path:
    """Build the page of two runs, examine pictures on it and in Python; keep both in `<classifier>/browser.json`.

    `<classifier>/browser/` holds the page, `page/`, and photographs of it; see `browser.visit`. The first pictures are
    `images`, or held-out ones of the classifier's run; the others one of each foreign set, where the run has any.

    Raises:
        UserError: see `page.build`, `browser.chromium`, `browser.visit` and `radiograph.read`; a population is absent.
    """
    target = classifier / FOLDER
    built = page.build(classifier, gate, target / "page", half=half)
    with tempfile.TemporaryDirectory() as scratch:
        own = list(images) or _held_out(classifier, Path(scratch))
        foreign = _foreign(classifier, Path(scratch))
        pictures = [*own, *(path for path, _ in foreign)]
        with browser.chromium() as opened:
            seen = browser.visit(opened, target / "page", pictures, target)
        python = _answers(classifier, gate, pictures)
    sets = [*["chest"] * len(own), *(name for _, name in foreign)]
    for found, ours, name in zip(seen["images"], python, sets, strict=True):
        raw = [found["raw"][label] for label in built["classifier"]["labels"]]
        found |= {"set": name, "raw": raw, "python": ours}
    description = {
        "labels": built["classifier"]["labels"],
        "threshold": built["gate"]["threshold"],
        "storage": built["classifier"]["storage"],
        "bytes": sum(built["files"].values()),
        "parity": {name: built[name]["parity"] for name in ("classifier", "gate")},
        "given": bool(images),
        "credits": _credits(classifier) if foreign else {},
    }
    files.write_json(classifier / RESULT, {**description, **seen})
    return classifier / RESULT


def _answers(classifier: Path, gate: Path, pictures: Sequence[Path]) -> list[dict[str, Any]]:
    """What Python and Keras say of the same files."""
    model, autoencoder = examine.load_classifier(classifier), examine.load_gate(gate)
    found = []
    for path in pictures:
        pixels = radiograph.read(path).pixels
        raw = model.model.predict_on_batch(inputs.to_input(radiograph.square(pixels, model.size)[np.newaxis]))
        small = radiograph.square(pixels, autoencoder.size)[np.newaxis]
        distance = ali_watch.reconstruct(autoencoder.model, small, 1)["ssim"][0]
        found.append({"raw": raw[0].astype(float).tolist(), "distance": float(distance)})
    return found


def _held_out(run: Path, folder: Path) -> list[Path]:
    """Test images of a run, written as PNG at the release's size."""
    config = files.read_json(run / "config.json")
    data = inputs.open_data(experiment.population_folder(run, config), config)
    held = data.part("test")
    chosen = np.random.default_rng(0).choice(held, min(PICTURES, len(held)), replace=False)
    population = files.read_json(experiment.population_folder(run, config) / "population.json")
    return _written(population, data.frame.iloc[np.sort(chosen)], SIDE, folder)


def _foreign(run: Path, folder: Path) -> list[tuple[Path, str]]:
    """One picture of each set that is no training data, and the set's name."""
    config = files.read_json(run / "config.json")
    beside = experiment.other_population(config)
    if beside is None:
        return []
    base = run.parents[2] / beside
    frame = manifest.read(base / "manifest.csv")
    first = frame.groupby("source", sort=False).head(1)
    paths = _written(files.read_json(base / "population.json"), first, FOREIGN_SIDE, folder)
    return list(zip(paths, first["source"], strict=True))


def _credits(run: Path) -> dict[str, str]:
    """Where each foreign set is from, and its licence."""
    beside = str(experiment.other_population(files.read_json(run / "config.json")))
    sets = files.read_json(run.parents[2] / beside / "summary.json")["sets"]
    return {name: f"{each['citation']} {each['licence']}" for name, each in sets.items()}


def _written(population: dict[str, Any], rows: pd.DataFrame, side: int, folder: Path) -> list[Path]:
    pixels = populations.source(population).images(rows, side)
    paths = [folder / f"{number}-{side}.png" for number in range(len(rows))]
    for path, picture in zip(paths, pixels, strict=True):
        Image.fromarray(picture).save(path)
    return paths


def command(classifier: Path, gate: Path, images: Sequence[Path], *, half: bool) -> None:
    """`write`, and say what was found.

    Raises:
        UserError: see `write`; no picture in a folder that is named.
    """
    pictures = [each for path in images for each in _pictures(path)]
    result = write(classifier, gate, pictures, half=half)
    found = files.read_json(result)
    differences = [np.abs(np.subtract(each["raw"], each["python"]["raw"])).max() for each in found["images"]]
    print(
        f"{result}: {len(differences)} images on the page and in Python; largest difference {max(differences):.1e}"
    )


def _pictures(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(
        each for each in path.iterdir() if each.suffix.lower() in (".png", ".jpg", ".jpeg", ".dcm")
    )
    if not found:
        raise UserError(f"{path} holds no PNG, JPEG or DICOM file; name a folder that does")
    return found
