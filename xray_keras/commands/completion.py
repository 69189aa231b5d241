"""A shell's completion script, from the parser of all verbs."""

import argparse
from pathlib import Path

import shtab

from xray_keras.commands import verb
from xray_keras.commands.form import Overview


def script(parser: Overview, shell: str) -> str:
    """The script for `shell`, one that shtab knows; `parser` is changed, for this alone."""
    for lines in parser.groups.values():
        for name, line in lines.items():
            parser.verbs[name].description = line  # shells that describe what they offer have one line for it
            for argument in parser.verbs[name]._actions:
                _complete(argument)
    return shtab.complete(parser, shell)


def _complete(argument: argparse.Action) -> None:
    """Say of an argument what shells offer for it: what it suggests, folders, or files and folders."""
    if hasattr(argument, "suggestions"):
        argument.choices = list(argument.suggestions())
    elif argument.type is verb.folder:
        argument.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
    elif argument.type is Path:
        argument.complete = shtab.FILE  # type: ignore[attr-defined]
