"""Terminals, pipes and logs: what cannot be written is replaced, Ctrl-C says what stays, nobody sees a traceback."""

import os
import subprocess
import sys

import pytest

from xray_keras import cli
from xray_keras.commands import verb
from xray_keras.training import environment

_ASCII = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
COMMAND = (sys.executable, "-m", "xray_keras")


def test_where_a_terminal_lacks_a_sign_it_is_replaced(tmp_path):
    run = {"cwd": tmp_path, "env": {**os.environ, **_ASCII}, "capture_output": True, "check": False}
    helped = subprocess.run([*COMMAND, "textfilter", "--help"], **run)
    assert helped.returncode == 0 and b"5?5 row by row" in helped.stdout and not helped.stderr
    missing = subprocess.run([*COMMAND, "leaks", "é.txt", "x"], **run)
    assert (
        missing.returncode == 2 and b".txt is absent" in missing.stderr and missing.stderr.count(b"\n") == 1
    )


def test_json_loses_no_sign(capsys):
    verb.print_json({"file": "é.png"})
    assert capsys.readouterr().out == '{\n  "file": "\\u00e9.png"\n}\n'
    with pytest.raises(ValueError):
        verb.print_json(float("nan"))


def test_nobody_reads_on():
    read, write = os.pipe()
    os.close(read)
    ended = subprocess.run([*COMMAND, "data"], stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert ended.returncode == 141 and not ended.stderr


def test_sigterm_removes_what_is_half_written(tmp_path):
    script = """
import os, signal, sys
from xray_keras import cli, files
from xray_keras.commands import pipeline

def train(arguments):
    with files.publish("weights.h5") as temporary:
        temporary.write_text("half")
        os.kill(os.getpid(), signal.SIGTERM)

pipeline._train = train
sys.exit(cli.main(["train", "x"]))
"""
    ended = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, check=False)
    assert ended.returncode == 143 and not list(tmp_path.iterdir())
    assert ended.stderr == b"xray-keras: stopped; the same command goes on after the last completed epoch\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "x"], "the same command goes on after the last completed epoch"),
        (["cache", "x", "--size", "8"], "the same command goes on after the last decoded image"),
        (["textfilter", "x", "--out", "x.csv"], "no table was written; drawings so far stay"),
        (["readme"], "whole files stay, and none is half-written"),
        (["audit"], "whole files stay, and none is half-written"),
    ],
)
def test_ctrl_c_says_what_stays(arguments, words, monkeypatch, capsys):
    def interrupt(_):
        raise KeyboardInterrupt

    modules = {
        "train": "pipeline",
        "cache": "pipeline",
        "textfilter": "images",
        "readme": "pages",
        "audit": "review",
    }
    monkeypatch.setattr(f"xray_keras.commands.{modules[arguments[0]]}._{arguments[0]}", interrupt)
    assert cli.main(arguments) == 130
    assert capsys.readouterr().err == f"xray-keras: stopped; {words}\n"


@pytest.mark.parametrize(
    ("changed", "verbose"),
    [
        ({}, 1),
        ({"NO_COLOR": "1"}, 0),
        ({"NO_COLOR": ""}, 1),
        ({"TERM": "dumb"}, 0),
        ({environment.THREADS: "1"}, 0),
    ],
)
def test_keras_draws_its_coloured_bar_on_a_terminal_that_wants_it_alone(changed, verbose, monkeypatch):
    for name in ("NO_COLOR", environment.THREADS):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in changed.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert environment.verbosity() == verbose
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False, raising=False)
    assert environment.verbosity() == 0
