"""`make paper-scale`: measure warm steps at the paper's sizes and write reports/paper_scale.md; tens of minutes.

python -m experiments._paper_scale [--render]: with --render the page is written anew from the numbers of the last time.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd

from experiments._paper_scale import page

ROOT = Path(__file__).parents[2]
OUTPUT = ROOT / "reports" / "paper_scale"
POINTS = (  # experiment, pixels, images a step, steps
    ("ali2019/baseline_effusion", 128, 128, 1),
    ("ali2019/baseline_effusion", 64, 128, 1),
    ("ali2019/baseline_effusion", 192, 128, 1),
    ("ali2019/infogan_effusion", 128, 64, 1),
    ("ali2019/vgg16", 224, 32, 1),
    ("ali2019/baseline_effusion", 128, 128, 2),
    ("ali2019/baseline_effusion", 128, 256, 1),
    ("cohen2019/chexnet", 224, 16, 1),
    ("ali2019/baseline_hernia", 128, 512, 1),
    ("ali2019/inception_v3", 299, 32, 1),
    ("cohen2019/ali", 64, 100, 1),
)
_THREADS = dict.fromkeys(("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"), "1")


def main(words: list[str]) -> int:
    """Measure, unless only to render, and write the page; a point that fails leaves the others."""
    csv = OUTPUT.with_suffix(".csv")
    if "--render" not in words:
        rows = []
        for point in POINTS:
            if found := _measured(*point):
                rows.append(dict(zip(("experiment", "size", "batch", "steps"), point, strict=True)) | found)
                print(rows[-1], flush=True)
                csv.parent.mkdir(exist_ok=True)
                pd.DataFrame(rows).to_csv(csv, index=False, lineterminator="\n")
    print(*page.write(pd.read_csv(csv), OUTPUT))
    return 0


def _measured(name: str, size: int, batch: int, steps: int) -> dict[str, float] | None:
    command = [
        sys.executable,
        "-m",
        "experiments._paper_scale.measure",
        name,
        *map(str, (size, batch, steps)),
    ]
    environment = os.environ | _THREADS | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if ended.returncode:
        print(
            f"{name} at {size} pixels could not be measured: {ended.stderr.strip()[-300:]}", file=sys.stderr
        )
        return None
    found: dict[str, float] = json.loads(ended.stdout.splitlines()[-1])
    return {key: round(value, 3) for key, value in found.items()} | {"load": round(os.getloadavg()[0], 1)}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
