"""From experiments and images to metrics: what make calls, one stage a verb."""

import argparse
from pathlib import Path

from xray_keras import experiment, files
from xray_keras.commands import training
from xray_keras.commands.verb import (
    Verbs,
    add_json,
    folder,
    import_tensorflow,
    print_json,
    suggest,
)

_RUN = "runs/phantom-demo/sound/ali2019/vgg16"
_POPULATION = "runs/phantom-demo/nih-all-2400"
_PLAN = """
Reads experiments/ of the checkout and writes what make works from: runs/<data>-<scale>/<variant>/<paper>/<row>/
config.json for every run, population.json for every set of images, and OUTPUT, a makefile that says which table
and figure needs which run. Files change only where their content does. make calls this by itself; DATA=, SCALE=
and so on of `make help` are these options.
"""
_TRAIN = """
Reads RUN/config.json and the image cache, writes model.keras, history.csv (a row an epoch) and environment.json
(versions, seeds, time). Weights of the last completed epoch are kept: after Ctrl-C or a crash the same command
goes on and ends with the same numbers. A run that was trained with these settings on these images is left as it
is.

Of several runs, those that tell one finding each of the same images, in the same order and batches, are trained
in one pass over them, and end with the numbers that each would have alone; the others follow one by one.

XRAY_KERAS_TENSORBOARD=1 writes what history.csv says for TensorBoard as well, in RUN/tensorboard, epoch by
epoch: tensorboard --logdir RUN. XRAY_KERAS_DETERMINISTIC=1 makes a GPU repeat its numbers. XRAY_KERAS_DEVICES=2
spreads supervised training over two GPUs of the machine; it determines numbers, and environment.json names it.
"""
_PREDICT = """
Reads model.keras and the image cache of a run, writes predictions.parquet: columns image, patient, split, and
y_<label> (0 or 1) and p_<label> (probability) for each label. Tables, figures and metrics are made from this
file alone; `xray-keras score` takes one of any framework.
"""
_EVALUATE = """
Reads RUN/predictions.parquet, writes metrics.json: AUC, average precision, and at three thresholds (chosen on
the validation images) accuracy, recall, precision, F1 and specificity, each with a 95 % interval of bootstrap
resamples of patients. Writes operating_points.json, which `examine` scales probabilities by. Needs no
TensorFlow.
"""
_METRICS = (
    '"labels", label → "auc", "average_precision" and "operating_points", each number with "value" and "interval"; '
    '"mean" of them; "test" and "validation" sizes; what metrics.json holds'
)


def add(verbs: Verbs) -> None:
    """Add plan, manifest, cache, train, predict and evaluate."""
    verbs.group("A run, stage by stage; make calls these in their order")
    _add_plan(verbs)
    listed = verbs.add(
        "manifest",
        _manifest,
        "list the images of a population",
        f"manifest {_POPULATION}",
        description="Reads population.json of a set of images, writes manifest.csv (a row an image: patient, view, "
        "findings) and summary.json (counts, origin, what is missing).",
    )
    cached = verbs.add(
        "cache",
        _cache,
        "decode a population's images once",
        f"cache {_POPULATION} --size 64",
        description="Reads manifest.csv of a set of images, writes them as one array of gray pictures at a size. What "
        "is decoded is kept: the same command goes on where it was stopped.",
        stopped="the same command goes on after the last decoded image",
    )
    for verb in (listed, cached):
        verb.add_argument("population", type=folder, help="its folder, as `plan` writes it")
    cached.add_argument("--size", type=int, required=True, help="side in pixels")
    cached.add_argument("--skip-unreadable", action="store_true", help="leave unreadable images out, counted")

    trained = verbs.add(
        "train",
        _train,
        "train a run, or go on with an interrupted one",
        f"train {_RUN} --predict",
        description=_TRAIN,
        stopped="the same command goes on after the last completed epoch",
    )
    predicted = verbs.add(
        "predict",
        _predict,
        "predict a trained run's validation and test images",
        f"predict {_RUN}",
        description=_PREDICT,
    )
    evaluated = verbs.add(
        "evaluate",
        _evaluate,
        "compute a run's metrics and intervals",
        f"evaluate {_RUN}\nevaluate {_RUN} --json",
        description=_EVALUATE,
    )
    trained.add_argument("runs", metavar="RUN", type=folder, nargs="+", help="its folder, or several")
    for verb in (predicted, evaluated):
        verb.add_argument("run", type=folder, help="its folder")
    trained.add_argument("--predict", action="store_true", help="predict as well, in the same process")
    add_json(evaluated, _METRICS)


def _add_plan(verbs: Verbs) -> None:
    planned = verbs.add(
        "plan",
        _plan,
        "write config.json of every run, and what make needs",
        "plan build/plan.mk --scale demo",
        description=_PLAN,
    )
    planned.add_argument("output", type=Path, help="the makefile to write")
    planned.add_argument(
        "--data", type=_optional_folder, help="folder with the official releases; default: computed images"
    )
    scale = planned.add_argument("--scale", default="demo", help="demo or paper; default: demo")
    variant = planned.add_argument(
        "--variant",
        default="sound",
        help="sound (patients disjoint), paper, official, and what an experiment has besides; default: sound",
    )
    precision = planned.add_argument(
        "--precision",
        type=_optional_text,
        help=f"{', '.join(experiment.PRECISIONS)}; default: each run's own",
    )
    planned.add_argument("--seed", type=int, default=0, help="default: 0")
    planned.add_argument(
        "--together",
        type=_count,
        default=1,
        help="most networks that one process trains in one pass over their images; default: 1",
    )
    missing = planned.add_argument(
        "--missing", default="error", help="listed images that are not on disk: error or skip; default: error"
    )
    suggest(scale, lambda: experiment.SCALES)
    suggest(variant, lambda: ("sound", "paper", "official", "code", "printed"))
    suggest(precision, lambda: experiment.PRECISIONS)
    suggest(missing, lambda: ("error", "skip"))


def _optional_text(text: str) -> str | None:
    return text or None


def _optional_folder(text: str) -> Path | None:
    return Path(text) if text else None


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)


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
        together=arguments.together,
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

    source = populations.source(files.read_json(arguments.population / "population.json"))
    frame = manifest.read(arguments.population / "manifest.csv")
    cache.build(
        frame, source, arguments.size, arguments.population, skip_unreadable=arguments.skip_unreadable
    )


def _train(arguments: argparse.Namespace) -> None:
    training.train(arguments.runs, predicting=arguments.predict)


def _predict(arguments: argparse.Namespace) -> None:
    config = experiment.read_settings(arguments.run)
    import_tensorflow()
    training.predict(arguments.run, config)


def _evaluate(arguments: argparse.Namespace) -> None:
    from xray_keras.evaluation import calibration, evaluate, predictions

    frame = predictions.read(arguments.run / "predictions.parquet")
    found = evaluate.evaluate(frame)
    calibration.write(arguments.run, frame)
    files.write_json(arguments.run / "metrics.json", found)
    if arguments.json:
        print_json(found)
