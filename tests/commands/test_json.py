"""With --json standard output is one document, with the keys that the verb's help names."""

import json
import re
from pathlib import Path

import pytest

from tests.reporting.conftest import scores, truth
from xray_keras import cli, files
from xray_keras.papers import loader

PARSER = cli._parser()
SETTINGS = {"dataset": "nih", "images": "all", "max_images": None}


def document(capsys, *arguments, status: int = 0) -> dict:
    """What a verb prints with --json."""
    assert cli.main([*map(str, arguments), "--json"]) == status
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def predictions(tmp_path):
    path = tmp_path / "predictions.parquet"
    scores(truth(), ("Mass", "Effusion"), 1.0, 3).to_parquet(path)
    return path


def test_verbs_with_json():
    offered = {name for name, parser in PARSER.verbs.items() if "--json" in parser.format_help()}
    wanted = {"data", "doctor", "audit", "score", "leaks", "weights", "screen", "examine", "evaluate"}
    assert wanted <= offered
    for verb in wanted:
        assert re.search(r"With --json, for scripts, .*\"\w+\"", PARSER.verbs[verb].description), verb


def test_audit_of_the_papers(tmp_path, capsys):
    papers = document(capsys, "audit", "-o", tmp_path / "audit")["papers"]
    assert [paper["paper"] for paper in papers] == list(loader.names())
    for paper in papers:
        assert sum(paper["claims"].values()) == len(paper["answers"])
        failing = [check["name"] for check in paper["checks"] if check["verdict"] == "fails"]
        decided = {answer["because"] for answer in paper["answers"] if answer["verdict"] == "fails"}
        assert decided <= set(failing)
    assert (tmp_path / "audit" / "index.md").is_file()


def test_audit_of_a_table(tmp_path, capsys):
    path = tmp_path / "table.csv"
    path.write_text("model,recall,specificity,precision,f1\nA,0.9,0.8,0.5,0.643\nB,0.9,0.8,0.5,0.9\n")
    found = document(capsys, "audit", path, status=1)
    assert not found["possible"] and [row["possible"] for row in found["rows"]] == [True, False]
    assert "F1 0.9 is not" in found["rows"][1]["problems"][0] and found["rows"][0]["problems"] == []


def test_score_and_evaluate_say_what_their_files_say(predictions, capsys):
    scored = document(capsys, "score", predictions, "--paper", "ali2019", "--table", "table2")
    assert all(Path(path).is_file() for path in scored.pop("written"))
    run = predictions.parent
    files.write_json(run / "config.json", SETTINGS)
    assert document(capsys, "evaluate", run) == files.read_json(run / "metrics.json") == scored
    assert set(scored["labels"]) == {"Mass", "Effusion"}


def test_leaks(tmp_path, capsys):
    (tmp_path / "train.txt").write_text("00000001_000.png\n00000002_000.png\n")
    (tmp_path / "test.txt").write_text("00000001_001.png\n00000003_000.png\n")
    found = document(capsys, "leaks", tmp_path / "train.txt", tmp_path / "test.txt", status=1)
    assert found == {
        "images": 2, "patients": 2, "seen_images": 0, "seen_patients": 1, "exposed_images": 1
    }  # fmt: skip


def test_weights_listed(capsys):
    listed = document(capsys, "weights")["weights"]
    assert {"vgg16", "densenet121"} <= {row["architecture"] for row in listed}
    assert all(row["licence"] and row["official"] for row in listed)


def test_weights_fetched_say_the_words_elsewhere(monkeypatch, capsys):
    from xray_keras.models import weight_check

    def fetch(architectures, photographs):
        print("words")
        return [{"architecture": name} for name in architectures]

    monkeypatch.setattr(weight_check, "command", fetch)
    assert cli.main(["weights", "--fetch", "vgg16", "--json"]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out) == {"weights": [{"architecture": "vgg16"}]} and shown.err == "words\n"
