"""From experiments and images to metrics: what make calls, one stage a verb."""

import argparse
import importlib
from pathlib import Path

from xray_keras import files
from xray_keras.commands.verb import Verbs, import_tensorflow, population

_RUN = "runs/phantom-demo/sound/ali2019/vgg16"


def add(verbs: Verbs) -> None:
    """Add plan, manifest, cache, train, predict and evaluate."""
    planned = verbs.add(
        "plan",
        _plan,
        "resolve experiments, write config.json files and a make fragment",
        "plan build/plan.mk --scale demo",
    )
    planned.add_argument("output", type=Path)
    planned.add_argument(
        "--data", type=_optional_path, help="folder with the official releases; default: the phantom"
    )
    planned.add_argument("--scale", default="demo", help="demo or paper")
    planned.add_argument("--variant", default="sound", help="sound (patients disjoint), paper, official")
    planned.add_argument("--precision", type=_optional_text, help="float32, mixed_bfloat16 or mixed_float16")
    planned.add_argument("--seed", type=int, default=0)
    planned.add_argument(
        "--missing", default="error", help="listed images that are not on disk: error or skip"
    )

    listed = verbs.add(
        "manifest", _manifest, "list the images of a population", "manifest runs/phantom-demo/nih-all"
    )
    listed.add_argument("population", type=Path)

    cached = verbs.add(
        "cache",
        _cache,
        "decode a population's images once",
        "cache runs/phantom-demo/nih-all --size 128",
    )
    cached.add_argument("population", type=Path)
    cached.add_argument("--size", type=int, required=True, help="side in pixels")
    cached.add_argument("--skip-unreadable", action="store_true", help="leave unreadable images out, counted")

    trained = verbs.add(
        "train", _train, "train a run, or go on with an interrupted one", f"train {_RUN} --predict"
    )
    trained.add_argument("run", type=Path)
    trained.add_argument("--predict", action="store_true", help="predict as well, in the same process")

    predicted = verbs.add(
        "predict", _predict, "predict a trained run's validation and test images", f"predict {_RUN}"
    )
    predicted.add_argument("run", type=Path)

    evaluated = verbs.add(
        "evaluate",
        _evaluate,
        "compute a run's metrics and intervals from its predictions",
        f"evaluate {_RUN}",
    )
    evaluated.add_argument("run", type=Path)


def _optional_text(text: str) -> str | None:
    return text or None


def _optional_path(text: str) -> Path | None:
    return Path(text) if text else None


def _plan(arguments: argparse.Namespace) -> None:
    from xray_keras import plan

    plan.write(
        Path.cwd(),
        arguments.output,
        data=arguments.data,
        scale=arguments.scale,
        variant=arguments.variant,
        precision=arguments.precision,
        missing=arguments.missing,
        seed=arguments.seed,
    )


def _manifest(arguments: argparse.Namespace) -> None:
    from xray_keras.datasets import manifest, populations
    from xray_keras.reporting import data

    frame, summary = populations.build(files.read_json(arguments.population / "population.json"))
    print(data.describe(summary))
    files.write_json(arguments.population / "summary.json", summary)
    manifest.write(frame, arguments.population / "manifest.csv")


def _cache(arguments: argparse.Namespace) -> None:
    from xray_keras.datasets import cache, manifest, populations

    folder = arguments.population
    source = populations.source(files.read_json(folder / "population.json"))
    frame = manifest.read(folder / "manifest.csv")
    cache.build(frame, source, arguments.size, folder, skip_unreadable=arguments.skip_unreadable)


def _train(arguments: argparse.Namespace) -> None:
    config = files.read_json(arguments.run / "config.json")
    import_tensorflow()
    trainer = importlib.import_module(f"xray_keras.training.{config['trainer']}")
    trainer.train(arguments.run, population(arguments.run))
    if arguments.predict and config["labels"]:
        _predict(arguments)


def _predict(arguments: argparse.Namespace) -> None:
    config = files.read_json(arguments.run / "config.json")
    import_tensorflow()
    from xray_keras.evaluation import predict, predict_regions

    predicted = predict_regions if config["trainer"] == "regions" else predict
    predicted.predict(arguments.run, population(arguments.run))


def _evaluate(arguments: argparse.Namespace) -> None:
    from xray_keras.evaluation import calibration, evaluate, predictions

    frame = predictions.read(arguments.run / "predictions.parquet")
    calibration.write(arguments.run, frame)
    files.write_json(arguments.run / "metrics.json", evaluate.evaluate(frame))
