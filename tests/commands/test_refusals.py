"""Whatever is wrong with what a user names: one sentence, exit status 2, and nothing is written."""

import errno
import sys
from pathlib import Path

import pytest

from tests.reporting.conftest import scores, truth
from xray_keras import cli, experiment, files

PARSER = cli._parser()
OF_A_RUN = [
    verb
    for verb, parser in PARSER.verbs.items()
    if [action.dest for action in parser._get_positional_actions()] in (["run"], ["runs"])
    and verb != "evaluate"
]
SETTINGS = {"dataset": "nih", "images": "all", "max_images": None, "model": "vgg16", "labels": ["Mass"]}


def refused(capsys, *arguments: str) -> str:
    """The sentence that `xray-keras` says of arguments that it refuses."""
    try:
        status = cli.main(arguments)
    except SystemExit as ended:
        status = ended.code
    shown = capsys.readouterr()
    assert status == 2 and not shown.out
    assert shown.err.startswith("xray-keras") and shown.err.count("\n") == 1
    return shown.err


def everything(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["tabel"], "there is no verb 'tabel'; did you mean table?"),
        (["xyz"], "there is no verb 'xyz'; `xray-keras --help` lists them"),
        (["train"], "required: RUN; `xray-keras train --help` shows how it is used"),
        (["cache", "x", "--size", "y"], "invalid int value: 'y'; `xray-keras cache --help`"),
        (["completion", "ksh"], "no completion for 'ksh'; choose one of bash, zsh, fish, tcsh"),
    ],
)
def test_what_is_mistyped(arguments, words, capsys):
    assert words in refused(capsys, *arguments)


@pytest.mark.parametrize("verb", OF_A_RUN)
def test_what_is_no_run(verb, tmp_path, monkeypatch, capsys):
    """Before TensorFlow is imported, which takes seconds."""
    assert {"train", "predict", "speed", "shortcuts"} <= set(OF_A_RUN)
    monkeypatch.setattr(f"{experiment.__name__}.population", None)  # nobody comes so far
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    files.write_text(tmp_path / "cut" / "config.json", '{"row": ')
    files.write_json(tmp_path / "list" / "config.json", [])
    files.write_json(tmp_path / "bare" / "config.json", {})
    (tmp_path / "folder" / "config.json").mkdir(parents=True)
    before = everything(tmp_path)
    for name, words in {
        "nosuch": "is absent",
        "file": "is a file",
        "empty": "holds no config.json",
        "cut": "is not valid JSON",
        "list": "does not hold the settings of a run",
        "bare": "does not hold the settings of a run",
        "folder": "holds no config.json",
    }.items():
        sentence = refused(capsys, verb, str(tmp_path / name))
        assert f"{tmp_path / name}" in sentence and words in sentence
    assert everything(tmp_path) == before


@pytest.mark.parametrize("verb", ["table", "figure"])
def test_what_is_no_run_to_render(verb, tmp_path, capsys):
    artefact, output = f"ali2019/{verb}2", str(tmp_path / "page")
    assert "is absent" in refused(capsys, verb, artefact, str(tmp_path / "nosuch"), "-o", output)
    files.write_json(tmp_path / "list" / "config.json", [])
    assert "settings of a run" in refused(capsys, verb, artefact, str(tmp_path / "list"), "-o", output)


@pytest.mark.parametrize(
    ("artefact", "words"),
    [
        ("ali2019/table9", "choose one of ali2019/figure2, ali2019/figure3"),
        ("ali2019/__name__", "choose one of ali2019/figure2"),
        ("ali2019", "choose one of ali2019/figure2"),
        ("nosuch/table2", "choose one of ali2019/..., cohen2019/..."),
        ("site/write", "choose one of ali2019/..."),
        ("../x", "choose one of ali2019/..."),
    ],
)
def test_what_is_no_artefact(artefact, words, tmp_path, capsys):
    assert words in refused(capsys, "table", artefact, str(tmp_path), "-o", str(tmp_path / "page"))


def test_names_of_modules_that_there_are_not(tmp_path, capsys):
    for what, package in (("trainer", "training"), ("model", "models")):
        files.write_json(tmp_path / "config.json", {**SETTINGS, what: "nonsense"})
        sentence = refused(capsys, "train", str(tmp_path))
        assert f"names the {what} 'nonsense'" in sentence and f"xray_keras.{package}" in sentence


def test_what_describes_no_images(tmp_path, capsys):
    for content in ([], {}, {"dataset": "nih"}):
        files.write_json(tmp_path / "population.json", content)
        for arguments in (["manifest"], ["cache", "--size", "16"]):
            assert "does not describe images" in refused(capsys, *arguments, str(tmp_path))


def test_a_text_network_is_asked_for_its_shortcuts_alone(tmp_path, capsys):
    files.write_json(tmp_path / "config.json", {**SETTINGS, "trainer": "supervised"})
    assert "no run of a text network but of supervised" in refused(capsys, "shortcuts", str(tmp_path))


@pytest.mark.parametrize("verb", ["examine", "export", "page", "browse"])
def test_a_model_that_is_not_there(verb, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "tensorflow", None)  # asked before it is imported
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    for name in ("nosuch", "empty"):
        arguments = {
            "examine": ["x.png", "--classifier", name],
            "export": [name, "-o", "x.onnx"],
            "page": [name, "-o", "x"],
            "browse": [name, "--gate", name],
        }[verb]
        assert refused(capsys, verb, *arguments).startswith(f"xray-keras: {name} ")
    assert everything(tmp_path) == [tmp_path / "empty"]


def test_tables_that_predictions_cannot_fill(tmp_path, capsys):
    path = tmp_path / "mine.csv"
    scores(truth(), ("Mass",), 1.0, 3).to_csv(path, index=False)
    sentence = refused(capsys, "score", str(path), "--paper", "cohen2019", "--table", "table1")
    assert "choose one of ali2019 table2, ali2019 table3" in sentence


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOENT, "x.csv is absent; check its name"),
        (errno.EISDIR, "x.csv is a folder; name a file"),
        (errno.ENOTDIR, "a part of its path is a file"),
        (errno.EACCES, "x.csv is closed to you"),
        (errno.ENOSPC, "cannot write x.csv: the disk is full"),
        (errno.EIO, "x.csv"),
    ],
)
def test_errors_of_the_system_that_nobody_has_put_into_words(number, words, monkeypatch, capsys):
    def fail(_):
        raise OSError(number, "as the system says it", "x.csv")

    monkeypatch.setattr("xray_keras.commands.pages._readme", fail)
    assert words in refused(capsys, "readme")


def test_a_file_of_a_run_that_is_absent_is_named_with_the_verb_that_writes_it(tmp_path):
    for name, verb in files._WRITTEN_BY.items():
        assert verb in PARSER.verbs
        with pytest.raises(cli.UserError, match=rf"{name} is absent; .*: xray-keras {verb} {tmp_path}$"):
            files.read_json(tmp_path / name)
