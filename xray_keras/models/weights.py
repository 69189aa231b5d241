"""ImageNet weights: found, verified, converted once, loaded by layer name.

A weight file is looked for (1) where the user says, by argument or in the file or folder that the environment variable
XRAY_KERAS_WEIGHTS names; (2) in the cache, `~/.cache/xray_keras/weights` or below XDG_CACHE_HOME; (3) at its
official address; (4) in a pinned package. What is found is checked tensor by tensor and kept in the cache as
`<architecture>.npz`, with a card `<architecture>.json` that says what it is and where it comes from.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from xray_keras.errors import UserError
from xray_keras.models import weight_cache, weight_readers
from xray_keras.models.weight_resolution import VARIABLE, resolve, source
from xray_keras.models.weight_sources import SOURCES

if TYPE_CHECKING:
    import keras

__all__ = [
    "VARIABLE",
    "card",
    "load_backbone",
    "load_classifier",
    "preprocess",
    "resolve",
    "source",
]


def load_backbone(
    architecture: str,
    *,
    weights: str = "imagenet",
    input_shape: tuple[int | None, int | None, int],
    path: str | Path | None = None,
) -> keras.Model:
    """The convolutional base of an architecture: no preprocessing, no pooling, no head, all layers trainable.

    Input: (B, H, W, 3) float32, preprocessed as `preprocess` does. Output: (B, h, w, channels) float32.
    Layers are named and ordered as in keras.applications, wherever the weights come from.

    Args:
        architecture: a key of `weight_sources.SOURCES`.
        weights: "imagenet" or "random".
        input_shape: (H, W, 3), pixels.
        path: a weight file, or a folder that holds one, to be used rather than any other.

    Raises:
        UserError: unknown architecture or weights; no sound weight file to be had.
    """
    from xray_keras.models import backbones

    source(architecture)
    if weights not in ("imagenet", "random"):
        raise UserError(f"weights={weights!r} is not known; say 'imagenet' or 'random'")
    model = backbones.build(architecture, input_shape)
    if weights == "imagenet":
        found = resolve(architecture, path)
        backbones.set_weights(model, weight_readers.read(found, "canonical"), found)
    return model


def load_classifier(architecture: str, *, path: str | Path | None = None) -> keras.Model:
    """ImageNet's classifier at its published size: (B, S, S, 3) float32, preprocessed → (B, 1000) probabilities.

    Raises:
        UserError: as `load_backbone`, and where the weights came without their head.
    """
    from xray_keras.models import backbones

    found = resolve(architecture, path)
    tensors = weight_readers.read(found, "canonical")
    if not backbones.has_head(tensors):
        raise UserError(
            f"{found} holds no ImageNet head, only the base of {architecture}; give the file with the top"
        )
    side = SOURCES[architecture].size
    model = backbones.build(architecture, (side, side, 3), head=True)
    backbones.set_weights(model, tensors, found)
    return model


def preprocess(architecture: str, images: Any) -> Any:
    """RGB images (B, H, W, 3), float, 0–255 → what the architecture's weights expect.

    Made of Keras layers and operations: usable on tensors and inside a functional model, which then loads anywhere.
    """
    from xray_keras.models import backbones

    source(architecture)
    return backbones.preprocess(architecture, images)


def card(architecture: str, path: str | Path | None = None) -> dict[str, Any]:
    """What the weights that `resolve` finds are: origin, licence, hashes, preprocessing, whether a head is there."""
    return weight_cache.read_card(resolve(architecture, path))
