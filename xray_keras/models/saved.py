"""Models as runs and imports leave them."""

from pathlib import Path

import keras

from xray_keras import files, seals
from xray_keras.errors import Damaged, UserError, reason
from xray_keras.models import keras_archives
from xray_keras.models.adaptive_pooling import AdaptiveAveragePooling

LAYERS = (AdaptiveAveragePooling,)
"""Of our own, which a file names and Keras must know; naming them here is what imports them."""


def load(path: Path, remedy: str = "delete it and train again") -> keras.Model:
    """Read a `.keras` file, not compiled.

    Raises:
        UserError: it is absent or damaged.
    """
    if not path.is_file():
        raise UserError(f"{path} is absent; {remedy.removeprefix('delete it and ')}")
    try:
        seals.check(path)
        return keras_archives.load(path, LAYERS)
    except (Damaged, OSError) as error:
        raise UserError(f"{path} cannot be loaded ({reason(error)}); {remedy}") from error


def publish(model: keras.Model, path: Path) -> None:
    """Write a functional model as `.keras`, atomically, without its optimizer, whose state would triple the file."""
    with files.publish(path) as temporary:
        keras.Model(model.input, model.output, name=model.name).save(temporary)
