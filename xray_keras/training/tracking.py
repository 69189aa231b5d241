"""TensorBoard as an opt-in: where XRAY_KERAS_TENSORBOARD=1, the scalars of history.csv as events, epoch by epoch.

That is no setting of a run: it determines no number and changes no other file.
"""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from xray_keras.errors import UserError

VARIABLE = "XRAY_KERAS_TENSORBOARD"
FOLDER = "tensorboard"


class Tracker:
    """Writes the histories of one run below `<run>/tensorboard/`, where the user asks for it; else nothing."""

    def __init__(self, run: Path):
        """Find out whether to write.

        Raises:
            UserError: it is asked for, but TensorBoard is not installed.
        """
        self._folder = run / FOLDER
        self._open = _writer() if os.environ.get(VARIABLE) == "1" else None
        self._writers: dict[str, Any] = {}
        self._written: dict[str, int] = {}

    def follow(self, history: Sequence[Mapping[str, float]], network: str = "") -> None:
        """Write the rows that are not written yet: a scalar a column, its step the row's epoch.

        The first call begins the folder anew: what an interrupted process wrote there is in `history` as well, and
        anything else is of other settings.

        Args:
            history: one dictionary an epoch, with its number as "epoch", from the first epoch on.
            network: of several that a run trains, which one; a curve of its own.
        """
        if self._open is None or not history:
            return
        if not self._writers:
            shutil.rmtree(self._folder, ignore_errors=True)
        if network not in self._writers:
            self._writers[network] = self._open(str(self._folder / network))
        writer = self._writers[network]
        for row in history[self._written.get(network, 0) :]:
            for name, value in row.items():
                if name != "epoch":
                    writer.add_scalar(name, value, int(row["epoch"]))
        writer.flush()
        self._written[network] = len(history)


def _writer() -> Callable[[str], Any]:
    try:
        from tensorboard.summary import Writer
    except ModuleNotFoundError:
        raise UserError(
            f"{VARIABLE}=1 needs TensorBoard; pip install 'xray_keras[tensorboard]', or unset it"
        ) from None
    return Writer
