"""What is there: data sets below a folder, and what the suite needs of the machine."""

import argparse
from pathlib import Path

from xray_keras.commands.verb import Verbs


def add(verbs: Verbs) -> None:
    """Add data and doctor."""
    looked = verbs.add(
        "data",
        _data,
        "show which data sets a folder holds, what of them is missing, and how to get the others",
        "data /my/datasets",
    )
    looked.add_argument(
        "folder", type=Path, nargs="?", help="folder above your data sets, as DATA; default: what can be used"
    )
    looked.add_argument("--json", action="store_true", help="for programs")

    examined = verbs.add(
        "doctor",
        _doctor,
        "say whether Python, packages, TensorFlow, GPU, browser, weights and disk are in order, and what to do",
        "doctor --json",
    )
    examined.add_argument("--data", type=Path, help="folder above your data sets; default: the variable DATA")
    examined.add_argument("--json", action="store_true", help="for programs")


def _data(arguments: argparse.Namespace) -> int:
    from xray_keras.datasets.overview import look
    from xray_keras.reporting import holdings

    found = None if arguments.folder is None else look.look(arguments.folder)
    if arguments.json:
        print(_json(holdings.as_json(found)))
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
    print(_json(words.as_json(findings)) if arguments.json else f"\n{words.verdict(findings)}")
    return 0 if words.in_order(findings) else 1


def _json(value: object) -> str:
    import json

    return json.dumps(value, indent=2, ensure_ascii=False)
