"""What else a trained run is asked: each verb takes a run's folder and writes its answer there."""

import argparse
from pathlib import Path

from xray_keras import experiment, files
from xray_keras.commands.verb import Verbs, import_tensorflow, population
from xray_keras.errors import UserError

_CLASSIFIER = "runs/phantom-demo/sound/cohen2019/chexnet"
_GAN = "runs/phantom-demo/sound/gan_notes/infogan_all"
_TEXT = "runs/phantom-demo/sound/zhao2019/student"


def add(verbs: Verbs) -> None:
    """Add ood, explain, attack, quality, privacy, deidentify, shortcuts and speed."""
    for name, function, help_text, example in (
        (
            "ood",
            _ood,
            "score how unlike a run's training images others are, of its own and of other data sets",
            _CLASSIFIER,
        ),
        (
            "explain",
            _explain,
            "explain a run's predictions, and score that where findings are outlined",
            _CLASSIFIER,
        ),
        (
            "attack",
            _attack,
            "change a classifier's test images so that it errs, and count how often",
            _CLASSIFIER,
        ),
        ("quality", _quality, "score how good the images of a GAN run are, over its epochs", _GAN),
        (
            "privacy",
            _privacy,
            "ask whether the images of a GAN run give away whom it learned from",
            _GAN,
        ),
        (
            "deidentify",
            _deidentify,
            "take the identity out of test radiographs by a GAN run, and price it",
            _GAN,
        ),
        (
            "shortcuts",
            _shortcuts,
            "ask how well text pictures are told from others without reading any text",
            _TEXT,
        ),
        (
            "speed",
            _speed,
            "time the networks of zhao2019's Table I, in Keras and ONNX Runtime, as large as the paper has them",
            "runs/phantom-demo/sound/zhao2019/msp_net",
        ),
    ):
        verbs.add(name, function, help_text, f"{name} {example}").add_argument("run", type=Path)


def _ood(arguments: argparse.Namespace) -> None:
    run = arguments.run
    others = experiment.other_population(files.read_json(run / "config.json"))
    if others is None:
        raise UserError(f'{run / "config.json"} names no other data set (others); say others="ood" there')
    import_tensorflow()
    from xray_keras.evaluation import ood_scores

    ood_scores.write(run, population(run), run.parents[2] / others)


def _explain(arguments: argparse.Namespace) -> None:
    import_tensorflow()
    from xray_keras.evaluation import explain

    explain.write(arguments.run, population(arguments.run))


def _attack(arguments: argparse.Namespace) -> None:
    import_tensorflow()
    from xray_keras.evaluation import attacks

    attacks.write(arguments.run, population(arguments.run))


def _quality(arguments: argparse.Namespace) -> None:
    import_tensorflow()
    from xray_keras.evaluation import gan_quality

    gan_quality.write(arguments.run, population(arguments.run))


def _privacy(arguments: argparse.Namespace) -> None:
    run = arguments.run
    identity = experiment.used(run, files.read_json(run / "config.json"), "identity")
    import_tensorflow()
    from xray_keras.evaluation import gan_privacy

    gan_privacy.write(run, population(run), identity)


def _deidentify(arguments: argparse.Namespace) -> None:
    run = arguments.run
    config = files.read_json(run / "config.json")
    identity, classifier = (experiment.used(run, config, role) for role in ("identity", "classifier"))
    import_tensorflow()
    from xray_keras.evaluation import deidentify

    deidentify.write(run, population(run), identity, classifier)


def _shortcuts(arguments: argparse.Namespace) -> None:
    from xray_keras.evaluation import shortcuts

    shortcuts.write(arguments.run, population(arguments.run))


def _speed(arguments: argparse.Namespace) -> None:
    from xray_keras.evaluation import speed

    speed.write(arguments.run)
