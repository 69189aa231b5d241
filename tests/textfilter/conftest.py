import pytest
from filter_world import write_network


@pytest.fixture(scope="session")
def network_file(tmp_path_factory):
    """A network for which bright regions show text, its card beside it."""
    return write_network(tmp_path_factory.mktemp("network"))
