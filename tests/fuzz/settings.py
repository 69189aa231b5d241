"""Readers of what people and runs write down: printed facts in YAML, a run's settings in JSON."""

import json
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from tests.fuzz.reader import Files, Outside, Reader


def _facts() -> list[Files]:
    folder = resources.files("xray_keras.papers")
    shortest = min(
        (each for each in folder.iterdir() if each.name.endswith(".yaml") and each.name != "schema.yaml"),
        key=lambda each: len(each.read_bytes()),
    )
    return [{"a.yaml": shortest.read_bytes()}]


def _hostile_yaml(outside: Outside) -> Mapping[str, Files]:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    run = f"!!python/object/apply:os.mkdir ['{outside.canary}']"
    return {
        "a tag that runs": {"a.yaml": run.encode()},
        "a tag that runs within": {"a.yaml": f"paper: {run}".encode()},
        "a tag of an object": {"a.yaml": b"!!python/object:os.system {}"},
        "a billion laughs": {"a.yaml": "\n".join(lines).encode()},
        "depth": {"a.yaml": b"[" * 50_000},
    }


def _read_facts(path: Path) -> None:
    from xray_keras.papers import loader

    loader.read(path)


def _settings() -> list[Files]:
    config = {
        "dataset": "nih",
        "images": "all",
        "max_images": None,
        "labels": ["Mass"],
        "uses": {},
        "size": 64,
    }
    points = {"criterion": "TPR - FPR", "labels": {"Mass": {"value": 0.4, "reason": None}}}
    environment = {"versions": {"keras": "3.15"}, "seed": 0}
    return [
        {
            "runs/base/sound/ali2019/row/config.json": json.dumps(config).encode(),
            "runs/base/sound/ali2019/row/operating_points.json": json.dumps(points).encode(),
            "runs/base/sound/ali2019/row/card.json": json.dumps(environment).encode(),
            "runs/base/sound/ali2019/row/environment.json": json.dumps(environment).encode(),
            "runs/base/nih-all/summary.json": json.dumps({"origin": "phantom"}).encode(),
            "runs/base/sound/ali2019/row/history.csv": b"epoch,loss,val_loss,val_auc\n1,0.5,0.6,0.7\n2,0.4,0.5,0.8\n",
        }
    ]


def _climbing_settings(outside: Outside) -> Mapping[str, Files]:
    (sound,) = _settings()
    first = next(iter(sound))
    changed = [
        {"dataset": "../secret.bin"},
        {"uses": {"teacher": {"row": "../../secret"}}},
        {"images": "/etc"},
    ]
    config = json.loads(sound[first])
    return {
        f"{change} leads out": {**sound, first: json.dumps({**config, **change}).encode()}
        for change in changed
    } | {"depth": {**sound, first: b"[" * 100_000}}


def _read_settings(path: Path) -> None:
    from xray_keras.evaluation import calibration
    from xray_keras.reporting import runs

    found = runs.read(path.parent)
    calibration.read(path.parent)
    _ = found.history


READERS = (
    Reader("facts", _facts, _read_facts, ("papers.loader",), _hostile_yaml),
    Reader("settings", _settings, _read_settings, ("files", "reporting.runs"), _climbing_settings),
)
