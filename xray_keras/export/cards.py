"""The card of an imported model: where its weights come from, what its outputs mean, what goes in."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from xray_keras import files
from xray_keras.export.source import Source
from xray_keras.models.imported_densenet121 import PREPROCESSING


def describe(
    path: Path,
    found: Source,
    output: Path,
    names: tuple[str, ...],
    preprocessing: str,
) -> dict[str, Any]:
    """What an imported model is, ready for JSON.

    Args:
        path: the source.
        output: the model, written.
        names: of its outputs, in order.
        preprocessing: a key of `imported_densenet121.PREPROCESSING`.
    """
    points = found.operating_points
    own = found.classifier.scaling
    return {
        "note": "Imported weights of a chest X-ray classifier. Not for diagnosis.",
        "model": {"file": output.name, "sha256": files.sha256(output), "architecture": "densenet121"},
        "source": {
            "name": path.resolve().name,
            "format": found.kind,
            "sha256": {file.name: files.sha256(file) for file in found.files},
        },
        "labels": list(names),
        "input": {
            "shape": [None, found.size, found.size, 3],
            "dtype": "float32",
            "range": [0, 255],
            "channels": "gray repeated three times",
        },
        "preprocessing": {
            "name": preprocessing,
            "text": PREPROCESSING[preprocessing].text,
            "own_scaling": None if own is None else [np.ravel(part).tolist() for part in own],
            "where": "inside the model",
        },
        "output": "probability of each label"
        + (", a sigmoid added to the source's logits" if found.classifier.logits else ""),
        "operating_points": None
        if points is None
        else {name: float(value) for name, value in zip(names, points, strict=True) if np.isfinite(value)},
        "tensors": found.classifier.count,
        "left_out": found.left_out,
    }


def checked(difference: float | None) -> str:
    """How the import was checked, for people."""
    if difference is None:
        return "the format cannot be run here; every tensor was checked by name and shape"
    return f"the source answers a probe image alike (largest difference {difference:.1e})"


def keep_list(training_list: Path | None, output: Path) -> dict[str, str] | None:
    """Copy the list of training images beside the model, for `leaks`; what the card says of it."""
    if training_list is None:
        return None
    target = output.with_name(f"{output.stem}.training{training_list.suffix or '.txt'}")
    with files.publish(target) as temporary:
        shutil.copyfile(training_list, temporary)
    return {"file": target.name, "source": training_list.name, "sha256": files.sha256(target)}
