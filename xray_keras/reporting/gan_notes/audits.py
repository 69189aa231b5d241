"""privacy.json of each generator, and the words for what stands in it."""

from collections.abc import Mapping
from typing import Any

from xray_keras.evaluation.privacy_spaces import EMBEDDING, PIXEL, STRUCTURE
from xray_keras.reporting.gan_notes import found as names
from xray_keras.reporting.gan_notes.found import SCARCE, Found

Audit = Mapping[str, Any]
"""See `evaluation.gan_privacy`."""

SPACES = {PIXEL: "pixels", STRUCTURE: "structure (1 − SSIM)", EMBEDDING: "identity"}
STATES = {"before": "all", "after": "those that pass the screen"}
KINDS = {"exact": "as it is", "flipped": "mirrored", "cropped": "cropped and enlarged", "jpeg": "JPEG"}


def read(found: Found) -> dict[str, Audit]:
    """Share of the patients → the audit of its generator.

    Raises:
        UserError: one is absent or damaged.
    """
    return {share: names.json(run, "privacy.json") for share, run in found.generators.items()}


def generator(share: str, audit: Audit) -> str:
    """ "123 images, over-trained"."""
    text = f"{audit['training']['images']:,} images"
    return f"{text}, over-trained" if share == SCARCE else text
