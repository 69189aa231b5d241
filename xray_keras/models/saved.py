"""Models as runs and imports leave them."""

from pathlib import Path

import keras

from xray_keras.errors import UserError


def load(path: Path, remedy: str = "delete it and train again") -> keras.Model:
    """Read a `.keras` file, not compiled.

    Raises:
        UserError: it is absent or damaged.
    """
    try:
        return keras.saving.load_model(path, compile=False)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"{path} cannot be loaded ({reason}); {remedy}") from error
