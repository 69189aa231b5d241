"""Both verbs of the overview as a user types them."""

import json
import subprocess
import sys

import pytest

from xray_keras import cli
from xray_keras.doctor import examination, words
from xray_keras.doctor.finding import FAILED, NOTE, OK, Finding


@pytest.fixture
def found(monkeypatch):
    """Makes the examination find what a test says."""

    def finds(*findings):
        monkeypatch.setattr(examination, "examine", lambda data=None: iter(findings))

    return finds


def test_exit_status_and_words(found, capsys):
    found(Finding("a", OK, "fine"), Finding("b", NOTE, "optional", "wish for it"))
    assert cli.main(["doctor"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("ok      a: fine\nnote    b: optional\n        -> wish for it\n")
    assert printed.strip().endswith("Everything that is needed works. 1 to note; none of them stops a run.")
    found(Finding("a", OK, "fine"), Finding("c", FAILED, "broken", "mend it"))
    assert cli.main(["doctor"]) == 1
    printed = capsys.readouterr().out
    assert "FAILED  c: broken\n        -> mend it\n" in printed and "Does not work yet: c." in printed


def test_json(found, capsys):
    found(Finding("a", OK, "fine", facts={"n": 1}), Finding("c", FAILED, "broken", "mend it"))
    assert cli.main(["doctor", "--json"]) == 1
    value = json.loads(capsys.readouterr().out)
    assert value["in_order"] is False and [each["state"] for each in value["findings"]] == ["ok", "failed"]
    assert value["findings"][0] == {
        "name": "a",
        "state": "ok",
        "said": "fine",
        "remedy": None,
        "facts": {"n": 1},
    }


def test_long_words_wrap_below_themselves():
    lines = words.describe(Finding("a", NOTE, "word " * 40, "do " * 60)).splitlines()
    assert len(lines) > 3 and max(map(len, lines)) <= words.WIDTH
    assert all(line.startswith("        ") for line in lines[1:])


def test_a_part_that_cannot_be_imported_is_a_finding_and_the_others_go_on(monkeypatch):
    monkeypatch.setattr(examination, "_PARTS", {"weights": "ImageNet weights", "data": "data"})
    monkeypatch.setitem(sys.modules, "xray_keras.doctor.weights", None)
    found = {finding.name: finding for finding in examination.examine()}
    assert (
        found["ImageNet weights"].state == FAILED and "cannot be looked at" in found["ImageNet weights"].said
    )
    assert "data" in found and "Python" in found


def test_whatever_a_damaged_package_raises_is_a_finding(monkeypatch):
    def clash():
        raise ValueError("numpy.dtype size changed")

    monkeypatch.setattr(examination, "_PARTS", {"browser": "browser"})
    monkeypatch.setattr("xray_keras.doctor.browser.examine", clash)
    *_, last = examination.examine()
    assert last.state == FAILED and last.name == "browser" and "dtype size changed" in last.said


def test_doctor_imports_no_tensorflow_itself(tmp_path):
    """In a process of its own, its child shortened: what it says holds for the machine, which may lack something."""
    code = "import sys; from xray_keras import cli; from xray_keras.doctor import tensorflow; tensorflow.CODE = ''; "
    code += "status = cli.main(['doctor', '--json']); "
    code += (
        "print(status, sorted({'tensorflow', 'keras', 'onnxruntime'} & set(sys.modules)), file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert ended.stderr.strip().endswith("[]"), ended.stderr
    value = json.loads(ended.stdout)
    assert ended.stderr.split()[0] == "1" and not value["in_order"]  # a child that prints nothing
    names = [each["name"] for each in value["findings"]]
    assert names[0] == "Python" and {"packages", "TensorFlow", "ImageNet weights", "browser", "data"} <= set(
        names
    )


def test_data_as_a_user_types_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    assert cli.main(["data"]) == 0 and "phantom" in capsys.readouterr().out
    assert cli.main(["data", str(tmp_path)]) == 0 and "0 of the" in capsys.readouterr().out
    assert cli.main(["data", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["folder"] == str(tmp_path)
    (tmp_path / "icdar" / "train").mkdir(parents=True)
    assert cli.main(["data", str(tmp_path)]) == 1 and "CANNOT BE USED" in capsys.readouterr().out
    assert cli.main(["data", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_output_that_nobody_reads_ends_quietly():
    with subprocess.Popen(
        [sys.executable, "-m", "xray_keras", "data"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_words_fit_the_terminal(monkeypatch):
    finding = Finding(
        "weights", NOTE, "two of six architectures are in the cache", "fetch the others by make weights"
    )
    for columns, widest in (("40", 40), ("80", 80), ("500", words.WIDTH)):
        monkeypatch.setenv("COLUMNS", columns)
        assert max(map(len, words.describe(finding).splitlines())) <= widest
    monkeypatch.setenv("COLUMNS", "1")
    assert words.describe(finding)
