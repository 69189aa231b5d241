import configparser
import os
import shutil
import sys
from pathlib import Path

import pytest

from xray_keras.doctor import machine
from xray_keras.doctor.child import Answer
from xray_keras.doctor.finding import FAILED, NOTE, OK

ROOT = Path(__file__).parents[2]


def found(folder):
    return {finding.name: finding for finding in machine.examine(folder)}


def test_the_pythons_are_those_of_setup_cfg():
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    (first, last) = machine.PYTHONS
    assert settings["options"]["python_requires"] == f">={first[0]}.{first[1]},<{last[0]}.{last[1] + 1}"


@pytest.mark.parametrize(
    ("version", "state"), [((3, 10, 9), FAILED), ((3, 11, 0), OK), ((3, 13, 5), OK), ((3, 14, 0), FAILED)]
)
def test_python_outside_the_range_fails(version, state, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "version_info", version)
    assert found(tmp_path)["Python"].state == state


def test_threads_that_are_set_are_noted(monkeypatch, tmp_path):
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    assert found(tmp_path)["processors"].state == OK
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    noted = found(tmp_path)["processors"]
    assert noted.state == NOTE and "OMP_NUM_THREADS=1" in noted.said
    assert noted.facts == {"processors": 2, "threads": {"OMP_NUM_THREADS": "1"}}


def test_memory_is_what_the_container_grants(monkeypatch, tmp_path):
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(machine, "_LIMITS", (str(tmp_path / "none"), str(limit)))
    limit.write_text("max\n")
    whole = found(tmp_path)["memory"].facts["bytes"]
    limit.write_text("2000000000\n")
    little = found(tmp_path)["memory"]
    assert little.state == NOTE and little.facts["bytes"] == 2_000_000_000 < whole
    monkeypatch.setattr(os, "sysconf", lambda _: 2**18)
    limit.write_text("max\n")
    assert found(tmp_path)["memory"].state == OK


@pytest.mark.parametrize(("free", "state"), [(0.5e9, FAILED), (3e9, NOTE), (50e9, OK)])
def test_room_on_the_disk(free, state, monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(100, 100, free))
    disk = found(tmp_path)["disk"]
    assert disk.state == state and (disk.remedy != "") == (state != OK)
    assert disk.facts == {"folder": str(tmp_path), "free": free}


def test_a_folder_that_cannot_be_written_fails(monkeypatch, tmp_path):
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    assert found(tmp_path)["disk"].state == FAILED and "not writable" in found(tmp_path)["disk"].said


@pytest.mark.parametrize(
    ("printed", "state"),
    [
        ("GNU Make 4.3\nBuilt for", OK),
        ("GNU Make 3.81", OK),
        ("GNU Make 3.80", FAILED),
        ("bmake", FAILED),
        ("", FAILED),
    ],
)
def test_make_must_be_gnu_make(printed, state, monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}")
    monkeypatch.setattr(machine.child, "ask", lambda *_: Answer(printed))
    assert found(tmp_path)["make"].state == state


def test_without_make_it_fails_and_without_git_it_does_not(monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert found(tmp_path)["make"].state == FAILED and found(tmp_path)["make"].remedy
    assert found(tmp_path)["git"].state == NOTE
