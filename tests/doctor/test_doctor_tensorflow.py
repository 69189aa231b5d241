import json
import os
import sys

import pytest

from xray_keras.doctor import child, tensorflow
from xray_keras.doctor.finding import FAILED, NOTE, OK

GOOD = {
    "tensorflow": "2.21",
    "keras": "3.15",
    "backend": "tensorflow",
    "gpus": [],
    "cuda": False,
    "sound": True,
}


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """The findings where the child runs other code than the suite's."""
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(tensorflow.shutil, "which", lambda _: None)

    def examine(code, **changed):
        lines = f'print("{tensorflow._MARK}" + {json.dumps(GOOD | changed)!r})'
        monkeypatch.setattr(tensorflow, "CODE", code or f'print("noise")\n{lines}')
        return list(tensorflow.examine())

    return examine


def test_a_good_answer(asked):
    works, gpu = asked("")
    assert (works.state, gpu.state) == (OK, OK)
    assert works.said == "2.21 with Keras 3.15 imports and computes" and gpu.said.startswith("none")
    assert asked("", gpus=["H200"])[1].said == "TensorFlow sees H200"


def test_a_crash_of_the_child_is_only_a_finding(asked):
    (crashed,) = asked("import os, signal; os.kill(os.getpid(), signal.SIGILL)")
    assert crashed.state == FAILED and "SIGILL" in crashed.said and "AVX" in crashed.remedy


def test_an_import_that_fails_says_its_last_line(asked):
    (failed,) = asked("raise ImportError('no libcudart')")
    assert failed.state == FAILED and "ImportError: no libcudart" in failed.said and ".venv" in failed.remedy
    (silent,) = asked("pass")
    assert silent.state == FAILED and "printed nothing" in silent.said


def test_a_child_that_hangs_is_ended(asked, monkeypatch):
    monkeypatch.setattr(tensorflow, "SECONDS", 0.5)
    (hung,) = asked("import time; time.sleep(60)")
    assert hung.state == FAILED and "no answer within 0.5 s" in hung.said and "less busy" in hung.remedy


def test_another_backend_fails_whether_it_imports_or_not(asked, monkeypatch, tmp_path):
    other, _ = asked("", backend="jax")
    assert other.state == FAILED and "jax" in other.said and "KERAS_BACKEND" in other.remedy
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    assert "compute with torch" in asked("raise ImportError('torch')")[0].remedy
    monkeypatch.delenv("KERAS_BACKEND")
    (tmp_path / "keras.json").write_text('{"backend": "jax"}')
    assert "compute with jax" in asked("raise ImportError('jax')")[0].remedy
    (tmp_path / "keras.json").write_text("[]")
    assert tensorflow.backend() == "tensorflow"


def test_wrong_numbers_fail(asked):
    assert asked("", sound=False)[0].state == FAILED


@pytest.mark.parametrize(("cuda", "words"), [(False, "TF=gpu"), (True, "driver")])
def test_a_card_that_is_not_used_is_noted(asked, monkeypatch, cuda, words):
    monkeypatch.setattr(tensorflow, "_card", lambda: "NVIDIA H200")
    gpu = asked("", cuda=cuda)[1]
    assert gpu.state == NOTE and "NVIDIA H200" in gpu.said and words in gpu.remedy


def test_the_name_of_a_card(monkeypatch, tmp_path):
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'NVIDIA H200'\necho 'NVIDIA H200'\n")
    program.chmod(0o755)
    monkeypatch.setattr(tensorflow.shutil, "which", lambda _: str(program))
    assert tensorflow._card() == "NVIDIA H200"
    program.write_text("#!/bin/sh\necho 'could not talk to the driver'\nexit 9\n")
    assert tensorflow._card() == ""


def test_the_real_tensorflow_of_the_suite():
    works, gpu = tensorflow.examine()
    assert works.state == OK and works.facts["sound"] and isinstance(gpu.facts["gpus"], list)


def test_a_program_that_cannot_be_started(tmp_path):
    assert "cannot be started" in child.ask([str(tmp_path / "none")], 1).failure
    assert child.ask([sys.executable, "-c", "import sys; sys.exit(3)"], 20).failure == "exit status 3"
    assert (
        child.ask(
            [sys.executable, "-c", "import os; print(os.environ['A'])"], 20, {**os.environ, "A": "b"}
        ).printed
        == "b\n"
    )
