"""How help and mistakes look: verbs in groups, paragraphs that stay paragraphs, one sentence for what is mistyped."""

import argparse
import difflib
import itertools
import shutil
import textwrap
from collections.abc import Sequence
from typing import Any, NoReturn

_NARROWEST = 24  # columns of text; where a terminal has fewer, it cuts words by itself
_NAME = 16  # columns that verbs' names take


class Help(argparse.HelpFormatter):
    """Fills each paragraph by itself; indented lines, such as examples, stay as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n\n".join(_filled(block, width, indent) for block in text.strip("\n").split("\n\n"))


def _filled(block: str, width: int, indent: str) -> str:
    lines: list[str] = []
    for indented, group in itertools.groupby(block.splitlines(), key=lambda line: line.startswith(" ")):
        kept = list(group)
        lines += kept if indented else _wrapped(" ".join(kept), width)
    return "\n".join(indent + line for line in lines)


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width, _NARROWEST), break_on_hyphens=False, break_long_words=False)


class Parser(argparse.ArgumentParser):
    """Says a mistake in one sentence, exit status 2; shows positional arguments in capitals, as descriptions do."""

    def add_argument(self, *names: Any, **settings: Any) -> argparse.Action:
        """As argparse's."""
        if not names[0].startswith("-"):
            settings.setdefault("metavar", names[0].upper())
        return super().add_argument(*names, **settings)

    def error(self, message: str) -> NoReturn:
        """End; argparse would print several lines of usage before the sentence."""
        self.exit(2, f"{self.prog}: {message}; `{self.prog} --help` shows how it is used\n")


class Overview(Parser):
    """The parser of all verbs, whose help lists them by what they are about.

    Attributes:
        groups: title → name of a verb → what it does, in a line; filled while the verbs are added.
        verbs: name → parser, likewise.
    """

    def __init__(self, prog: str, description: str, epilog: str):
        super().__init__(prog, description=description, epilog=epilog)
        self.groups: dict[str, dict[str, str]] = {}
        self.verbs: dict[str, argparse.ArgumentParser] = {}

    def format_help(self) -> str:
        """Usage, description, the verbs by groups, epilog."""
        formatter = Help(self.prog)
        formatter.add_usage("%(prog)s VERB ...", (), ())
        formatter.add_text(self.description)
        for title, verbs in self.groups.items():
            formatter.add_text("\n".join([title, *(_line(name, text) for name, text in verbs.items())]))
        formatter.add_text(self.epilog)
        return formatter.format_help()

    def check_verb(self, arguments: Sequence[str]) -> None:
        """End with one sentence where the first argument stands for a verb and is none."""
        if not arguments or arguments[0].startswith("-") or arguments[0] in self.verbs:
            return
        near = difflib.get_close_matches(arguments[0], self.verbs, 1)
        meant = f"did you mean {near[0]}? " if near else ""
        self.exit(
            2, f"{self.prog}: there is no verb {arguments[0]!r}; {meant}`{self.prog} --help` lists them\n"
        )


def _line(name: str, text: str) -> str:
    """A verb and what it does; on a narrow terminal more lines than one."""
    width = shutil.get_terminal_size().columns - 2 - len(f"  {'':<{_NAME}}")
    first, *others = _wrapped(text, width)
    return "\n".join([f"  {name:<{_NAME}}{first}", *(f"  {'':<{_NAME}}{line}" for line in others)])
