"""speed.json from turns made up by hand; a child process with one thread; the parts that need TensorFlow, narrow."""

import copy
import json
import sys

import numpy as np
import pytest

from xray_keras import files
from xray_keras.errors import UserError
from xray_keras.evaluation import speed

SMALL, LARGE = [256, 341], [500, 667]


def turns(network, size, *walls):
    made = [[list(wall), [value / 2 for value in wall]] for wall in walls]
    return {"network": network, "framework": "keras", "device": "cpu", "size": size, "turns": made}


FOUND = {
    "networks": {
        "MSP-Net": {"parameters": 9, "stored": 9, "own": LARGE},
        "Teacher Network": {"parameters": 5, "stored": 5, "own": SMALL},
        "Student Network": {"parameters": 2, "stored": 3, "own": SMALL},
    },
    "same": SMALL,
    "turns": [
        turns("MSP-Net", LARGE, [4.0], [6.0], [8.0]),
        turns("MSP-Net", SMALL, [1.0], [2.0], [3.0]),
        turns("Teacher Network", SMALL, [2.0], [1.0], [2.0]),
        turns("Student Network", SMALL, [0.1, 0.2, 0.3], [0.2], [0.5]),
    ],
    "absent": [{"framework": "keras", "device": "gpu", "reason": "no GPU"}],
    "disagreement": 1e-6,
    "versions": {"keras": "3"},
    "gpu": None,
    "seconds": 12.5,
}


def ratio(found, slow, fast, at):
    return next(
        each for each in found["ratios"] if (each["slow"], each["fast"], each["at"]) == (slow, fast, at)
    )


def test_times_have_medians_and_quartiles_over_all_calls():
    found = speed.summary(FOUND)
    student = found["times"][-1]
    values = [100, 200, 300, 200, 500]
    assert student["n"] == 5 and student["size"] == SMALL and found["rounds"] == 3
    q1, median, q3 = np.quantile(values, [0.25, 0.5, 0.75])
    assert student["wall_ms"] == pytest.approx({"median": median, "q1": q1, "q3": q3})
    assert student["cpu_ms"]["median"] == pytest.approx(median / 2)


def test_ratios_stand_for_each_networks_own_size_and_for_the_same():
    found = speed.summary(FOUND)
    own, same = (ratio(found, "MSP-Net", "Student Network", at) for at in ("own", "same"))
    assert (own["low"], own["median"], own["high"]) == pytest.approx((16, 20, 30))
    assert (same["low"], same["median"], same["high"], same["n"]) == pytest.approx((5, 6, 10, 3))
    teacher = ratio(found, "MSP-Net", "Teacher Network", "same")
    assert (teacher["low"], teacher["high"]) == pytest.approx((0.5, 2))
    assert len(found["ratios"]) == 2 * len(speed.PAIRS)


def test_the_file_says_what_was_measured_on_what(tmp_path, monkeypatch):
    monkeypatch.setattr(speed, "timed", lambda module: copy.deepcopy(FOUND))
    files.write_json(tmp_path / "config.json", {})
    speed.write(tmp_path)
    written = files.read_json(tmp_path / "speed.json")
    assert {"processor", "cores", "usable_cores", "gpu", "threads", "versions", "load_before"} <= set(
        written["machine"]
    )
    assert written["machine"]["threads"] == 1 and written["networks"] == FOUND["networks"]
    assert written["absent"][0]["reason"] == "no GPU" and "compiled" in written["method"]


def test_a_folder_without_a_run_is_refused_before_anything_is_timed(tmp_path, monkeypatch):
    monkeypatch.setattr(speed, "timed", lambda module: pytest.fail("timed"))
    with pytest.raises(UserError, match=r"config\.json is absent"):
        speed.write(tmp_path)


def module(folder, monkeypatch, text):
    (folder / "a_child.py").write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return "a_child"


def test_the_child_has_one_thread(tmp_path, monkeypatch):
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "7")
    name = module(
        tmp_path, monkeypatch, "import json, os, sys\njson.dump(dict(os.environ), open(sys.argv[1], 'w'))"
    )
    found = speed.timed(name)
    assert [found[variable] for variable in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")] == [
        "1",
        "1",
    ]
    assert found["OMP_NUM_THREADS"] == "1"


def test_a_child_that_fails_is_told_by_its_last_line(tmp_path, monkeypatch):
    name = module(tmp_path, monkeypatch, "print('noise')\nraise MemoryError('too little')")
    with pytest.raises(UserError, match=r"could not be timed \(MemoryError: too little\)"):
        speed.timed(name)


def test_the_processor_has_a_name(tmp_path):
    listing = tmp_path / "cpuinfo"
    listing.write_text("processor\t: 0\nmodel name\t: Any CPU @ 2.00GHz\nmodel name\t: other\n")
    assert speed.processor(listing) == "Any CPU @ 2.00GHz"
    assert speed.processor(tmp_path / "absent")


def test_the_module_that_writes_is_light():
    import subprocess

    code = (
        "import sys, xray_keras.evaluation.speed; print(sorted({'keras', 'tensorflow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.replace("'", '"')) == []
