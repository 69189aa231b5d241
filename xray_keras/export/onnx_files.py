"""Trained and imported models as ONNX files, each with a card that says what it answers and how it was checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from xray_keras import experiment, files
from xray_keras.datasets.phantom.chest import Phantom
from xray_keras.datasets.populations import PHANTOM_SEED
from xray_keras.errors import UserError
from xray_keras.evaluation import examine
from xray_keras.export import cam, gradient, parity, storage, to_onnx
from xray_keras.models.full_precision import full_precision
from xray_keras.training import inputs

COMPARED = 20  # images


@dataclass(frozen=True)
class Exported:
    """A graph and its card, ready for JSON."""

    graph: onnx.ModelProto
    card: dict[str, Any]

    def write(self, path: Path) -> None:
        """The graph to `path`, the card beside it with the suffix .json."""
        with files.publish(path) as temporary:
            onnx.save(self.graph, temporary)
        files.write_json(path.with_suffix(".json"), {**self.card, "sha256": files.sha256(path)})


def classifier(path: Path, *, half: bool = False) -> Exported:
    """Export a classifier: probability, class activation maps where it has them, and saliency on demand.

    Args:
        path: see `examine.load_classifier`.
        half: store weights as float16.

    Raises:
        UserError: see `examine.load_classifier`, `to_onnx.classifier` and `gradient.with_saliency`.
    """
    found = examine.load_classifier(path)
    model = full_precision(found.model)
    forward = to_onnx.classifier(model)
    mapped = cam.with_cam(forward)
    graph = _stored(gradient.with_saliency(mapped or forward), half)
    images, origin = _examples(path, found.size)
    card = {
        "kind": "classifier",
        "size": found.size,
        "labels": list(found.labels),
        "operating_points": dict(found.points),
        "cam": mapped is not None,
        "storage": _storage(half),
        "parity": {"on": origin, **parity.classifier(model, graph, images)},
    }
    return Exported(graph, card)


def gate(run: Path, *, half: bool = False) -> Exported:
    """Export an ALI run's autoencoder: reconstruction, and its distance from the image.

    Args, raises: see `examine.load_gate` and `classifier`.
    """
    found = examine.load_gate(run)
    model = full_precision(found.model)
    graph = _stored(to_onnx.autoencoder(model), half)
    images, origin = _examples(run, found.size)
    card = {
        "kind": "gate",
        "size": found.size,
        "threshold": found.threshold,
        "storage": _storage(half),
        "parity": {"on": origin, **parity.gate(model, graph, images)},
    }
    return Exported(graph, card)


def command(source: Path, output: Path, *, half: bool) -> None:
    """Export whatever `source` is, and say how far the graph is from the model.

    Raises:
        UserError: see `classifier` and `gate`; `output` does not end in .onnx.
    """
    if output.suffix != ".onnx":
        raise UserError(f"{output} does not end in .onnx; name the file so")
    config = files.read_json(source / "config.json") if source.is_dir() else {}
    exported = (gate if config.get("trainer") == "ali" else classifier)(source, half=half)
    exported.write(output)
    print(f"{output}: {output.stat().st_size / 1e6:.1f} MB; {describe(exported.card['parity'])}")


def describe(compared: Mapping[str, Any]) -> str:
    """The differences, for people."""
    differences = {name: value for name, value in compared.items() if name not in ("on", "images")}
    listed = ", ".join(f"{name} {value:.1e}" for name, value in differences.items())
    return f"largest differences from Keras over {compared['images']} images ({compared['on']}): {listed}"


def _stored(graph: onnx.ModelProto, half: bool) -> onnx.ModelProto:
    return storage.half(graph) if half else graph


def _storage(half: bool) -> str:
    return "float16" if half else "float32"


def _examples(path: Path, size: int) -> tuple[np.ndarray, str]:
    """Images to compare on, uint8 (N, S, S), and where they are from: a run's own test images where they are at hand,
    else phantoms."""
    config = files.read_json(path / "config.json") if path.is_dir() else {}
    folder = experiment.population_folder(path, config) if config else path
    if not (folder / "manifest.csv").is_file():
        source = Phantom(PHANTOM_SEED)
        return source.images(source.manifest(COMPARED), size), "phantom"
    data = inputs.open_data(folder, config)
    held = data.part("test")
    chosen = np.random.default_rng(0).choice(held, min(COMPARED, len(held)), replace=False)
    origin = files.read_json(folder / "summary.json")["origin"]
    return np.asarray(data.images[np.sort(data.rows[chosen])]), f"{origin}, test images"
