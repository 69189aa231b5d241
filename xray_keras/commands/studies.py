"""What else a trained run is asked: each verb takes a run's folder and writes its answer there."""

import argparse
from pathlib import Path
from typing import NamedTuple

from xray_keras import experiment
from xray_keras.commands.verb import Function, Verbs, folder, import_tensorflow, population
from xray_keras.errors import UserError

_RUNS = "runs/phantom-demo/sound"


class _Study(NamedTuple):
    name: str
    function: Function
    help_text: str
    example: str  # a run
    writes: str


def add(verbs: Verbs) -> None:
    """Add ood, explain, attack, quality, privacy, deidentify, shortcuts and speed."""
    verbs.group("Questions to a trained run")
    for study in _studies():
        verbs.add(
            study.name,
            study.function,
            study.help_text,
            f"{study.name} {_RUNS}/{study.example}",
            description=f"{study.help_text[0].upper()}{study.help_text[1:]}. {study.writes}",
        ).add_argument("run", type=folder, help="its folder")


def _studies() -> tuple[_Study, ...]:
    classifier, gan = "cohen2019/chexnet", "gan_notes/infogan_all"
    return (
        _Study(
            "ood",
            _ood,
            "score how unlike its training images others are",
            classifier,
            "Of the run's held-out images and of the foreign data sets beside it, by an ALI run's reconstruction or by "
            "detectors on a classifier's features. Writes ood.parquet (a row an image) and ood.json (cut-offs).",
        ),
        _Study(
            "explain",
            _explain,
            "explain predictions, scored where findings are outlined",
            classifier,
            "Saliency and class activation maps of held-out images. Writes explanations.parquet (a row an image, "
            "finding and method), explanations.json and explanation_examples.npz.",
        ),
        _Study(
            "attack",
            _attack,
            "change test images so that a classifier errs",
            classifier,
            "By the sign of the gradient, by projected gradient descent, and by noise of the same size. Writes "
            "attacks.parquet (how often it errs then, with intervals) and attacks.npz (examples).",
        ),
        _Study(
            "quality",
            _quality,
            "score how good a GAN's images are, over its epochs",
            gan,
            "Kernel and Fréchet distance, precision and recall beside test images of the same finding, and yardsticks. "
            "Writes quality.json. Needs ImageNet weights: `xray-keras weights`.",
        ),
        _Study(
            "privacy",
            _privacy,
            "ask whether a GAN's images give away whom it saw",
            gan,
            "By nearest neighbours, membership inference and re-identification, beside patients that it did not learn "
            "from. Writes privacy.json and neighbours.npz. `screen` asks less, of pictures of any generator.",
        ),
        _Study(
            "deidentify",
            _deidentify,
            "take the identity out of radiographs by a GAN",
            gan,
            "Test radiographs are replaced by their projection onto the GAN, mixed with it, or blurred; what that does "
            "to recognition and to diagnosis is measured. Writes deidentified.parquet and deidentified.npz.",
        ),
        _Study(
            "shortcuts",
            _shortcuts,
            "tell text pictures without reading any text",
            "zhao2019/student",
            "Classifiers that see size, shape, colours and storage alone are asked the test pictures of a network of "
            "regions. Writes shortcuts.json. Needs no TensorFlow.",
        ),
        _Study(
            "speed",
            _speed,
            "time the networks of zhao2019's Table I",
            "zhao2019/msp_net",
            "In Keras and in ONNX Runtime on one thread, as wide as the paper has them: about two minutes on an idle "
            "machine. Writes speed.json into the run's folder; its weights do not matter.",
        ),
    )


def _ood(arguments: argparse.Namespace) -> None:
    run = arguments.run
    others = experiment.other_population(experiment.read_settings(run))
    if others is None:
        raise UserError(f'{run / "config.json"} names no other data set (others); say others="ood" there')
    import_tensorflow()
    from xray_keras.evaluation import ood_scores

    ood_scores.write(run, population(run), run.parents[2] / others)


def _explain(arguments: argparse.Namespace) -> None:
    images = population(arguments.run)
    import_tensorflow()
    from xray_keras.evaluation import explain

    explain.write(arguments.run, images)


def _attack(arguments: argparse.Namespace) -> None:
    images = population(arguments.run)
    import_tensorflow()
    from xray_keras.evaluation import attacks

    attacks.write(arguments.run, images)


def _quality(arguments: argparse.Namespace) -> None:
    images = population(arguments.run)
    import_tensorflow()
    from xray_keras.evaluation import gan_quality

    gan_quality.write(arguments.run, images)


def _privacy(arguments: argparse.Namespace) -> None:
    run = arguments.run
    identity = experiment.used(run, experiment.read_settings(run), "identity")
    import_tensorflow()
    from xray_keras.evaluation import gan_privacy

    gan_privacy.write(run, population(run), identity)


def _deidentify(arguments: argparse.Namespace) -> None:
    run = arguments.run
    config = experiment.read_settings(run)
    identity, classifier = (experiment.used(run, config, role) for role in ("identity", "classifier"))
    import_tensorflow()
    from xray_keras.evaluation import deidentify

    deidentify.write(run, population(run), identity, classifier)


def _shortcuts(arguments: argparse.Namespace) -> None:
    from xray_keras.evaluation import shortcuts

    _check_reads_text(arguments.run)
    shortcuts.write(arguments.run, population(arguments.run))


def _check_reads_text(run: Path) -> None:
    trainer = experiment.read_settings(run)["trainer"]
    if trainer != "regions":
        raise UserError(f"{run} is no run of a text network but of {trainer}; name one of zhao2019")


def _speed(arguments: argparse.Namespace) -> None:
    from xray_keras.evaluation import speed

    experiment.read_settings(arguments.run)  # whether it is a run
    speed.write(arguments.run)
