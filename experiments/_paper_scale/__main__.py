"""`make paper-scale`: measure warm steps at the paper's sizes and write reports/paper_scale.md; tens of minutes.

python -m experiments._paper_scale [--render]: with --render the page is written anew from the numbers of the last time.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd

from xray_keras.commands.verb import import_tensorflow

ROOT = Path(__file__).parents[2]
OUTPUT = ROOT / "reports" / "paper_scale"
POINTS = (  # experiment, pixels, images a step: its own, and of the first others, to see how cost grows
    ("ali2019/baseline_effusion", 128, 128),
    ("ali2019/baseline_effusion", 64, 128),
    ("ali2019/baseline_effusion", 192, 128),
    ("ali2019/baseline_effusion", 128, 256),
    ("ali2019/baseline_hernia", 128, 512),
    ("ali2019/infogan_effusion", 128, 64),
    ("ali2019/vgg16", 224, 32),
    ("ali2019/inception_v3", 299, 32),
    ("minaee2020/resnet18", 224, 20),
    ("minaee2020/resnet50", 224, 20),
    ("minaee2020/squeezenet", 224, 20),
    ("minaee2020/densenet121", 224, 20),
    ("cohen2019/chexnet", 224, 16),
    ("cohen2019/last_layer", 224, 16),
    ("cohen2019/ali", 64, 100),
    ("zhao2019/teacher", 256, 1),
    ("zhao2019/student_hard", 256, 1),
    ("zhao2019/msp_net", 500, 1),
    ("gan_notes/classifiers_all", 128, 32),
    ("gan_notes/identity", 128, 64),
)
_THREADS = dict.fromkeys(("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"), "1")


def main(words: list[str]) -> int:
    """Measure, unless only to render, and write the page; a point that fails leaves the others."""
    csv = OUTPUT.with_suffix(".csv")
    if "--render" not in words:
        rows = []
        for point in POINTS:
            if found := _measured(*point):
                rows.append(dict(zip(("experiment", "size", "batch"), point, strict=True)) | found)
                print(rows[-1], flush=True)
                csv.parent.mkdir(exist_ok=True)
                pd.DataFrame(rows).to_csv(csv, index=False, lineterminator="\n")
    import_tensorflow()
    from experiments._paper_scale import page  # imports TensorFlow, whose greeting is silenced before

    print(*page.write(pd.read_csv(csv), OUTPUT))
    return 0


def _measured(name: str, size: int, batch: int) -> dict[str, float] | None:
    command = [
        sys.executable,
        "-m",
        "experiments._paper_scale.measure",
        name,
        str(size),
        str(batch),
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
