"""What is there: data sets below a folder, what the suite needs of the machine, and help for a shell."""

import argparse
from functools import partial

from xray_keras.commands.form import Overview
from xray_keras.commands.verb import Verbs, add_json, folder, print_json, suggest
from xray_keras.errors import UserError

_SHELLS = ("bash", "zsh", "fish", "tcsh")
_DATA = """
Without FOLDER: which data sets the suite can use, where to get them, under which licence and after which
registration. With FOLDER (what make calls DATA, the folder above them): which of them are there and which are
missing, whether counts differ from the printed ones, and which papers can run on them. The folder is only read.

Exit status: 0; 1 where a data set is there but cannot be used.
"""
_DATA_KEYS = (
    '"sets", each with "name", "state" (found, broken, absent), "folder", "link", "registration", "licence", '
    '"citation", "papers", and where it is there "place", "listed", "on_disk", "missing", "counts", "problem", '
    '"printed"; "unknown" folders; "lacking", paper: what it still needs'
)
_DOCTOR = """
Looks at Python, the packages (against constraints.txt), memory and disk, weights, the browser, npm, data sets,
TensorFlow and the GPU, and says behind an arrow what to do where something is not in order. Changes nothing.

Exit status: 0; 1 where something needed does not work. Notes are of what some verbs alone need.
"""
_COMPLETION = """
Prints a script that lets the shell complete verbs, options, files, papers, tables and figures.

  bash   xray-keras completion bash > ~/.local/share/bash-completion/completions/xray-keras
  zsh    xray-keras completion zsh > ~/.zfunc/_xray-keras
         and in ~/.zshrc, before compinit: fpath=(~/.zfunc $fpath)
  fish   xray-keras completion fish > ~/.config/fish/completions/xray-keras.fish
  tcsh   xray-keras completion tcsh > ~/.xray-keras.tcsh
         and in ~/.tcshrc: source ~/.xray-keras.tcsh

Make the folder first where it is absent. What is completed is the command by its name, xray-keras, so that .venv/bin
has to be in PATH: `source .venv/bin/activate`. For one session of bash: source <(xray-keras completion bash).
"""


def add(verbs: Verbs, parser: Overview) -> None:
    """Add data, doctor and completion; the last one describes `parser`."""
    verbs.group("Look around")
    looked = verbs.add(
        "data",
        _data,
        "show which data sets are there, and how to get others",
        "data\ndata /my/datasets",
        description=_DATA,
    )
    looked.add_argument("folder", type=folder, nargs="?", help="above your data sets; default: none")
    add_json(looked, _DATA_KEYS)

    examined = verbs.add(
        "doctor",
        _doctor,
        "say whether this machine is in order, and what to do",
        "doctor\ndoctor --json",
        description=_DOCTOR,
    )
    examined.add_argument(
        "--data", type=folder, help="folder above your data sets; default: the variable DATA"
    )
    add_json(examined, '"in_order"; "findings", each with "name", "state", "said", "remedy", "facts"')

    completed = verbs.add(
        "completion",
        partial(_completion, parser),
        "print what makes a shell complete these verbs",
        "completion bash",
        description=_COMPLETION,
    )
    shell = completed.add_argument("shell", metavar="SHELL", help=", ".join(_SHELLS))
    suggest(shell, lambda: _SHELLS)


def _data(arguments: argparse.Namespace) -> int:
    from xray_keras.datasets.overview import look
    from xray_keras.reporting import holdings

    found = None if arguments.folder is None else look.look(arguments.folder)
    if arguments.json:
        print_json(holdings.as_json(found))
    else:
        print(holdings.describe_available() if found is None else holdings.describe(found))
    return 1 if found and found.of(look.BROKEN) else 0


def _doctor(arguments: argparse.Namespace) -> int:
    from xray_keras.doctor import examination, words

    findings = []
    for finding in examination.examine(arguments.data):
        findings.append(finding)
        if not arguments.json:
            print(words.describe(finding), flush=True)
    if arguments.json:
        print_json(words.as_json(findings))
    else:
        print(f"\n{words.verdict(findings)}")
    return 0 if words.in_order(findings) else 1


def _completion(parser: Overview, arguments: argparse.Namespace) -> None:
    from xray_keras.commands import completion

    if arguments.shell not in _SHELLS:
        raise UserError(f"there is no completion for {arguments.shell!r}; choose one of {', '.join(_SHELLS)}")
    print(completion.script(parser, arguments.shell))
