import numpy as np
import pytest

from tests.reporting.minaee2020 import fake_runs
from xray_keras.datasets import populations


@pytest.fixture(scope="session")
def phantom(tmp_path_factory):
    return fake_runs.write_all(tmp_path_factory.mktemp("phantom"), "phantom")


@pytest.fixture(scope="session")
def subset(tmp_path_factory):
    return fake_runs.write_all(tmp_path_factory.mktemp("subset"), "subset", of_source=3.0)


@pytest.fixture
def pixels(monkeypatch):
    class Grey:
        def images(self, rows, size):
            return np.full((len(rows), size, size), 128, np.uint8)

    monkeypatch.setattr(populations, "source", lambda population: Grey())
