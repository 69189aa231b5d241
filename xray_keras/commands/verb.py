"""What a verb is made of, and what several of them need."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from xray_keras import experiment, files

Function = Callable[[argparse.Namespace], int | None]
"""What a verb does; its exit status, None for 0."""


class Verbs:
    """Adds verbs to a parser."""

    def __init__(self, parser: argparse.ArgumentParser):
        self._verbs: Any = parser.add_subparsers(title="verbs", required=True, metavar="VERB")

    def add(self, name: str, function: Function, help_text: str, example: str) -> argparse.ArgumentParser:
        """A verb's parser, for its arguments; `example` is a command without `xray-keras`."""
        added = self._verbs.add_parser(
            name, help=help_text, description=help_text, epilog=f"example: xray-keras {example}"
        )
        added.set_defaults(verb=function)
        return added


def population(run: Path) -> Path:
    """The folder of the images that a run learns from."""
    return experiment.population_folder(run, files.read_json(run / "config.json"))


def import_tensorflow() -> None:
    """Import TensorFlow without its greeting, a page of hints that no environment variable silences."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    kept = os.dup(2)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            import tensorflow  # noqa: F401
        finally:
            os.dup2(kept, 2)
            os.close(kept)
