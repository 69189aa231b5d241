"""The command line: every stage of the data's way is a verb. Heavy imports happen inside the verbs."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import xray_keras
from xray_keras import experiment, files
from xray_keras.errors import UserError

Verb = Callable[[argparse.Namespace], int | None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; return the exit status: 0, 1 (an audited table is impossible), 2 (user error), 130 (Ctrl-C)."""
    parsed = _parser().parse_args(arguments)
    try:
        return parsed.verb(parsed) or 0
    except UserError as error:
        print(f"xray-keras: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        place = error.filename or "a file"
        print(f"xray-keras: {files.write_error(place, error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            "\nxray-keras: stopped; the same command goes on after the last completed epoch", file=sys.stderr
        )
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="xray-keras",
        description="Chest X-ray papers reproduced: tables and figures from data, models and predictions.",
        epilog="Most people want `make help` instead. Not for diagnosis.",
    )
    parser.add_argument("--version", action="version", version=f"xray_keras {xray_keras.__version__}")
    verbs = parser.add_subparsers(title="verbs", required=True, metavar="VERB")

    def verb(name: str, function: Verb, help_text: str, example: str) -> argparse.ArgumentParser:
        added = verbs.add_parser(
            name, help=help_text, description=help_text, epilog=f"example: xray-keras {example}"
        )
        added.set_defaults(verb=function)
        return added

    plan = verb("plan", _plan, "resolve experiments, write config.json files and a make fragment",
                "plan build/plan.mk --scale demo")  # fmt: skip
    plan.add_argument("output", type=Path)
    plan.add_argument(
        "--data", type=_optional_path, help="folder with the official releases; default: the phantom"
    )
    plan.add_argument("--scale", default="demo", help="demo or paper")
    plan.add_argument("--variant", default="sound", help="sound (patients disjoint), paper, official")
    plan.add_argument("--precision", type=_optional_text, help="float32, mixed_bfloat16 or mixed_float16")
    plan.add_argument("--seed", type=int, default=0)
    plan.add_argument("--missing", default="error", help="listed images that are not on disk: error or skip")

    manifest = verb(
        "manifest", _manifest, "list the images of a population", "manifest runs/phantom-demo/nih-all"
    )
    manifest.add_argument("population", type=Path)

    cache = verb(
        "cache", _cache, "decode a population's images once", "cache runs/phantom-demo/nih-all --size 128"
    )
    cache.add_argument("population", type=Path)
    cache.add_argument("--size", type=int, required=True, help="side in pixels")
    cache.add_argument("--skip-unreadable", action="store_true", help="leave unreadable images out, counted")

    for name, function, help_text in (
        ("train", _train, "train a run, or go on with an interrupted one"),
        ("predict", _predict, "predict a trained run's validation and test images"),
        ("evaluate", _evaluate, "compute a run's metrics and intervals from its predictions"),
    ):
        added = verb(name, function, help_text, f"{name} runs/phantom-demo/sound/ali2019/vgg16")
        added.add_argument("run", type=Path)
        if name == "train":
            added.add_argument("--predict", action="store_true", help="predict as well, in the same process")

    for name, function, help_text in (
        (
            "ood",
            _ood,
            "score a run's held-out images and those of other data sets: how unlike training are they",
        ),
        (
            "explain",
            _explain,
            "explain a run's predictions, and score the explanations where findings are outlined",
        ),
    ):
        added = verb(name, function, help_text, f"{name} runs/phantom-demo/sound/cohen2019/chexnet")
        added.add_argument("run", type=Path)

    for name in ("table", "figure"):
        shown = verb(name, _render, f"render a paper's {name} from runs",
                     f"{name} ali2019/{name}2 -o reports/phantom/ali2019/{name}2 RUN…")  # fmt: skip
        shown.add_argument("artefact", help="<paper>/<name>")
        shown.add_argument("runs", nargs="+", type=Path, metavar="RUN")
        shown.add_argument("-o", "--output", type=Path, required=True, help="without suffix")

    score = verb("score", _score, "render a paper's table from anyone's predictions (CSV or parquet)",
                 "score predictions.csv --paper ali2019 --table table2")  # fmt: skip
    score.add_argument("predictions", type=Path, help="columns image, patient, split, y_<label>, p_<label>")
    score.add_argument("--paper", required=True)
    score.add_argument("--table", required=True)
    score.add_argument(
        "--row", help="printed row to stand beside, e.g. PretrainedVGG16; default: all of them"
    )
    score.add_argument("-o", "--output", type=Path, help="without suffix; default: beside the predictions")

    audit = verb("audit", _audit, "check printed numbers: of the papers, or of any table (CSV, one row a model)",
                 "audit table.csv --n 10352")  # fmt: skip
    audit.add_argument(
        "table", type=Path, nargs="?", help="columns by name; default: every paper of the suite"
    )
    audit.add_argument("--n", type=int, help="test cases, where no column says it")
    audit.add_argument("--positives", type=int, help="positive cases, where no column says it")
    audit.add_argument("--printing", default="either", help="rounded, truncated, or either")
    audit.add_argument(
        "-o", "--output", type=Path, default=Path("reports/audit"), help="folder of the papers' pages"
    )

    verb("readme", _readme, "copy the results of reports/ into README.md", "readme")

    weights = verb("weights", _weights, "list, fetch and verify ImageNet weights", "weights --fetch vgg16")
    weights.add_argument(
        "--fetch", metavar="ARCHITECTURE", nargs="+", help="fetch and verify; all for every one"
    )
    weights.add_argument(
        "--photographs", type=Path, help="folder of ImageNet photographs to measure top-1 on"
    )
    return parser


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


