"""What each verb of the command line does. Heavy imports happen inside, so that the others start at once."""

import argparse
import importlib
import os
import sys
from pathlib import Path

from xray_keras import experiment, files
from xray_keras.errors import UserError


def plan(arguments: argparse.Namespace) -> None:
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


def manifest(arguments: argparse.Namespace) -> None:
    from xray_keras.datasets import manifest, populations
    from xray_keras.reporting import data

    frame, summary = populations.build(files.read_json(arguments.population / "population.json"))
    print(data.describe(summary))
    files.write_json(arguments.population / "summary.json", summary)
    manifest.write(frame, arguments.population / "manifest.csv")


def cache(arguments: argparse.Namespace) -> None:
    from xray_keras.datasets import cache, manifest, populations

    folder = arguments.population
    source = populations.source(files.read_json(folder / "population.json"))
    frame = manifest.read(folder / "manifest.csv")
    cache.build(frame, source, arguments.size, folder, skip_unreadable=arguments.skip_unreadable)


def _population(run: Path) -> Path:
    return experiment.population_folder(run, files.read_json(run / "config.json"))


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


def train(arguments: argparse.Namespace) -> None:
    config = files.read_json(arguments.run / "config.json")
    _import_tensorflow()
    trainer = importlib.import_module(f"xray_keras.training.{config['trainer']}")
    trainer.train(arguments.run, _population(arguments.run))
    if arguments.predict and config["labels"]:
        predict(arguments)


def predict(arguments: argparse.Namespace) -> None:
    _import_tensorflow()
    from xray_keras.evaluation import predict

    predict.predict(arguments.run, _population(arguments.run))


def evaluate(arguments: argparse.Namespace) -> None:
    from xray_keras.evaluation import calibration, evaluate, predictions

    frame = predictions.read(arguments.run / "predictions.parquet")
    calibration.write(arguments.run, frame)
    files.write_json(arguments.run / "metrics.json", evaluate.evaluate(frame))


def ood(arguments: argparse.Namespace) -> None:
    run = arguments.run
    others = experiment.other_population(files.read_json(run / "config.json"))
    if others is None:
        raise UserError(f'{run / "config.json"} names no other data set (others); say others="ood" there')
    _import_tensorflow()
    from xray_keras.evaluation import ood_scores

    ood_scores.write(run, _population(run), run.parents[2] / others)


def explain(arguments: argparse.Namespace) -> None:
    _import_tensorflow()
    from xray_keras.evaluation import explain

    explain.write(arguments.run, _population(arguments.run))


def attack(arguments: argparse.Namespace) -> None:
    _import_tensorflow()
    from xray_keras.evaluation import attacks

    attacks.write(arguments.run, _population(arguments.run))


def quality(arguments: argparse.Namespace) -> None:
    _import_tensorflow()
    from xray_keras.evaluation import gan_quality

    gan_quality.write(arguments.run, _population(arguments.run))


def privacy(arguments: argparse.Namespace) -> None:
    run = arguments.run
    config = files.read_json(run / "config.json")
    identity = experiment.used(run, config, "identity")
    _import_tensorflow()
    from xray_keras.evaluation import gan_privacy

    gan_privacy.write(run, _population(run), identity)


def deidentify(arguments: argparse.Namespace) -> None:
    run = arguments.run
    config = files.read_json(run / "config.json")
    identity, classifier = (experiment.used(run, config, role) for role in ("identity", "classifier"))
    _import_tensorflow()
    from xray_keras.evaluation import deidentify

    deidentify.write(run, _population(run), identity, classifier)


def render(arguments: argparse.Namespace) -> None:
    from xray_keras.reporting import runs

    paper, _, artefact = arguments.artefact.partition("/")
    try:
        render = getattr(importlib.import_module(f"xray_keras.reporting.{paper}"), artefact)
    except (ModuleNotFoundError, AttributeError):
        raise UserError(f"there is no artefact {arguments.artefact!r}; `make help` lists them") from None
    # Make names a run as often as the artefact needs a file of it.
    render([runs.read(folder) for folder in dict.fromkeys(arguments.runs)], arguments.output)


def score(arguments: argparse.Namespace) -> None:
    from xray_keras.reporting import score

    score.score(arguments.predictions, arguments.paper, arguments.table, arguments.row, arguments.output)


def audit(arguments: argparse.Namespace) -> int:
    from xray_keras.reporting import audit

    if arguments.table is None:
        print(audit.summary(audit.write(Path.cwd(), arguments.output)))
        print(f"{arguments.output / 'index.html'} says what holds, what fails and why")
        return 0
    from xray_keras.audit import table

    found = table.audit(arguments.table, arguments.n, arguments.positives, arguments.printing)
    print(audit.describe(found))
    return 0 if found.possible else 1


def examine(arguments: argparse.Namespace) -> int:
    _import_tensorflow()
    from xray_keras.evaluation import examine

    return examine.command(
        arguments.images,
        arguments.classifier,
        arguments.gate,
        arguments.output,
        show_refused=arguments.show_refused,
    )


def export(arguments: argparse.Namespace) -> None:
    _import_tensorflow()
    from xray_keras.export import onnx_files

    onnx_files.command(arguments.model, arguments.output, half=arguments.half)


def page(arguments: argparse.Namespace) -> None:
    _import_tensorflow()
    from xray_keras.export import page

    page.command(arguments.classifier, arguments.gate, arguments.output, half=arguments.half)


def serve(arguments: argparse.Namespace) -> None:
    from xray_keras import serve

    serve.serve(arguments.folder, arguments.port, arguments.host)


def browse(arguments: argparse.Namespace) -> None:
    _import_tensorflow()
    from xray_keras.export import browse

    browse.command(arguments.classifier, arguments.gate, arguments.images, half=arguments.half)


def import_weights(arguments: argparse.Namespace) -> None:
    _import_tensorflow()
    from xray_keras.export import import_weights

    import_weights.command(
        arguments.source,
        arguments.output,
        kind=arguments.kind,
        labels=arguments.labels,
        preprocessing=arguments.preprocessing,
        training_list=arguments.training_list,
        licence=arguments.licence,
    )


def leaks(arguments: argparse.Namespace) -> int:
    from xray_keras.evaluation import leaks

    found = leaks.check(arguments.training, arguments.test)
    print(leaks.describe(found))
    return 1 if found.exposed_images else 0


def screen(arguments: argparse.Namespace) -> int:
    from xray_keras.evaluation import screening

    return screening.command(
        arguments.generated,
        arguments.against,
        arguments.held_out,
        arguments.output,
        arguments.kept,
        arguments.patients,
        arguments.error_rate,
    )


def readme(arguments: argparse.Namespace) -> None:
    from xray_keras.reporting import readme

    readme.fill(Path("README.md"), Path("reports"))


def weights(arguments: argparse.Namespace) -> None:
    _import_tensorflow()
    from xray_keras.models import weight_check

    weight_check.command(arguments.fetch, arguments.photographs)
