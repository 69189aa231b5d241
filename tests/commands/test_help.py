"""Help answers at once, fits a terminal, and shows examples that are understood and work."""

import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.reporting.conftest import scores, truth
from xray_keras import cli

PARSER = cli._parser()
OF_THE_ISSUE = (
    "data train predict evaluate table figure report audit score import-weights export serve textfilter "
    "screen doctor"
)
HEAVY = {"tensorflow", "keras", "matplotlib", "pandas", "numpy", "scipy", "sklearn", "yaml", "shtab"}
_EVERY_HELP = f"""
import sys
from xray_keras import cli
for verb in ([], *([name] for name in cli._parser().verbs)):
    try:
        cli.main([*verb, "--help"])
    except SystemExit as ended:
        assert ended.code == 0, verb
print(sorted({HEAVY!r} & set(sys.modules)))
"""


def examples() -> list[str]:
    """Every example of every verb, as typed; continued lines joined."""
    found = []
    for parser in PARSER.verbs.values():
        shown = parser.epilog.partition(":\n")[2].replace(" \\\n", " ")
        found += [" ".join(line.split()) for line in shown.splitlines()]
    return found


def shown(*arguments: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-m", "xray_keras", *arguments], capture_output=True, text=True, check=True
    )
    return ended.stdout


def test_no_help_imports_anything_heavy():
    ended = subprocess.run([sys.executable, "-c", _EVERY_HELP], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "[]"
    began = time.perf_counter()
    shown("--help")
    print(f"xray-keras --help: {time.perf_counter() - began:.2f} s")


def test_the_overview_has_a_line_of_eighty_columns_for_every_verb(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    lines = PARSER.format_help().splitlines()
    assert all(len(line) <= 80 for line in lines)
    first_words = [line.split()[0] for line in lines if line.startswith("  ") and line[2:3].strip()]
    for verb in (*PARSER.verbs, *OF_THE_ISSUE.split()):
        assert first_words.count(verb) == 1, verb
    assert not [line for line in lines if line.startswith(" " * 12)], "what a verb does takes two lines"
    assert "make help" in lines[-1] and lines[-1].endswith("Not for diagnosis.")


@pytest.mark.parametrize("columns", [1, 10, 40, 80, 200])
def test_help_is_readable_at_any_width(columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    for parser in (PARSER, *PARSER.verbs.values()):
        text = parser.format_help()
        assert text.startswith("usage: xray-keras")
        prose = [line for line in text.splitlines()[2:] if line and not line.startswith((" ", "usage"))]
        long = [line for line in prose if len(line) > max(columns, 24)]
        assert all(" " not in line for line in long), "only a word that is longer than the terminal is wide"


@pytest.mark.parametrize("verb", PARSER.verbs)
def test_every_verb_says_what_it_does_and_shows_an_example(verb):
    parser = PARSER.verbs[verb]
    assert parser.description.rstrip().endswith((".", ":")) and len(parser.description) > 60
    assert all(action.help for action in parser._actions), "an argument without help"
    assert any(line.startswith(f"xray-keras {verb}") for line in examples())
    paragraphs = parser.description.strip("\n").split("\n\n")
    told = parser.format_help().split("\n\n")
    assert len(told) >= 1 + len(paragraphs) + 2, "paragraphs flow into one another"


@pytest.mark.parametrize("line", examples())
def test_examples_are_understood(line):
    program, *arguments = shlex.split(line)
    assert program == "xray-keras"
    parsed = PARSER.parse_args(arguments)
    assert callable(parsed.verb)


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder with the files that examples of fast verbs name."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "table.csv").write_text("model,recall,specificity,positives\nA,97.5%,90.5%,40\n")
    scores(truth(), ("Mass", "Effusion"), 1.0, 3).to_csv("predictions.csv", index=False)
    (tmp_path / "photographs").mkdir()
    pixels = np.random.default_rng(0).integers(0, 256, (80, 90, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "photographs" / "one.png")
    return tmp_path


@pytest.mark.parametrize("verb", ["data", "audit", "score", "completion", "weights", "textfilter"])
def test_examples_that_are_fast_work(verb, desk, capsys):
    (desk / "my" / "datasets").mkdir(parents=True)
    ran = 0
    for line in examples():
        arguments = shlex.split(line.replace("/my/datasets", "my/datasets"))[1:]
        if arguments[0] == verb and "--fetch" not in arguments:
            assert cli.main(arguments) == 0, capsys.readouterr().err
            assert capsys.readouterr().out.strip()
            ran += 1
    assert ran


def test_without_arguments_the_overview_is_shown(capsys):
    assert cli.main([]) == 2
    assert capsys.readouterr().out == PARSER.format_help()


def test_verbs_that_readme_and_makefile_name_are_there():
    texts = [
        (Path(__file__).parents[2] / name).read_text(encoding="utf-8") for name in ("README.md", "Makefile")
    ]
    named = {name for text in texts for name in re.findall(r"(?:xray-keras|\$\(XRAY\)) ([a-z][a-z-]+)", text)}
    assert {"doctor", "plan", "train"} <= named
    assert named <= set(PARSER.verbs), named - set(PARSER.verbs)
