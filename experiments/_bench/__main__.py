"""`make bench`: measure every stage, or those named, and write reports/bench.md.

python -m experiments._bench [stage …]
"""

import importlib
import os
import sys
import tempfile
from pathlib import Path

from experiments._bench import page
from experiments._bench.lines import measure
from xray_keras.commands.verb import import_tensorflow

STAGES = {
    "decoding": "Images from files",
    "reading": "Images from the cache",
    "drawing": "Images computed",
    "networks": "Networks",
    "together": "Networks in one pass",
    "numbers": "Numbers and tables",
    "starting": "Starting",
}


def main(names: list[str]) -> int:
    """Measure the stages of the given modules, all by default; all alone write the page."""
    if unknown := sorted(set(names) - set(STAGES)):
        print(f"there is no stage {unknown[0]}; choose of {', '.join(STAGES)}", file=sys.stderr)
        return 2
    import_tensorflow()
    measured: dict[str, page.Measured] = {}
    for name, title in STAGES.items():
        if names and name not in names:
            continue
        print(f"{title}:", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            rows = []
            for line in importlib.import_module(f"experiments._bench.{name}").lines(Path(folder)):
                rows.append((line, measure(line)))
                for contender in rows[-1][1]:
                    print(
                        f"  {line.task}: {contender.name}: {contender.wall:.4g} s, × {contender.ratio:.3g}",
                        flush=True,
                    )
        measured[title] = rows
    if not names:
        print(*page.write(measured, _machine(), Path("reports/bench")))
    return 0


def _machine() -> list[str]:
    from xray_keras.training import environment  # imports TensorFlow, whose greeting is silenced before

    versions = ", ".join(f"{name} {version}" for name, version in environment.versions().items())
    threads = os.environ.get(environment.THREADS, "all")
    load = os.getloadavg()[0]
    return [
        f"{os.cpu_count()} processors, {threads} of them to a network, networks on {environment.device()}; "
        f"{versions}. Load of the last minute at the end: {load:.1f}. Networks are of demo size with random weights."
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
