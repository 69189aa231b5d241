"""Do the weights see? Top-1 and top-5 on ImageNet photographs whose file names begin with a WordNet id."""

from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from xray_keras.errors import UserError, reason
from xray_keras.models import weights
from xray_keras.models.weight_sources import SOURCES

_SUFFIXES = {".jpeg", ".jpg", ".png"}


def verify(architecture: str, photographs: Path) -> tuple[float, float, int]:
    """Classify every photograph of a folder, `<WordNet id>_<anything>.JPEG`, by its central crop.

    The short side is brought to 8/7 of the published input size, of which the central square is taken.

    Returns:
        (top-1, top-5, photographs); the first two as fractions.

    Raises:
        UserError: no photographs, a name without an ImageNet class, an unreadable one, or weights without a head.
    """
    found = sorted(path for path in Path(photographs).glob("*") if path.suffix.lower() in _SUFFIXES)
    if not found:
        raise UserError(f"{photographs} holds no photographs; expected files such as n02492035_capuchin.JPEG")
    ranks = class_ranks()
    truth = []
    for path in found:
        wnid = path.name.partition("_")[0]
        if wnid not in ranks:
            raise UserError(
                f"{path} does not begin with one of ImageNet's 1,000 WordNet ids; rename or remove it"
            )
        truth.append(ranks[wnid])
    model = weights.load_classifier(architecture)
    images = np.stack([_crop(path, weights.source(architecture).size) for path in found])
    scores = np.concatenate(
        [
            np.asarray(model(weights.preprocess(architecture, images[start : start + 8]), training=False))
            for start in range(0, len(images), 8)
        ]
    )
    best = np.argsort(-scores, axis=1)[:, :5] == np.array(truth)[:, None]  # (N, 5)
    return float(best[:, 0].mean()), float(best.any(axis=1).mean()), len(found)


def class_ranks() -> dict[str, int]:
    """WordNet id → ImageNet class 0 … 999: the classes of ILSVRC 2012 are numbered in the order of their ids."""
    text = (resources.files("xray_keras.models") / "imagenet_wnids.txt").read_text(encoding="ascii")
    return {wnid: rank for rank, wnid in enumerate(text.split())}


def _crop(path: Path, side: int) -> np.ndarray:
    try:
        with Image.open(path, formats=("JPEG", "PNG")) as opened:
            image = opened.convert("RGB")
    except Exception as error:  # Pillow's readers raise nearly anything, and refuse what would be huge
        raise UserError(
            f"{path} cannot be read as an image ({reason(error)}); replace or remove it"
        ) from error
    scale = side * 8 / 7 / min(image.size)
    image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BILINEAR)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return np.asarray(image.crop((left, top, left + side, top + side)), np.float32)  # (side, side, 3), 0–255


def command(architectures: Sequence[str] | None, photographs: Path | None = None) -> list[dict[str, Any]]:
    """Fetch and verify architectures ("all" or None for every one), measure top-1, and say what was found.

    Args:
        architectures: keys of `weight_sources.SOURCES`. photographs: see `verify`; None to measure nothing.

    Returns:
        the card of each, with "architecture", and where measured "top1", "top5" and "photographs".

    Raises:
        UserError: an architecture's weights cannot be had; the others are fetched first.
    """
    found, failures = [], []
    for architecture in SOURCES if not architectures or "all" in architectures else architectures:
        try:
            card = weights.card(architecture)
            print(f"{architecture}: {card['obtained']}; licence {card['licence']}")
            if photographs is not None and not card["head"]:
                print(f"{architecture}: no ImageNet head is stored, so there is no top-1 to measure")
            elif photographs is not None:
                top1, top5, count = verify(architecture, photographs)
                print(f"{architecture}: top-1 {top1:.3f}, top-5 {top5:.3f} on {count} photographs")
                card = {**card, "top1": top1, "top5": top5, "photographs": count}
            found.append(card)
        except UserError as error:
            failures.append(str(error))
    if failures:
        raise UserError("; ".join(dict.fromkeys(failures)))
    return found
