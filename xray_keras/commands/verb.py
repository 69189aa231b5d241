"""What a verb is made of, and what several of them need."""

import argparse
import contextlib
import json
import os
import re
import sys
import textwrap
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from xray_keras import experiment
from xray_keras.commands.form import Help, Overview, Parser

Function = Callable[[argparse.Namespace], int | None]
"""What a verb does; its exit status, None for 0."""


class Verbs:
    """Adds verbs to a parser, in groups."""

    def __init__(self, parser: Overview):
        self._parser, self._group = parser, ""
        self._verbs: Any = parser.add_subparsers(required=True, metavar="VERB", parser_class=Parser)

    def group(self, title: str) -> None:
        """Begin a group: the verbs added from here on, until the next."""
        self._group = title

    def add(
        self,
        name: str,
        function: Function,
        help_text: str,
        example: str,
        *,
        description: str = "",
        stopped: str = "",
    ) -> argparse.ArgumentParser:
        """A verb's parser, for its arguments.

        Args:
            name: of the verb. function: what it does.
            help_text: for the list of all verbs: at most 60 characters, to stay in a line of 80.
            example: a command that works, without `xray-keras`; several, a line each.
            description: what a user of the verb has to know, in paragraphs; default: `help_text`.
            stopped: what Ctrl-C leaves, where that is more than whole files.
        """
        examples = [_continued(f"xray-keras {line}") for line in example.splitlines()]
        added: argparse.ArgumentParser = self._verbs.add_parser(
            name,
            help=help_text,
            description=description or f"{help_text[0].upper()}{help_text[1:]}.",
            epilog="\n".join(["examples:" if len(examples) > 1 else "example:", *examples]),
            formatter_class=Help,
        )
        added.set_defaults(verb=function, stopped=stopped)
        self._parser.groups.setdefault(self._group, {})[name] = help_text
        self._parser.verbs[name] = added
        return added


def _continued(command: str) -> str:
    """A command, indented, on as many lines as it needs in 80 columns."""
    together = re.sub(r"( -\S+) (?!-)", "\\1\0", command)  # an option and its value
    lines = textwrap.wrap(together, 74, break_on_hyphens=False, break_long_words=False)
    return "  " + " \\\n      ".join(lines).replace("\0", " ")


def folder(text: str) -> Path:
    """The type of arguments that are folders; those of type `Path` are files, or either: shells complete them so."""
    return Path(text)


def suggest(action: argparse.Action, values: Callable[[], Iterable[str]]) -> None:
    """Say what a shell completes an argument with, called only when its script is written."""
    action.suggestions = values  # type: ignore[attr-defined]


def add_json(parser: argparse.ArgumentParser, keys: str) -> None:
    """Add `--json` to a verb; `keys` says what its document holds."""
    told = f"With --json, for scripts, standard output is one document: {keys}."
    parser.description = f"{(parser.description or '').rstrip()}\n\n{told}"
    parser.add_argument("--json", action="store_true", help="for scripts: JSON, see above")


def print_json(value: object) -> None:
    """Print one document on standard output, in ASCII, which every terminal and pipe has; NaN is refused."""
    print(json.dumps(value, indent=2, allow_nan=False))


def words_aside(aside: bool) -> contextlib.AbstractContextManager[Any]:
    """While a verb computes what it will print as JSON, words go to standard error."""
    return contextlib.redirect_stdout(sys.stderr) if aside else contextlib.nullcontext()


def population(run: Path) -> Path:
    """The folder of the images that a run learns from; see `experiment.read_settings` for its errors."""
    return experiment.population_folder(run, experiment.read_settings(run))


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