def _population(run: Path) -> Path:
    """Runs live in <base>/<variant>/<paper>/<row>, populations in <base>."""
    return run.parents[2] / experiment.population(files.read_json(run / "config.json"))


def _import_tensorflow() -> None:
    """Import TensorFlow without its greeting, a page of hints that no environment variable silences."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    kept = os.dup(2)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            import tensorflow  # noqa: F401
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def _train(arguments: argparse.Namespace) -> None:
    config = files.read_json(arguments.run / "config.json")
    _import_tensorflow()
    import importlib

    trainer = importlib.import_module(f"xray_keras.training.{config['trainer']}")
    trainer.train(arguments.run, _population(arguments.run))
    if arguments.predict and config["labels"]:
        _predict(arguments)


def _predict(arguments: argparse.Namespace) -> None:
    _import_tensorflow()
    from xray_keras.evaluation import predict

    predict.predict(arguments.run, _population(arguments.run))


def _evaluate(arguments: argparse.Namespace) -> None:
    from xray_keras.evaluation import calibration, evaluate, predictions

    frame = predictions.read(arguments.run / "predictions.parquet")
    calibration.write(arguments.run, frame)
    files.write_json(arguments.run / "metrics.json", evaluate.evaluate(frame))


def _ood(arguments: argparse.Namespace) -> None:
    run = arguments.run
    others = experiment.other_population(files.read_json(run / "config.json"))
    if others is None:
        raise UserError(f'{run / "config.json"} names no other data set (others); say others="ood" there')
    _import_tensorflow()
    from xray_keras.evaluation import ood_scores

    ood_scores.write(run, _population(run), run.parents[2] / others)


def _explain(arguments: argparse.Namespace) -> None:
    _import_tensorflow()
    from xray_keras.evaluation import explain

    explain.write(arguments.run, _population(arguments.run))


def _render(arguments: argparse.Namespace) -> None:
    import importlib

    from xray_keras.reporting import runs

    paper, _, artefact = arguments.artefact.partition("/")
    try:
        render = getattr(importlib.import_module(f"xray_keras.reporting.{paper}"), artefact)
    except (ModuleNotFoundError, AttributeError):
        raise UserError(f"there is no artefact {arguments.artefact!r}; `make help` lists them") from None
    render([runs.read(folder) for folder in arguments.runs], arguments.output)


def _score(arguments: argparse.Namespace) -> None:
    from xray_keras.reporting import score

    score.score(arguments.predictions, arguments.paper, arguments.table, arguments.row, arguments.output)


def _audit(arguments: argparse.Namespace) -> int:
    from xray_keras.reporting import audit

    if arguments.table is None:
        print(audit.summary(audit.write(Path.cwd(), arguments.output)))
        print(f"{arguments.output / 'index.html'} says what holds, what fails and why")
        return 0
    from xray_keras.audit import table

    found = table.audit(arguments.table, arguments.n, arguments.positives, arguments.printing)
    print(audit.describe(found))
    return 0 if found.possible else 1


def _readme(arguments: argparse.Namespace) -> None:
    from xray_keras.reporting import readme

    readme.fill(Path("README.md"), Path("reports"))


def _weights(arguments: argparse.Namespace) -> None:
    _import_tensorflow()
    from xray_keras.models import weight_check

    weight_check.command(arguments.fetch, arguments.photographs)
