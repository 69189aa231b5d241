"""How fast are the networks of zhao2019's Table I? One picture, computing of the model only (IV.C).

What is timed are the networks as wide as the paper has them, whatever the run's are: no time depends on the values of
weights, and a demonstration's narrow networks would answer another question. The paper divides the time of a picture of
500 pixels by that of one of 256; here the ratio is taken so, and at the same size as well.
"""

import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from xray_keras import files
from xray_keras.errors import UserError
from xray_keras.evaluation import stopwatch
from xray_keras.evaluation.stopwatch import Turn

MODULE = "xray_keras.evaluation.timed_networks"
ONE_THREAD = dict.fromkeys(("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"), "1")
METHOD = (
    "one picture a call, computing of the model only, the result fetched; warm; float32 with each framework's own "
    "settings (on a GPU possibly TF32); Keras as a compiled function without XLA, ONNX Runtime sequentially; all "
    "in turns, round after round"
)
MSP_NET, TEACHER, STUDENT = "MSP-Net", "Teacher Network", "Student Network"
PAIRS = ((MSP_NET, STUDENT), (TEACHER, STUDENT), (MSP_NET, TEACHER))
"""Slow and fast."""
FILE = "speed.json"


def write(run: Path) -> None:
    """Write `<run>/speed.json`; takes about two minutes on one core.

    It holds "machine"; "method"; "rounds"; "seconds"; "networks": printed row → "parameters" (trained), "stored" (all),
    "own" [height, width]; "same": [height, width]; "times": a list of "network", "framework" ("keras",
    "onnxruntime"), "device" ("cpu", "gpu"), "size", "wall_ms" and "cpu_ms" (of all threads) with "median", "q1", "q3",
    and "n" calls; "ratios": a list of "slow", "fast", "framework", "device", "at" ("own" or "same" size) with
    "median", "q1", "q3", "low" and "high" (least and greatest) over the "n" rounds; "absent": a list of
    "framework", "device" and "reason"; "disagreement": the largest difference of a probability between the frameworks.

    Args:
        run: a run's folder.

    Raises:
        UserError: it is none, or the networks could not be timed.
    """
    files.read_json(run / "config.json")
    print("Timing the networks of Table I on one thread, as wide as the paper has them; about two minutes")
    load = _load()
    found = timed(MODULE)
    machine = {**describe(found), "load_before": load, "load_after": _load()}
    files.write_json(run / FILE, {"machine": machine, "method": METHOD, **summary(found)})


def timed(module: str) -> dict[str, Any]:
    """What a module of this package writes, run in a process of its own with one thread.

    Raises:
        UserError: it failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "timed.json"
        environment = {**os.environ, **ONE_THREAD, "TF_CPP_MIN_LOG_LEVEL": "3"}
        command = [sys.executable, "-m", module, str(output)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
            raise UserError(
                f"the networks could not be timed ({last}); they need TensorFlow, ONNX Runtime and 5 GB of memory"
            )
        return files.read_json(output)


def summary(found: Mapping[str, Any]) -> dict[str, Any]:
    """Medians, quartiles and ratios of what `timed_networks.measure` found, as in speed.json."""
    turns = {
        (each["network"], each["framework"], each["device"], tuple(each["size"])): [
            Turn(*turn) for turn in each["turns"]
        ]
        for each in found["turns"]
    }
    return {
        "rounds": len(next(iter(turns.values()))),
        "seconds": found["seconds"],
        "networks": found["networks"],
        "same": found["same"],
        "times": [
            {
                **dict(zip(("network", "framework", "device"), key[:3], strict=True)),
                "size": list(key[3]),
                "wall_ms": _quartiles([1e3 * value for turn in each for value in turn.wall]),
                "cpu_ms": _quartiles([1e3 * value for turn in each for value in turn.cpu]),
                "n": sum(len(turn.wall) for turn in each),
            }
            for key, each in turns.items()
        ],
        "ratios": list(_ratios(found, turns)),
        "absent": found["absent"],
        "disagreement": found["disagreement"],
    }


def _ratios(
    found: Mapping[str, Any], turns: Mapping[tuple[str, str, str, tuple[int, ...]], Sequence[Turn]]
) -> Iterator[dict[str, Any]]:
    ways = dict.fromkeys((framework, device) for _, framework, device, _ in turns)
    for slow, fast in PAIRS:
        for at in ("own", "same"):
            sizes = [
                tuple(found["networks"][name]["own"] if at == "own" else found["same"])
                for name in (slow, fast)
            ]
            for framework, device in ways:
                both = [
                    turns[name, framework, device, size]
                    for name, size in zip((slow, fast), sizes, strict=True)
                ]
                values = stopwatch.ratios(*both)
                yield {
                    "slow": slow, "fast": fast, "framework": framework, "device": device, "at": at,
                    **_quartiles(values), "low": min(values), "high": max(values), "n": len(values),
                }  # fmt: skip


def _quartiles(values: Sequence[float]) -> dict[str, float]:
    if len(values) == 1:
        return dict.fromkeys(("median", "q1", "q3"), values[0])
    q1, median, q3 = statistics.quantiles(values, n=4, method="inclusive")
    return {"median": median, "q1": q1, "q3": q3}


def describe(found: Mapping[str, Any]) -> dict[str, Any]:
    """The machine: "processor", "cores", "usable_cores", "gpu" (None without one), "threads", "system", "versions"."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "usable_cores": usable,
        "gpu": found["gpu"],
        "threads": 1,
        "system": f"{platform.system()} {platform.machine()}",
        "versions": found["versions"],
    }


def processor(listing: Path = Path("/proc/cpuinfo")) -> str:
    """The processor's name, as far as the system tells it."""
    if listing.is_file():
        for line in listing.read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name" and value.strip():
                return value.strip()
    return platform.processor() or platform.machine() or "unknown"


def _load() -> float | None:
    """Processes that compete for the cores, mean of the last minute; None where the system does not tell."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None
