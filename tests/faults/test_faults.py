"""The short form of `make faults`: a seeded trial of each kind at stages that take a second, and one that must fail."""

import shutil

import pytest

from xray_keras import files

from . import faults, project, trials
from .__main__ import table
from .reference import Reference
from .stages import RUNS, STAGES
from .trial import Trial

SHORT = {
    "SIGKILL": "cache",
    "SIGTERM": "evaluate",
    "Ctrl-C": "table",
    "make is killed, its stage is not": "cache",
    "two makes of one target": "evaluate",
    "disk full": "cache",
    "output cut": "table",
    "output with wrong bytes": "evaluate",
    "cache page with wrong bytes": "train",
    "killed, and what it kept damaged": "cache",
    "clock jumps within a stage": "manifest",
}
"""Kind → stage; what the others add is in `tests/test_makefile.py`."""


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """A project of one run, and a server that is warm."""
    folder = tmp_path_factory.mktemp("faults")
    if not shutil.which("make"):
        pytest.skip("there is no make")
    with project.Server(folder) as server:
        yield Reference(folder, server.command, ["plain"])


@pytest.mark.parametrize("kind", SHORT)
def test_the_next_make_resumes_or_names_the_broken_file(kind, reference, tmp_path):
    found = trials.run(list(faults.KINDS).index(kind), 0, kind, SHORT[kind], reference, tmp_path / "project")
    if found.verdict == trials.SKIPPED:
        pytest.skip(found.said)
    assert found.verdict in (trials.RESUMED, trials.NAMED), f"{found.done}: {found.said}"


def test_a_broken_file_that_is_used_is_noticed(reference, tmp_path, monkeypatch):
    def forged(trial: Trial) -> tuple[()]:
        path = trial.folder / RUNS / "plain" / "metrics.json"
        metrics = files.read_json(path)
        metrics["labels"]["Effusion"]["auc"]["value"] = 0.999
        files.write_json(path, metrics)  # under a seal that fits
        return ()

    monkeypatch.setitem(faults.KINDS, "SIGKILL", faults.Kind(forged, ("table",)))
    found = trials.run(0, 0, "SIGKILL", "table", reference, tmp_path / "project")
    assert found.verdict == trials.WRONG
    assert "table2.csv" in found.said and "metrics.json" in found.said
    assert "| SIGKILL | 0 | 0 | 0 | 1 |" in table([found])


def test_every_stage_and_kind_has_its_turn():
    planned = {trials.planned(number) for number in range(len(faults.KINDS) * 9)}
    assert planned == {(kind, stage) for kind, each in faults.KINDS.items() for stage in each.stages}
    assert set(STAGES) == {stage for _, stage in planned}
