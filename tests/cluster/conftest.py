"""A Ray cluster on this machine: a head that works not, and two nodes of one processor each."""

from collections.abc import Iterator
from typing import Any

import pytest

_NODE = {"object_store_memory": 80 << 20, "memory": 4 << 30}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """As `ray start --head` and two times `ray start --address=…` would make it."""
    pytest.importorskip("ray", reason="needs Ray: pip install -e '.[ray]'")
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_memory_monitor_refresh_ms", "0")  # or Ray kills workers for the memory of others
        patch.setenv("RAY_health_check_period_ms", "1000")  # a node that has gone is noticed sooner
        begun = Cluster(
            initialize_head=True, head_node_args={**_NODE, "num_cpus": 0, "include_dashboard": False}
        )
        begun.add_node(num_cpus=1, **_NODE)
        begun.add_node(num_cpus=1, **_NODE)
        yield begun
        begun.shutdown()
