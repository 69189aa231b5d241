from functools import partial
from types import SimpleNamespace

import pytest

from tests.reporting.gan_notes import laboratory_runs
from xray_keras.evaluation import arms
from xray_keras.reporting import gan_notes
from xray_keras.reporting.gan_notes import audits, diversity, found
from xray_keras.reporting.gan_notes.evidence import Evidence


@pytest.fixture(scope="session")
def quick():
    """A fifth of the resamples."""
    with pytest.MonkeyPatch.context() as patch:
        # In this module alone: the session goes on to tests of others that evaluate arms.
        patch.setattr(found, "arms", SimpleNamespace(evaluate=partial(arms.evaluate, resamples=200)))
        yield


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    return laboratory_runs.write(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="session")
def written(lab, quick, tmp_path_factory):
    output = tmp_path_factory.mktemp("reports") / "laboratory"
    gan_notes.laboratory(lab, output)
    return output


@pytest.fixture(scope="session")
def world(quick, tmp_path_factory):
    """Evidence from runs with other numbers."""

    def make(**numbers) -> Evidence:
        runs = found.find(laboratory_runs.write(tmp_path_factory.mktemp("runs"), **numbers))
        return Evidence(runs, diversity.measure(runs), audits.read(runs))

    return make
