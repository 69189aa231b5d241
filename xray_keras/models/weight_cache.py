"""How converted weights are kept: <architecture>.npz of float32 tensors, and a card, <architecture>.json."""

import hashlib
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from xray_keras import files
from xray_keras.models.weight_sources import Source


def cache_folder() -> Path:
    """Where converted weights are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xray_keras" / "weights"


def store(
    wanted: Source, name: str, tensors: dict[str, np.ndarray], origin: Path, details: dict[str, Any]
) -> Path:
    """Check the tensors, publish them and their card in the cache as `name`.

    Raises:
        UserError: the tensors do not make up the architecture.
    """
    from xray_keras.models import backbones

    backbones.check(wanted.architecture, tensors, origin)
    target = cache_folder() / f"{name}.npz"
    with files.publish(target) as temporary:
        np.savez(temporary, **tensors)  # type: ignore[arg-type]
    description = {
        "architecture": wanted.architecture,
        "citation": wanted.citation,
        "origin": wanted.origin,
        "preprocessing": wanted.preprocessing,
        "head": backbones.has_head(tensors),
        **details,
        "tensors_sha256": fingerprint(tensors),
        "npz_sha256": files.sha256(target),
    }
    files.write_json(target.with_suffix(".json"), description)
    return target


def fingerprint(tensors: dict[str, np.ndarray]) -> str:
    """SHA-256 over names, shapes and values, in the order of the names."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(f"{name} {tensors[name].shape}\n".encode())
        digest.update(np.ascontiguousarray(tensors[name], "<f4").tobytes())
    return digest.hexdigest()


def read_card(npz: Path) -> dict[str, Any]:
    """The card beside a converted file."""
    return files.read_json(npz.with_suffix(".json"))


def sound(npz: Path) -> bool:
    """Whether a converted file is whole: its card is there and agrees."""
    if not (npz.is_file() and npz.with_suffix(".json").is_file()):
        return False
    if read_card(npz).get("npz_sha256") == files.sha256(npz):
        return True
    print(f"{npz} is damaged and will not be used", file=sys.stderr)
    return False
