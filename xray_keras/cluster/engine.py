"""Ray, as far as the suite needs it: connect, run a stage somewhere, repeat it where its process or node has died."""

import logging
import os
import sys
from collections.abc import Sequence
from importlib import util
from pathlib import Path
from typing import Any

from xray_keras.cluster import stages, task
from xray_keras.cluster.stages import Resources
from xray_keras.errors import UserError, reason

GIGABYTE = 1 << 30


class Engine:
    """A connection to a cluster.

    Attributes:
        told: what was found, one line.
    """

    def __init__(self, address: str, command: Sequence[str], retries: int):
        """Connect.

        Args:
            address: of the cluster, `host:port` or "auto"; "" for the one that runs here, or else a new one of this
                machine alone, which ends with the driver.
            command: what stages are words for: a Python, and the suite's module or a script.
            retries: how often a stage is begun again when it was killed or its node went.

        Raises:
            UserError: Ray is not installed, or no cluster answers.
        """
        if util.find_spec("ray") is None:
            raise UserError(
                "ENGINE=ray needs Ray, which is not installed; "
                "say .venv/bin/python -m pip install --require-hashes -r locks/ray.txt"
            )
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # or it reports to its makers
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        import ray

        self._ray: Any = ray
        self._command = [command[0], "-m", "xray_keras.cluster.guarded", *command[1:]]
        self._retries = retries
        self._warned: set[Resources] = set()
        try:
            ray.init(address=address or None, log_to_driver=False, logging_level=logging.ERROR)
        except (ConnectionError, ValueError, RuntimeError, TimeoutError) as error:
            where = f"RAY_ADDRESS={address}" if address else "Ray"
            raise UserError(
                f"{where} does not answer ({reason(error)}); start a cluster with `ray start --head`, and name it"
            ) from None
        nodes = self._nodes()
        total = [sum(node.get(kind, 0) for node in nodes) for kind in ("CPU", "GPU", "memory")]
        self.told = (
            f"Ray {ray.__version__}, {len(nodes)} node{'s' if len(nodes) > 1 else ''}: {total[0]:g} CPU, "
            f"{total[1]:g} GPU, {total[2] / GIGABYTE:.0f} GB"
        )

    def _nodes(self) -> list[dict[str, float]]:
        return [node["Resources"] for node in self._ray.nodes() if node["Alive"]]

    def run(self, words: Sequence[str], resources: Resources) -> task.Ended:
        """Run one stage on the cluster and wait for its end; callable from several threads."""
        self._warn(resources)
        folder = Path.cwd()
        log = folder / stages.log(words)
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(f"{' '.join(words)}: {resources}\n", encoding="utf-8")
        remote = self._ray.remote(
            task.run
        ).options(
            name=" ".join(words[:2]),
            num_cpus=resources.cpus,
            num_gpus=resources.gpus,
            memory=int((resources.memory or 0) * GIGABYTE),
            max_retries=0,  # below, where it can be told in a sentence and a killed process counts like a lost node
        )
        given = ([*self._command, *words], str(folder), stages.environment(resources, os.environ), str(log))
        for attempt in range(1, self._retries + 2):
            ended = self._attempt(remote, given)
            if not ended.lost:
                break
            if attempt <= self._retries:
                said = f"{' '.join(words[:2])}: {ended.said}; goes on, attempt {attempt + 1}"
                print(said, file=sys.stderr, flush=True)
        return ended._replace(attempts=attempt)

    def _attempt(self, remote: Any, given: Sequence[Any]) -> task.Ended:
        errors = self._ray.exceptions
        try:
            return self._ray.get(remote.remote(*given))
        except (errors.WorkerCrashedError, errors.LocalRayletDiedError):
            return task.Ended(2, "", 0.0, "its worker was killed", lost=True)
        except (errors.NodeDiedError, errors.ObjectLostError):
            return task.Ended(2, "", 0.0, "its node has gone", lost=True)
        except errors.OutOfMemoryError:
            said = "its node ran out of memory and killed it (say MEMORY=, gigabytes a task)"
            return task.Ended(2, "", 0.0, said, lost=True)
        except errors.RayError as error:
            return task.Ended(2, "", 0.0, f"Ray could not run it ({reason(error)})")

    def _warn(self, resources: Resources) -> None:
        """Say it where nothing of the cluster can ever hold such a task: an autoscaler may add a node, or nobody."""
        asked = {"CPU": resources.cpus, "GPU": resources.gpus, "memory": (resources.memory or 0) * GIGABYTE}
        holds = any(
            all((value or 0) <= node.get(kind, 0) for kind, value in asked.items()) for node in self._nodes()
        )
        if not holds and resources not in self._warned:
            self._warned.add(resources)
            print(
                f"xray-keras: no node has {resources}, so tasks that ask for it wait for one; "
                "say CPUS=, GPUS= or MEMORY=, or add a node",
                file=sys.stderr,
                flush=True,
            )

    def close(self) -> None:
        """Leave the cluster: what is still running there is killed."""
        self._ray.shutdown()
