"""Where the user's Chromium is; nothing is started."""

import os
import shutil

VARIABLE = "XRAY_KERAS_CHROMIUM"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def program() -> str | None:
    """What the variable XRAY_KERAS_CHROMIUM names, or else the first Chromium or Chrome on the PATH; None for none."""
    return os.environ.get(VARIABLE) or next(filter(None, map(shutil.which, _NAMES)), None)
