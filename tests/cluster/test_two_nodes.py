"""`make … ENGINE=ray` on two nodes: what make would leave, in the same folders, whatever is killed meanwhile."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
RUN = Path("runs/phantom-demo/sound")
STAND_IN = """
import os, sys, time
from pathlib import Path

verb, first, *rest = sys.argv[1:]
if verb == "plan":
    from xray_keras import cli
    sys.exit(cli.main(sys.argv[1:]))
made = {"manifest": ["manifest.csv"], "train": ["model.keras", "predictions.parquet"], "evaluate": ["metrics.json"]}
if verb == "train" and "broken" in first:
    sys.exit(f"xray-keras: {first} cannot be done; do something else")
for name in made.get(verb, []):
    (Path(first) / name).write_text("made")
if verb == "table":
    page = Path(rest[rest.index("-o") + 1] + ".md")
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text("a table")
began = time.time()
time.sleep(0.7 if verb == "train" else 0)
with open("log", "a") as log:
    print(verb, first, os.environ.get("OMP_NUM_THREADS"), os.getppid(), began, time.time(), file=log)
"""
TINY = """
from xray_keras.experiment import Experiment

EXPERIMENT = Experiment(
    row="Tiny", artefacts=("{table}",), source="nowhere", labels=("Infiltration",), model="binary_cnn",
    model_options={{"dropout": 0.25, "l2": 0.001}}, size=16, loss="cross_entropy", learning_rate=1e-3, batch_size=8,
    epochs=12, max_images=80, validation=0.2, seeds={seeds},
)
"""


def rows(folder: Path, seeds: int = 1, **tables: str) -> None:
    """Write experiments: row → the table that shows it."""
    (folder / "experiments" / "tiny").mkdir(parents=True)
    for row, table in tables.items():
        (folder / "experiments" / "tiny" / f"{row}.py").write_text(TINY.format(table=table, seeds=seeds))


def begin(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start make in a project of its own."""
    own = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
    return subprocess.Popen(
        ["make", *arguments], cwd=folder, env=own | {"PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Callable[[str], Path]:
    """Make a folder with the Makefile, as if the suite were installed in it."""

    def make(name: str) -> Path:
        folder = tmp_path / name
        (folder / ".venv" / "bin").mkdir(parents=True)
        shutil.copytree(ROOT / "locks", folder / "locks")
        for copied in ("Makefile", "setup.cfg"):
            shutil.copy(ROOT / copied, folder)
        python = folder / ".venv" / "bin" / "python"
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        python.chmod(0o755)
        for mark in ("installed-cpu", "installed-cpu-ray"):
            (folder / ".venv" / mark).touch()
        return folder

    return make


def test_stages_go_to_both_nodes_and_a_failure_stops_no_other(cluster: Any, project) -> None:
    folder = project("stand-ins")
    rows(folder, seeds=2, one="table1", two="table1", broken="table2")
    (folder / "stand_in.py").write_text(STAND_IN)
    xray, ray = f"XRAY={sys.executable} stand_in.py", ["ENGINE=ray", f"RAY_ADDRESS={cluster.address}"]
    begun = begin(folder, xray, "tiny", *ray, "MEMORY=0.5")
    said, _ = begun.communicate(timeout=120)
    assert begun.returncode == 2, said
    sentences = sorted(line for line in said.splitlines() if line.startswith("xray-keras: "))
    assert sentences == [
        f"xray-keras: train {run}: {run} cannot be done; do something else; its log is {run}/train.log"
        for run in (f"{RUN}/tiny/broken-seed1", f"{RUN}/tiny/broken")
    ]
    assert (
        (folder / RUN / "tiny/one/train.log")
        .read_text()
        .startswith(f"train {RUN}/tiny/one --predict: 1 CPU, 0.5 GB\n=== attempt on ")
    )
    done = [line.split() for line in (folder / "log").read_text().splitlines()]
    trained = [line for line in done if line[0] == "train"]
    names = ("one", "one-seed1", "two", "two-seed1")
    assert sorted(line[1] for line in trained) == [f"{RUN}/tiny/{name}" for name in names]
    assert all((folder / RUN / "tiny" / name / "metrics.json").is_file() for name in names)
    assert (folder / "reports/phantom/tiny/table1.md").is_file()
    assert not (folder / "reports/phantom/tiny/table2.md").exists()
    assert {line[2] for line in trained} == {"1"} and len({line[3] for line in trained}) > 1
    spans = [(float(line[4]), float(line[5])) for line in trained]
    together = [sum(begin <= at < end for begin, end in spans) for at, _ in spans]
    assert max(together) == 2, "two processors in all, and one a task"
    # Nothing is left to do but what failed.
    (folder / "log").unlink()
    begun = begin(folder, xray, "tiny-table1", *ray)
    said, _ = begun.communicate(timeout=120)
    assert begun.returncode == 0 and not (folder / "log").exists(), said


def test_a_task_that_no_node_can_hold_says_that_it_waits(cluster: Any, project) -> None:
    folder = project("waiting")
    rows(folder, net="table1")
    (folder / "stand_in.py").write_text(STAND_IN)
    begun = begin(folder, f"XRAY={sys.executable} stand_in.py", "tiny-table1", "ENGINE=ray",
                  f"RAY_ADDRESS={cluster.address}", "CPUS=5")  # fmt: skip
    assert begun.stdout is not None
    try:
        said = next((line for line in begun.stdout if line.startswith("xray-keras: ")), "")
        assert said.startswith(
            "xray-keras: no node has 5 CPU, 2 GB, so tasks that ask for it wait for one; say"
        )
    finally:
        os.killpg(begun.pid, signal.SIGINT)  # Ctrl-C
        said, _ = begun.communicate(timeout=60)
    assert begun.returncode and "stopped; the same command goes on" in said and "Traceback" not in said


def test_a_killed_worker_and_a_lost_node_change_no_bit(cluster: Any, project) -> None:
    plain, spread = project("plain"), project("spread")
    for folder in (plain, spread):
        rows(folder, net="table1")
    run, goal = RUN / "tiny/net", f"{RUN}/tiny/net/metrics.json"
    reference = begin(plain, goal, "JOBS=2")
    said, _ = reference.communicate(timeout=200)
    assert reference.returncode == 0, said

    begun = begin(spread, goal, "ENGINE=ray", f"RAY_ADDRESS={cluster.address}", "MEMORY=1")
    state, log = spread / run / "checkpoints/state.json", spread / run / "train.log"

    def after(epochs: int) -> int:
        """Wait until so many epochs are done; the worker that did them."""
        until = time.monotonic() + 100
        while not state.is_file() or len(json.loads(state.read_text())["history"]) < epochs:
            assert time.monotonic() < until and begun.poll() is None, log.is_file() and log.read_text()
            time.sleep(0.02)
        return int(log.read_text().split("worker ")[-1].split()[0])

    os.kill(after(2), signal.SIGKILL)
    done = len(json.loads(state.read_text())["history"])
    parent = (Path("/proc") / str(after(done + 2)) / "stat").read_text().rpartition(")")[2].split()[1]
    (node,) = [
        node for node in cluster.worker_nodes if node.all_processes["raylet"][0].process.pid == int(parent)
    ]
    cluster.remove_node(node, allow_graceful=False)
    said, _ = begun.communicate(timeout=200)
    assert begun.returncode == 0, said
    assert "its worker was killed; goes on, attempt 2" in said and "goes on, attempt 3" in said
    assert log.read_text().count("=== attempt") == 3 and log.read_text().count("going on after epoch") == 2
    assert (plain / run / "history.csv").read_bytes() == (spread / run / "history.csv").read_bytes()
    one, other = (pd.read_parquet(folder / run / "predictions.parquet") for folder in (plain, spread))
    assert one.equals(other)
