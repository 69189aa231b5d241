import pytest

from xray_keras.doctor import packages
from xray_keras.doctor.child import Answer
from xray_keras.doctor.finding import FAILED, NOTE, OK

NEEDED = {one.name: "9999" for one in packages.requirements()}


@pytest.fixture
def found(monkeypatch, tmp_path):
    """The findings, by name, for what is said to be installed."""
    monkeypatch.setattr(packages.child, "ask", lambda *_: Answer("1.2\n"))
    monkeypatch.setattr(packages, "LOCK", tmp_path / "constraints.txt")
    packages.LOCK.write_text(
        "numpy==9999\n    # via keras\nkeras==9999 ; python_version >= '3'\nnumpy==1 ; python_version < '3'\n"
    )

    def examine(**changed):
        names = {name.replace("_", "-"): version for name, version in changed.items()}
        installed = {**NEEDED, "tensorflow-cpu": "2.21.0", **names}
        monkeypatch.setattr(
            packages, "_installed", lambda: {name: version for name, version in installed.items() if version}
        )
        return {finding.name: finding for finding in packages.examine()}

    return examine


def test_what_is_needed_comes_from_setup_cfg():
    assert {"keras", "numpy", "onnxruntime", "shapely", "pillow"} <= set(NEEDED)
    assert not {"pytest", "tensorflow-cpu", "safetensors"} & set(NEEDED)


def test_all_in_order(found):
    assert {finding.state for finding in found().values()} == {OK}
    assert "keras 9999" in found()["packages"].said and "2 packages" in found()["versions"].said


def test_a_package_that_is_missing_or_too_old_fails(found):
    missing = found(shapely=None)["packages"]
    assert missing.state == FAILED and "shapely is not installed" in missing.said and missing.remedy
    old = found(keras="3.14.9")["packages"]
    assert old.state == FAILED and "keras is 3.14.9, needed >=3.15" in old.said


def test_one_tensorflow_and_not_two(found):
    both = found(tensorflow="2.21.0")["TensorFlow's package"]
    assert both.state == FAILED and "both" in both.said and "delete .venv" in both.remedy
    assert found(tensorflow_cpu=None)["TensorFlow's package"].state == FAILED
    assert found(tensorflow_cpu=None, tensorflow="2.21.0")["TensorFlow's package"].state == OK


def test_other_versions_than_the_lock_are_noted(found):
    noted = found(numpy="10000")["versions"]
    assert (
        noted.state == NOTE and "1 of 2 packages differ" in noted.said and "numpy 10000 (9999)" in noted.said
    )
    assert noted.facts == {"numpy": {"installed": "10000", "locked": "9999"}}
    packages.LOCK.unlink()
    assert found()["versions"].state == NOTE


def test_the_lock_of_the_suite_is_read_for_this_machine():
    pins = packages.pins((packages.ROOT / "constraints.txt").read_text())
    assert pins["keras"] == packages._installed()["keras"]
    assert "colorama" not in pins or packages.sys.platform == "win32"


def test_an_onnx_runtime_that_crashes_fails(found, monkeypatch):
    found()
    monkeypatch.setattr(packages.child, "ask", lambda *_: Answer("", "it crashed (SIGSEGV)"))
    failed = [finding for finding in packages.examine() if finding.state == FAILED]
    assert [finding.name for finding in failed] == ["ONNX Runtime"] and "SIGSEGV" in failed[0].said


def test_without_setup_cfg_the_installation_says_what_is_needed(monkeypatch, tmp_path):
    monkeypatch.setattr(packages, "ROOT", tmp_path)
    monkeypatch.setattr(packages.metadata, "requires", lambda _: ["numpy", 'pytest; extra == "dev"'])
    assert [one.name for one in packages.requirements()] == ["numpy"]

    def gone(_):
        raise packages.metadata.PackageNotFoundError

    monkeypatch.setattr(packages.metadata, "requires", gone)
    assert packages.requirements() is None
    assert packages._required({}).state == FAILED
