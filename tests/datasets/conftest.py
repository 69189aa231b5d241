import pytest
from fake_source import Fake


@pytest.fixture
def fake(tmp_path):
    return Fake(tmp_path / "log")
